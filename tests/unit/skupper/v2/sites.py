# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two v2 sites in memory, with what works in them: their controllers, and routers that judge a link by its certificate.

They act before each request is answered, as skupperproject/skupper 2.0.0 does (internal/kube/certificates mgr.go,
internal/kube/grants). How the real controller behaves is tested in tests/integration/skupper.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from cryptography import x509

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import FIELD_MANAGER
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import ObjectRef
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.names import LINK_LABEL
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.task import run
from ansible_collections.multicluster.interconnect.plugins.modules.skupper_token import SPEC
from tests.unit.apply.fake_cluster import FakeCluster, Object
from tests.unit.skupper.v1.authority import Authority, now
from tests.unit.skupper.v1.sites import TaskOnFakes

API = "skupper.io/v2alpha1"
NAMESPACE = "boutique"
LINK = "us-philly-to-ca-central"
SECOND, THIRD = f"{LINK}-2", f"{LINK}-3"
HOST = "router.ca-central.example.com"

PARAMS: dict[str, Any] = {
    **{option: spec.get("default") for option, spec in SPEC.argument_spec.items()},
    "version": "v2",
    "name": LINK,
    "namespace": NAMESPACE,
    "issuer": {"context": "ca-central"},
    "kubeconfig": "/etc/kubeconfig",
    "context": "us-philly",
    "wait_timeout": 0,
    "wait_sleep": 0.001,
}


def ref(kind: str, name: str) -> ObjectRef:
    return ObjectRef("v1" if kind in ("Secret", "ConfigMap") else API, kind, name, NAMESPACE)


def made(kind: str, name: str, **fields: Any) -> Object:
    identity = ref(kind, name)
    metadata = {"name": name, "namespace": NAMESPACE, **fields.pop("metadata", {})}
    return {"apiVersion": identity.api_version, "kind": kind, "metadata": metadata, **fields}


def condition(kind: str, met: bool, message: str = "") -> Object:
    return {"type": kind, "status": "True" if met else "False", "message": message or ("OK" if met else "Pending")}


class SiteCluster(FakeCluster):
    """A cluster with one site."""

    def __init__(self, world: World, name: str, *hosts: str) -> None:
        super().__init__(server=f"https://{name}.example.com:6443")
        self.world, self.name = world, name
        self.authority = Authority()
        self.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        self.put(made("Site", name, metadata={"annotations": {}}, spec={"linkAccess": "route"} if hosts else {}))
        self.site["metadata"]["uid"] = f"uid-{name}"
        self.site["status"] = {
            "conditions": [condition("Configured", True), condition("Ready", True)],
            "defaultIssuer": "skupper-site-ca",
        }
        self.get_hosts(*hosts)

    def _answer(self, request: str) -> None:
        super()._answer(request)
        self.world.work()

    @property
    def site(self) -> Object:
        return self.objects[ref("Site", self.name)]

    def get_hosts(self, *hosts: str) -> None:
        """The site can be dialled there; one router a host."""
        self.site["status"]["endpoints"] = [
            {"name": role, "host": host, "port": port, "group": f"skupper-router{f'-{number}' if number > 1 else ''}"}
            for number, host in enumerate(hosts, 1)
            for role, port in (("inter-router", "55671"), ("edge", "45671"))
        ]
        self.sign_server(*hosts)

    def sign_server(self, *hosts: str) -> None:
        data = self.authority.issue("server", hosts or ("skupper-router",))
        self.put(made("Secret", "skupper-site-server", data=data))

    def revoke(self) -> None:
        """The site's authority is renewed, and what its router shows."""
        self.authority = Authority()
        self.sign_server(*(each["host"] for each in self.site["status"]["endpoints"]))

    def of(self, kind: str) -> dict[str, Object]:
        return {found.name: obj for found, obj in self.objects.items() if found.kind == kind}

    def names(self, kind: str) -> list[str]:
        return sorted(name for name in self.of(kind) if name.startswith(LINK))


class World:
    """An issuing and a linking site."""

    def __init__(self) -> None:
        self.issues = self.redeems = self.serves_grants = False
        self.log: list[str] = []
        self.issuer = SiteCluster(self, "ca-central", HOST)
        self.linking = SiteCluster(self, "us-philly")
        self.issues = self.redeems = self.serves_grants = True
        self.warnings: list[str] = []
        self.secrets: set[str] = set()
        self.carries: Callable[[str], bool] = lambda link: True
        """Whether the routers let a Link up, besides what its certificate says."""
        self.life = timedelta(days=365)
        """Of certificates that the issuing site makes."""
        self.refuses = ""
        """What the grant server answers."""
        self.listen()

    def listen(self) -> None:
        """Note the writes of both sides."""
        for each in (self.issuer, self.linking):
            each.on_write = lambda write: None
            each.after_write = partial(self._note, each.name)

    def _note(self, cluster: str, write: str) -> None:
        self.log.append(f"{cluster}: {write}")

    def perform(self, check: bool = False, **params: Any) -> dict[str, Any]:
        """One run of the module."""
        own = self.issuer if params.get("state") == "issued" else self.linking
        given = {**PARAMS, **params}
        task = TaskOnFakes(given, check_mode=check, diff_mode=True, warn=self.warnings.append, _own=own.as_client())
        task.issuer_client = self.issuer.as_client()
        try:
            return run(task)
        finally:
            self.secrets |= task.secrets

    def writes_of(self, **params: Any) -> list[str]:
        """What a run writes."""
        self.log.clear()
        self.perform(**params)
        return list(self.log)

    def tokens(self) -> dict[str, list[str]]:
        """Names of all objects of the link's tokens, by kind, where there are any."""
        found = {kind: self.issuer.names(kind) for kind in ("Certificate", "AccessGrant")}
        found |= {kind: self.linking.names(kind) for kind in ("AccessToken", "Link", "Secret")}
        return {kind: names for kind, names in found.items() if names}

    def certificate_token(self, token: str = LINK) -> dict[str, list[str]]:
        """The same, of one certificate token that carries the link."""
        return {"Certificate": [token], "Link": [token], "Secret": [token]}

    # -- what works there --------------------------------------------------------------------------------------------

    def work(self) -> None:
        if self.issues:
            self._issue()
        if self.serves_grants:
            self._serve_grants()
        if self.redeems:
            self._redeem()
        self._report()

    def _issue(self) -> None:
        for name, certificate in self.issuer.of("Certificate").items():
            if "status" not in certificate:
                spec = certificate["spec"]
                data = self.issuer.authority.issue(
                    spec["subject"], tuple(spec.get("hosts") or ()), until=now() + self.life
                )
                owner = {"kind": "Certificate", "name": name, "uid": certificate["metadata"]["uid"]}
                self.issuer.put(made("Secret", name, metadata={"ownerReferences": [owner]}, data=data))
                certificate["status"] = {"conditions": [condition("Ready", True)]}
        for name, secret in self.issuer.of("Secret").items():
            if secret["metadata"].get("ownerReferences") and name not in self.issuer.of("Certificate"):
                del self.issuer.objects[ref("Secret", name)]

    def _serve_grants(self) -> None:
        for name, grant in self.issuer.of("AccessGrant").items():
            status = grant.setdefault("status", {})
            status.setdefault("expirationTime", (now() + timedelta(minutes=15)).isoformat())
            url = f"https://grants.ca-central.example.com/{name}"
            status |= {"url": url, "code": f"code-of-{name}-0123456789", "ca": "a CA"}
            status["conditions"] = [condition("Processed", True)]

    def _redeem(self) -> None:
        for name, token in self.linking.of("AccessToken").items():
            if "status" in token:
                continue
            grant = self.issuer.of("AccessGrant").get(str(token["spec"]["url"]).rpartition("/")[2])
            if grant is None or self.refuses:
                said = self.refuses or "Controller got failed response: 404 (Not Found) No such claim"
                token["status"] = {"conditions": [condition("Redeemed", False, said)]}
                continue
            grant["status"]["redemptions"] = grant["status"].get("redemptions", 0) + 1
            data = self.issuer.authority.issue(self.linking.site["metadata"]["uid"])
            owned = {"ownerReferences": [{"kind": "Site", "name": self.linking.name}]}
            self.linking.put(made("Secret", name, metadata=owned, type="kubernetes.io/tls", data=data))
            cost = {"cost": token["spec"]["linkCost"]} if token["spec"].get("linkCost") else {}
            endpoints = self.issuer.site["status"]["endpoints"]
            groups = sorted({each["group"] for each in endpoints})
            for number, group in enumerate(groups, 1):  # internal/kube/grants tokens.go, NewCertToken
                called = f"{name}-{number}" if len(groups) > 1 else name
                spec = {"tlsCredentials": name, "endpoints": [each for each in endpoints if each["group"] == group]}
                self.linking.put(made("Link", called, metadata=owned, spec={**spec, **cost}))
            token["status"] = {"redeemed": True, "conditions": [condition("Redeemed", True)]}

    def _report(self) -> None:
        """What the routers tell of the network, and the controllers of the links."""
        here, there = self.linking.site["metadata"], self.issuer.site["metadata"]
        links = []
        for name, link in self.linking.of("Link").items():
            up = self._is_up(link)
            remote = {"remoteSiteId": there["uid"], "remoteSiteName": there["name"]}
            conditions = [condition("Configured", True), condition("Operational", up, "" if up else "Not Operational")]
            link["status"] = {"conditions": conditions, **(remote if up else {})}
            links.append({"name": name, **remote, "operational": up})
        network = [
            {"id": there["uid"], "name": there["name"]},
            {"id": here["uid"], "name": here["name"], "links": links},
        ]
        for cluster in (self.issuer, self.linking):
            cluster.site["status"]["network"] = network

    def _is_up(self, link: Object) -> bool:
        secret = self.linking.of("Secret").get(link["spec"]["tlsCredentials"])
        if secret is None or not self.carries(link["metadata"]["name"]):
            return False
        certificate = x509.load_pem_x509_certificate(base64.b64decode(secret["data"]["tls.crt"]))
        own = base64.b64decode(secret["data"]["ca.crt"]) == self.issuer.authority.pem
        return own and certificate.not_valid_after_utc > now()


def by_upstream(world: World, name: str = LINK) -> None:
    """A link as upstream's `skupper link generate` and `kubectl apply` make it, on both sides."""
    world.issuer.put(made("Certificate", name, spec={"ca": "skupper-site-ca", "client": True, "subject": HOST}))
    world.work()
    data = world.issuer.of("Secret")[name]["data"]
    world.linking.put(made("Secret", name, type="kubernetes.io/tls", data=data))
    endpoints = world.issuer.site["status"]["endpoints"]
    world.linking.put(made("Link", name, spec={"tlsCredentials": name, "cost": 1, "endpoints": endpoints}))


def labels(obj: Object) -> dict[str, str]:
    found: dict[str, str] = obj["metadata"].get("labels") or {}
    return found


OURS = {LINK_LABEL: LINK, "app.kubernetes.io/managed-by": FIELD_MANAGER}
