# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two v1 sites in memory, with what works in them: site controller, service controller, routers.

They act before each request is answered, as skupperproject/skupper 1.9.6 does (cmd/site-controller,
cmd/service-controller). How the lab's doubles, which really connect, behave is tested in tests/integration/skupper.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import FIELD_MANAGER, Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import ObjectRef
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from ansible_collections.multicluster.interconnect.plugins.modules.skupper_token import SPEC
from tests.unit.apply.fake_cluster import FakeCluster, Object
from tests.unit.skupper.v1.authority import PEM, Authority, encoded, now

NAMESPACE = "boutique"
LINK = "us-philly-to-ca-central"
TYPE = "skupper.io/type"

PARAMS: dict[str, Any] = {
    **{option: spec.get("default") for option, spec in SPEC.argument_spec.items()},
    "version": "v1",
    "name": LINK,
    "namespace": NAMESPACE,
    "issuer": {"context": "ca-central"},
    "kubeconfig": "/etc/kubeconfig",
    "context": "us-philly",
    "wait_timeout": 0,
    "wait_sleep": 0.001,
}


def secret_ref(name: str = LINK) -> ObjectRef:
    return ObjectRef("v1", "Secret", name, NAMESPACE)


def config_map_ref(name: str) -> ObjectRef:
    return ObjectRef("v1", "ConfigMap", name, NAMESPACE)


def made(ref: ObjectRef, **fields: Any) -> Object:
    metadata = {"name": ref.name, "namespace": ref.namespace, **fields.pop("metadata", {})}
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata, **fields}


class SiteCluster(FakeCluster):
    """A cluster with one site."""

    def __init__(self, world: World, name: str, host: str) -> None:
        super().__init__(server=f"https://{name}.example.com:6443")
        self.world, self.name, self.host = world, name, host
        self.missing_kinds = {"Site", "Route"}
        self.authority = Authority()
        self.handled: set[tuple[str, str]] = set()
        """Requests that the site controller has seen: uid, and what it saw of them."""
        self.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        self.make_site()

    def _answer(self, request: str) -> None:
        super()._answer(request)
        self.world.work()

    def put(self, obj: Object, manager: str | None = "somebody") -> Object:
        stored = super().put(obj, manager)
        stored["metadata"]["uid"] = f"{self.name}-{stored['metadata']['uid']}"
        return stored

    @property
    def id(self) -> str:
        config = self.objects.get(config_map_ref("skupper-site")) or {"metadata": {"uid": ""}}
        return str(config["metadata"]["uid"])

    def make_site(self, **data: str) -> None:
        self.put(made(config_map_ref("skupper-site"), data={"name": self.name, "ingress": "loadbalancer", **data}))
        self.configure(mode="edge" if data.get("router-mode") == "edge" else "interior")
        status = {"loadBalancer": {"ingress": [{"ip": self.host}]}} if self.host else {}
        self.put(made(ObjectRef("v1", "Service", "skupper-router", NAMESPACE), status=status))
        controller = ObjectRef("apps/v1", "Deployment", "skupper-site-controller", NAMESPACE)
        self.put(made(controller, spec={}, status={"readyReplicas": 1}))
        self.sign_server()

    def sign_server(self) -> None:
        """The router's certificate, once the hosts are known."""
        if self.host:
            hosts = (f"skupper-router.{NAMESPACE}", self.host)
            self.put(made(secret_ref("skupper-site-server"), data=self.authority.issue("server", hosts)))

    def revoke(self) -> None:
        """As `skupper revoke-access`: a new CA, and what it signs."""
        self.authority = Authority()
        self.sign_server()

    def get_address(self, host: str) -> None:
        """The load balancer has one at last, and the site is made to its end."""
        self.host = host
        service = self.objects[ObjectRef("v1", "Service", "skupper-router", NAMESPACE)]
        service["status"] = {"loadBalancer": {"ingress": [{"ip": host}]}}
        self.sign_server()

    def configure(self, mode: str = "interior", connectors: Mapping[str, Object] | None = None) -> None:
        metadata = json.dumps({"id": self.id, "version": "1.9.6", "platform": "kubernetes"})
        entities: list[Any] = [["router", {"id": f"{self.name}-router", "mode": mode, "metadata": metadata}]]
        for name, connector in (connectors or {}).items():
            entities += [["sslProfile", {"name": f"{name}-profile"}], ["connector", connector]]
        ref = config_map_ref("skupper-internal")
        data = {"skrouterd.json": json.dumps(entities)}
        if ref in self.objects:
            self.objects[ref]["data"] = data
        else:
            self.put(made(ref, data=data))

    def connectors(self) -> dict[str, Object]:
        found = json.loads(self.objects[config_map_ref("skupper-internal")]["data"]["skrouterd.json"])
        return {attributes["name"]: attributes for kind, attributes in found if kind == "connector"}

    def secrets(self, kind: str) -> dict[str, Object]:
        """Secrets with a value of the label of types, by name."""
        return {
            ref.name: obj
            for ref, obj in self.objects.items()
            if ref.kind == "Secret" and (obj["metadata"].get("labels") or {}).get(TYPE) == kind
        }

    def token(self, name: str = LINK) -> Object:
        return self.objects[secret_ref(name)]

    def annotations(self) -> dict[str, str]:
        return {
            "inter-router-host": self.host,
            "inter-router-port": "55671",
            "edge-host": self.host,
            "edge-port": "45671",
            "skupper.io/generated-by": self.id,
            "skupper.io/site-version": "1.9.6",
        }

    def changed_by(self, obj: Object, manager: str, label: bool = False) -> None:
        """Note a write of somebody else; with the label of types in it."""
        metadata = obj["metadata"]
        metadata["resourceVersion"] = str(int(metadata["resourceVersion"]) + 1)
        if not label:
            return
        for entry in metadata["managedFields"]:
            entry["fieldsV1"].get("f:metadata", {}).get("f:labels", {}).pop(f"f:{TYPE}", None)
        fields: Object = {"f:metadata": {"f:labels": {f"f:{TYPE}": {}}}}
        metadata["managedFields"].append({"manager": manager, "operation": "Update", "fieldsV1": fields})

    def relabel(self, manager: str, name: str = LINK) -> None:
        """Somebody sets the label of a request on a token again."""
        self.token(name)["metadata"]["labels"][TYPE] = "connection-token-request"
        self.changed_by(self.token(name), manager, label=True)


class World:
    """An issuing and a linking site."""

    def __init__(self) -> None:
        self.site_controller_runs = self.service_controller_runs = False
        self._log: list[str] = []
        self.issuer = SiteCluster(self, "ca-central", "203.0.113.7")
        self.linking = SiteCluster(self, "us-philly", "203.0.113.8")
        self.site_controller_runs = self.service_controller_runs = True
        for each in (self.issuer, self.linking):
            each.after_write = partial(self._note, each.name)
        self.dropped = False
        """The site controller drops requests, as it does while there is no site."""
        self.warnings: list[str] = []
        self.secrets: set[str] = set()
        self.carries: Callable[[str], bool] = lambda token: True
        """Whether the routers let the link of a token up, besides what its certificate says."""

    def perform(self, check: bool = False, **params: Any) -> dict[str, Any]:
        """One run of the module."""
        own = self.issuer if params.get("state") == "issued" else self.linking
        task = TaskOnFakes(
            {**PARAMS, **params},
            check_mode=check,
            diff_mode=True,
            warn=self.warnings.append,
            _own=own.as_client(),
        )
        task.issuer_client = self.issuer.as_client()
        try:
            return run(task)
        finally:
            self.secrets |= task.secrets

    def _note(self, cluster: str, write: str) -> None:
        self._log.append(f"{cluster}: {write}")

    def writes(self) -> list[str]:
        return list(self._log)

    def forget_writes(self) -> None:
        self._log.clear()

    # -- what works there --------------------------------------------------------------------------------------------

    def work(self) -> None:
        for cluster in (self.issuer, self.linking):
            if self.site_controller_runs:
                _issue(cluster, self.dropped)
        if self.service_controller_runs:
            for cluster in (self.issuer, self.linking):
                self._redeem(cluster)
                _configure(cluster)
        self._report()

    def _redeem(self, cluster: SiteCluster) -> None:
        for claim in cluster.secrets("token-claim").values():
            annotations = claim["metadata"]["annotations"]
            record = self.issuer.secrets("token-claim-record").get(annotations["skupper.io/url"].rpartition("/")[2])
            if "internal.skupper.io/last-failed" in annotations:
                continue
            theirs = record["metadata"]["annotations"] if record else {}
            left = int(theirs.get("skupper.io/claims-remaining", "1"))
            if record is None or left == 0:
                annotations["internal.skupper.io/last-failed"] = "2026-11-22T00:00:00Z"
                annotations["internal.skupper.io/status"] = "No such claim"
                continue
            theirs["skupper.io/claims-remaining"] = str(left - 1)
            theirs["skupper.io/claims-made"] = str(int(theirs.get("skupper.io/claims-made", "0")) + 1)
            self.issuer.changed_by(record, "config-sync")
            claim["data"] = self.issuer.authority.issue(cluster.id)
            annotations |= self.issuer.annotations()
            claim["metadata"]["labels"][TYPE] = "connection-token"
            cluster.changed_by(claim, "service-controller", label=True)

    def _report(self) -> None:
        """What the routers tell of the network."""
        up = any(self.is_up(name) for name in self.linking.connectors())
        sites = []
        for here, there, direction in (
            (self.issuer, self.linking, "incoming"),
            (self.linking, self.issuer, "outgoing"),
        ):
            link = {"mode": "interior", "name": f"{there.name}-router", "linkCost": 1, "direction": direction}
            router = {"router": {"name": f"0/{here.name}-router"}, "links": [link] if up else None}
            sites.append({"site": {"identity": here.id, "name": here.name}, "routerStatus": [router]})
        for here, own in zip((self.issuer, self.linking), sites, strict=True):
            status = {"addresses": None, "siteStatus": sites if up else [own]}
            text = json.dumps(status)
            here.objects[config_map_ref("skupper-network-status")] = made(
                config_map_ref("skupper-network-status"), data={"NetworkStatus": text}
            )

    def is_up(self, token: str) -> bool:
        """Whether the router of the issuing site would let the link of a token in."""
        secret = self.linking.objects.get(secret_ref(token))
        if secret is None or not self.carries(token):
            return False
        certificate = x509.load_pem_x509_certificate(base64.b64decode(secret["data"]["tls.crt"]))
        own = base64.b64decode(secret["data"]["ca.crt"]) == self.issuer.authority.pem
        return own and certificate.not_valid_after_utc > now()


def _issue(cluster: SiteCluster, dropped: bool) -> None:
    """The site controller: it looks at each version of a request once, whatever comes of it."""
    for name, request in cluster.secrets("connection-token-request").items():
        seen = (request["metadata"]["uid"], json.dumps(request["metadata"]))
        if seen in cluster.handled:
            continue
        cluster.handled.add(seen)
        if dropped:
            continue
        request["data"] = cluster.authority.issue(name)
        request["metadata"].setdefault("annotations", {}).update(cluster.annotations())
        request["metadata"]["labels"][TYPE] = "connection-token"
        cluster.changed_by(request, "site-controller", label=True)


def _configure(cluster: SiteCluster) -> None:
    """The service controller: connectors by name, never changed once they are there."""
    wanted = {
        name: token
        for name, token in cluster.secrets("connection-token").items()
        if token["metadata"]["annotations"].get("skupper.io/generated-by") != cluster.id
    }
    known = cluster.connectors()
    connectors = {
        name: known.get(name)
        or {
            "name": name,
            "role": "inter-router",
            "host": token["metadata"]["annotations"]["inter-router-host"],
            "port": token["metadata"]["annotations"]["inter-router-port"],
            "cost": int(token["metadata"]["annotations"].get("skupper.io/cost", 0)),
            "sslProfile": f"{name}-profile",
        }
        for name, token in wanted.items()
    }
    if connectors != known:
        cluster.configure(connectors=connectors)


def rsa_authority(world: World) -> None:
    """Give the issuing site a CA as v1 makes it, and take its site controller away."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "skupper-site-ca")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = builder.serial_number(1).not_valid_before(now()).not_valid_after(now().replace(year=2100))
    extension = x509.BasicConstraints(ca=True, path_length=None)
    certificate = dated.add_extension(extension, critical=True).sign(key, hashes.SHA256()).public_bytes(PEM)
    private = key.private_bytes(PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    data = {"tls.crt": encoded(certificate), "tls.key": encoded(private)}
    world.issuer.put(made(secret_ref("skupper-site-ca"), data=data, type="kubernetes.io/tls"))
    world.issuer.authority.pem = certificate
    world.issuer.objects[secret_ref("skupper-site-server")]["data"]["ca.crt"] = encoded(certificate)
    world.issuer.objects.pop(ObjectRef("apps/v1", "Deployment", "skupper-site-controller", NAMESPACE))
    world.site_controller_runs = False


class TaskOnFakes(Task):
    """A task whose connections lead to the clusters in memory."""

    issuer_client: Client | None = None

    def connect(self, options: Mapping[str, Any]) -> Client:
        assert options["context"] == "ca-central"
        return cast(Client, self.issuer_client)


OURS = FIELD_MANAGER
