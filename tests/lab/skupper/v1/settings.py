# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ConfigMap ``skupper-site`` says (S1 pkg/site/site.go, ReadSiteConfig). All values are strings."""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab.api import Object


@dataclass(frozen=True)
class Settings:
    """A site's settings, with upstream's defaults."""

    name: str
    namespace: str
    uid: str
    """Of the ConfigMap: the site's id, everywhere."""
    edge: bool
    ingress: str
    ingress_host: str
    router_host: str
    routers: int
    service_controller: bool
    service_sync: bool
    console: bool
    console_authentication: str
    console_user: str
    console_password: str
    flow_collector: bool
    rest_api: bool
    router_annotations: dict[str, str]
    load_balancer_ip: str


def read(config_map: Object, default_ingress: str) -> Settings:
    """Read the ConfigMap; ``default_ingress`` is route on OpenShift, loadbalancer elsewhere."""
    data, metadata = config_map.get("data") or {}, config_map["metadata"]
    ingress = "none" if data.get("cluster-local") == "true" else data.get("ingress") or default_ingress
    console = data.get("console") == "true"
    ingress_host = data.get("ingress-host", "")
    return Settings(
        name=data.get("name") or metadata["namespace"],
        namespace=metadata["namespace"],
        uid=metadata["uid"],
        edge=data.get("router-mode") == "edge" or data.get("edge") == "true",
        ingress=ingress,
        ingress_host=ingress_host,
        router_host=data.get("router-ingress-host") or ingress_host,
        routers=int(data.get("routers") or 1),
        service_controller=data.get("service-controller") != "false",
        service_sync=data.get("service-sync") != "false",
        console=console,
        console_authentication=data.get("console-authentication") or "internal",
        console_user=data.get("console-user", ""),
        console_password=data.get("console-password", ""),
        flow_collector=data.get("flow-collector") == "true",
        rest_api=data.get("rest-api", "true" if console else "") == "true",
        router_annotations=_annotations(data.get("router-service-annotations", "")),
        load_balancer_ip=data.get("router-load-balancer-ip", ""),
    )


def _annotations(text: str) -> dict[str, str]:
    pairs = (each.partition("=") for each in text.split(",") if "=" in each)
    return {key.strip(): value.strip() for key, _equals, value in pairs}
