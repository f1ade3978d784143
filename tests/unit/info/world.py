# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three sites and a gateway, as their API servers show them: what is left of them is what was not broken.

Shapes as the lab's real controllers, and upstream's types, have them.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.multicluster.interconnect.plugins.module_utils._info.document import (
    document_of,
    ends_of,
    judgement_of,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._info.model import Snapshot, Target

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HUB, TORONTO, PHILLY, REDIS = "ca-central", "ca-toronto", "us-philly", "redis-ca-central"
CLUSTERS = (HUB, TORONTO, PHILLY)
GATEWAY = "skupper-gateway-1234"
PLACE = "boutique"
API = "skupper.io/v2alpha1"
LINK_LABEL = "multicluster.interconnect/link"


@cache
def pem(days: int) -> str:
    """A certificate that is good for so many days more, as Secrets have it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "link")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(NOW + timedelta(days=days, hours=1))
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(serialization.Encoding.PEM)).decode()


def obj(api_version: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
    """An object of the application's namespace."""
    metadata = {"name": name, "namespace": PLACE, "uid": f"uid-{name}", "labels": more.pop("labels", {})}
    metadata["annotations"] = more.pop("annotations", {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **more}


def conditions(**states: bool | str) -> dict[str, Any]:
    """A status: true, or false with a message."""
    return {
        "conditions": [
            {"type": kind, "status": "True" if state is True else "False", "message": "OK" if state is True else state}
            for kind, state in states.items()
        ]
    }


def deployment(name: str, ready: int = 1, desired: int = 1, **labels: str) -> dict[str, Any]:
    status = {"readyReplicas": ready, "availableReplicas": ready}
    return obj("apps/v1", "Deployment", name, spec={"replicas": desired}, status=status, labels=labels)


@dataclass
class World:
    """The sites of Toronto and Philadelphia link to the hub's; a host near the hub has Redis behind a gateway.

    `checkout` runs in Toronto and Philadelphia.
    """

    version: str = "v2"
    days: int = 700
    down: set[str] = field(default_factory=set)
    """Clusters whose API servers do not answer."""
    links_down: set[str] = field(default_factory=set)
    """Clusters whose sites have lost their links."""
    not_ready: dict[str, str] = field(default_factory=dict)
    """Sites that are not ready, and why."""
    without_site: set[str] = field(default_factory=set)
    gateway_up: bool = True
    gateway_offers: tuple[str, ...] = ("redis-cart",)
    checkout_at: tuple[str, ...] = (TORONTO, PHILLY)
    """Where pods of it are ready."""
    problems: dict[str, dict[str, str]] = field(default_factory=dict)
    """By cluster: kinds that may not be read, and why."""
    missing: dict[str, frozenset[str]] = field(default_factory=dict)
    """By cluster: those of them that are not served."""
    hub: dict[str, Any] = field(default_factory=dict)
    """Objects of the hub by kind; with any, it is one."""
    workloads: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    # -- what the routers tell ---------------------------------------------------------------------------------------

    def offers(self, cluster: str) -> list[str]:
        return ["checkout"] if cluster in self.checkout_at else []

    def is_linked(self, cluster: str) -> bool:
        return cluster != HUB and cluster not in self.links_down

    def alive(self) -> list[str]:
        """Sites that others see."""
        return [name for name in CLUSTERS if name not in self.links_down and name not in self.without_site]

    def network_v2(self) -> list[dict[str, Any]]:
        def record(name: str) -> dict[str, Any]:
            links = [_link_record(f"{name}-to-{HUB}")] if self.is_linked(name) else []
            services = [{"routingKey": "redis-cart", "listeners": ["redis-cart"]}]
            services += [{"routingKey": "checkout", "connectors": ["10.0.0.1"]} for _each in self.offers(name)]
            found = {"id": f"uid-{name}", "name": name, "platform": "kubernetes", "version": "2.0.0"}
            return {**found, "links": links, "services": services}

        records = [record(name) for name in self.alive()]
        if self.gateway_up:
            services = [{"routingKey": name, "connectors": ["127.0.0.1"]} for name in self.gateway_offers]
            gateway = {"id": "uid-gateway", "name": "gateway", "platform": "podman", "version": "2.0.0"}
            records.append({**gateway, "links": [_link_record("any")], "services": services})
        return records

    def network_v1(self) -> str:
        def entry(name: str, router: str, links: list[str], offers: list[str], listens: bool) -> dict[str, Any]:
            ends = [{"address": f"{address}:6379"} for address in ("redis-cart", "checkout")] if listens else None
            found = [{"address": f"{address}:6379", "destHost": "10.0.0.1"} for address in offers]
            status = {
                "router": {"name": f"0/{router}"},
                "links": [
                    {"mode": "interior", "name": each, "direction": "incoming" if name == HUB else "outgoing"}
                    for each in links
                ]
                or None,
                "listeners": ends,
                "connectors": found or None,
            }
            site = {"identity": f"uid-{name}", "name": name, "siteVersion": "1.9.6", "platform": "kubernetes"}
            return {"site": site, "routerStatus": [status]}

        spokes = [name for name in self.alive() if name != HUB]
        entries = []
        for name in self.alive():
            links = [f"{HUB}-router"] if name in spokes else [f"{each}-router" for each in spokes]
            links += [GATEWAY] if name == HUB and self.gateway_up else []
            entries.append(entry(name, f"{name}-router", links, self.offers(name), True))
        if self.gateway_up:
            entries.append(entry(GATEWAY, GATEWAY, [f"{HUB}-router"], list(self.gateway_offers), False))
        for each in entries:
            # A site's identity is the uid of its ConfigMap.
            each["site"]["identity"] = f"id-{each['site']['name']}"
        return json.dumps({"addresses": None, "siteStatus": entries})

    # -- what the API servers have -----------------------------------------------------------------------------------

    def objects(self, cluster: str) -> dict[str, list[dict[str, Any]]]:
        makers = {"v1": self.objects_v1, "v2": self.objects_v2}
        found = makers[self.version](cluster) if self.version else {}
        found["Workload"] = self.workloads.get(cluster, [])
        if cluster == HUB:
            found.update(self.hub)
        unreadable = self.problems.get(cluster, {})
        return {kind: objects for kind, objects in found.items() if kind not in unreadable}

    def objects_v2(self, cluster: str) -> dict[str, list[dict[str, Any]]]:
        if cluster in self.without_site:
            return {"Site": [], "Link": [], "Listener": [], "Connector": [], "Secret": [], "Certificate": []}
        why = self.not_ready.get(cluster)
        status = {**conditions(Configured=True, Ready=why or True), "network": self.network_v2()}
        provided = bool(self.checkout_at) and cluster not in self.links_down
        connector = conditions(Configured=cluster in self.checkout_at or "No pods match selector", Matched=True)
        redis = self.gateway_up and "redis-cart" in self.gateway_offers
        found: dict[str, list[dict[str, Any]]] = {
            "Site": [obj(API, "Site", cluster, spec={"linkAccess": "default"}, status=status)],
            "Link": [],
            "Secret": [],
            "Certificate": [],
            "Listener": [
                _keyed("Listener", "redis-cart", conditions(Configured=True, Matched=redis or "No connector")),
                _keyed("Listener", "checkout", conditions(Configured=True, Matched=provided or "No connector")),
            ],
            "Connector": [_keyed("Connector", "checkout", connector)] if cluster != HUB else [],
        }
        name = f"{cluster}-to-{HUB}"
        if cluster == HUB:
            found["Certificate"] = [obj(API, "Certificate", GATEWAY, labels={GATEWAY_LABEL: "gateway"})]
            found["Secret"] = [self.secret(GATEWAY)]
        else:
            up: bool | str = self.is_linked(cluster) or "connection refused"
            link = {
                **conditions(Configured=True, Operational=up),
                "remoteSiteId": f"uid-{HUB}",
                "remoteSiteName": HUB,
            }
            spec = {"tlsCredentials": name, "cost": 1}
            found["Link"] = [obj(API, "Link", name, spec=spec, status=link, labels={LINK_LABEL: name})]
            found["Secret"] = [self.secret(name)]
        return found

    def secret(self, name: str, **labels: str) -> dict[str, Any]:
        data = {"ca.crt": pem(self.days), "tls.crt": pem(self.days), "tls.key": "aGlkZGVu"}
        return obj("v1", "Secret", name, data=data, labels={LINK_LABEL: name, **labels})

    def objects_v1(self, cluster: str) -> dict[str, list[dict[str, Any]]]:
        if cluster in self.without_site:
            return {"ConfigMap": [], "Secret": [], "Deployment": []}
        site = obj("v1", "ConfigMap", "skupper-site", data={"name": cluster})
        site["metadata"]["uid"] = f"id-{cluster}"
        name = f"{cluster}-to-{HUB}"
        connectors = [["connector", {"name": name, "host": "hub", "port": "55671"}]] if cluster != HUB else []
        router = ["router", {"mode": "interior", "metadata": json.dumps({"id": f"id-{cluster}", "version": "1.9.6"})}]
        definitions = {
            each: json.dumps({"address": each, "ports": [6379], "targets": None}) for each in ("redis-cart",)
        }
        target = [{"name": "checkout", "selector": "app=checkout"}] if cluster != HUB else None
        definitions["checkout"] = json.dumps({"address": "checkout", "ports": [5050], "targets": target})
        maps = [
            site,
            obj("v1", "ConfigMap", "skupper-internal", data={"skrouterd.json": json.dumps([router, *connectors])}),
            obj("v1", "ConfigMap", "skupper-network-status", data={"NetworkStatus": self.network_v1()}),
            obj("v1", "ConfigMap", "skupper-services", data=definitions),
        ]
        secrets = []
        if cluster == HUB:
            labels, annotations = {"skupper.io/type": "gateway-definition"}, {"skupper.io/gateway-name": "gateway"}
            maps.append(obj("v1", "ConfigMap", GATEWAY, labels=labels, annotations=annotations, data={}))
            secrets.append(self.secret(GATEWAY, **{"skupper.io/type": "gateway-connection-token"}))
        else:
            token = self.secret(name, **{"skupper.io/type": "connection-token"})
            token["metadata"]["annotations"] = {
                "skupper.io/generated-by": f"id-{HUB}",
                "inter-router-host": "hub",
                "inter-router-port": "55671",
                "edge-host": "hub",
                "edge-port": "45671",
            }
            secrets.append(token)
        ready = 0 if cluster in self.not_ready else 1
        deployments = [deployment("skupper-router", ready), deployment("skupper-service-controller")]
        return {"ConfigMap": maps, "Secret": secrets, "Deployment": deployments}

    # -- looking -----------------------------------------------------------------------------------------------------

    def snapshot(self, cluster: str) -> Snapshot:
        target = Target(
            cluster,
            PLACE,
            site_name=cluster,
            skupper_version=self.version,
            hub=cluster == HUB and bool(self.hub),
            argocd_namespace="argocd",
            selectors=("local-cluster=true",),
            workloads=PLACE if self.workloads else "",
        )
        if cluster in self.down:
            return Snapshot(target, f"https://{cluster}:6443", error=f"https://{cluster}:6443 does not answer")
        objects = {kind: tuple(found) for kind, found in self.objects(cluster).items()}
        problems, missing = self.problems.get(cluster, {}), self.missing.get(cluster, frozenset())
        return Snapshot(target, f"https://{cluster}:6443", "v1.34.4", "", objects, problems, missing)

    def look(self, *only: str, probes: Any = (), **more: Any) -> dict[str, Any]:
        """The document, and the judgement.

        :param only: the clusters that are read; by default all.
        """
        ends = ends_of(self.snapshot(cluster) for cluster in only or CLUSTERS)
        wanted = {**expected(), **more}
        document = document_of(ends, wanted, NOW)
        return {"document": document, **judgement_of(ends, document, wanted, list(probes))}


GATEWAY_LABEL = "multicluster.interconnect/gateway"


def _keyed(kind: str, name: str, status: dict[str, Any]) -> dict[str, Any]:
    return obj(API, kind, name, spec={"routingKey": name}, status=status)


def _link_record(name: str) -> dict[str, Any]:
    return {"name": name, "operational": True, "remoteSiteId": f"uid-{HUB}", "remoteSiteName": HUB}


def expected() -> dict[str, Any]:
    """What the inventory wants."""
    return {
        "certificate_days": 14,
        "links": [{"name": f"{name}-to-{HUB}", "from": name, "to": HUB, "cost": 1} for name in (TORONTO, PHILLY)],
        "gateways": [{"host": REDIS, "cluster": HUB, "name": "", "services": ["redis-cart"]}],
        "services": [
            {"name": "redis-cart", "port": 6379, "provided_by": [REDIS], "consumed_by": list(CLUSTERS)},
            {"name": "checkout", "port": 5050, "provided_by": [TORONTO, PHILLY], "consumed_by": [HUB]},
        ],
    }


def failed(result: dict[str, Any]) -> list[str]:
    """The failed checks as `layer host name`."""
    return [f"{each['layer']} {each['host']} {each['name']}" for each in result["checks"] if each["state"] == "failed"]


def unknown(result: dict[str, Any]) -> list[str]:
    return [f"{each['layer']} {each['host']} {each['name']}" for each in result["checks"] if each["state"] == "unknown"]


def message(result: dict[str, Any], layer: str, host: str) -> str:
    """What a layer's first check of a host says."""
    return next(str(each["message"]) for each in result["checks"] if (each["layer"], each["host"]) == (layer, host))
