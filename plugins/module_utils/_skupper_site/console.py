# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a site's console is reached: the URL by which its Service is offered to the outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._client.errors import ApiError
from .._skupper.v1.ingress import INGRESS_API, ROUTE_API
from .job import SiteJob

CONTOUR_API = "projectcontour.io/v1"
V1_SERVICE = "skupper"
"""Service and Route of the flow collector (client/router_create.go)."""
V1_INGRESS, V1_PROXY, V1_PREFIX = "skupper", "skupper-console", "console"


def console_url(job: SiteJob, service: str) -> str | None:
    """The URL of the console; None where it has none yet, or what tells it may not be read."""
    if not service:
        return None
    try:
        return _by_route(job, service) or _by_ingress(job) or _by_proxy(job) or _by_service(job, service)
    except ApiError:
        return None


def _by_route(job: SiteJob, name: str) -> str | None:
    route = job.find(job.ref(ROUTE_API, "Route", name))
    return _url(((route or {}).get("spec") or {}).get("host"))


def _by_ingress(job: SiteJob) -> str | None:
    ingress = job.find(job.ref(INGRESS_API, "Ingress", V1_INGRESS))
    hosts = [str(rule.get("host") or "") for rule in ((ingress or {}).get("spec") or {}).get("rules") or []]
    return _url(next((host for host in hosts if host.startswith(V1_PREFIX)), None))


def _by_proxy(job: SiteJob) -> str | None:
    proxy = job.find(job.ref(CONTOUR_API, "HTTPProxy", V1_PROXY))
    return _url((((proxy or {}).get("spec") or {}).get("virtualhost") or {}).get("fqdn"))


def _by_service(job: SiteJob, name: str) -> str | None:
    service = job.find(job.ref("v1", "Service", name))
    spec = (service or {}).get("spec") or {}
    if spec.get("type") != "LoadBalancer":
        # Within the cluster, and by a port-forward.
        return _url(f"{name}.{job.namespace}.svc", _port(spec)) if service else None
    addresses = (((service or {}).get("status") or {}).get("loadBalancer") or {}).get("ingress") or [{}]
    return _url(addresses[0].get("ip") or addresses[0].get("hostname"), _port(spec))


def _port(spec: Mapping[str, Any]) -> int:
    """The port of the flow collector where there are several."""
    ports = spec.get("ports") or [{}]
    chosen = next((port for port in ports if port.get("name") in ("metrics", "https")), ports[0])
    return int(chosen.get("port") or 443)


def _url(host: str | None, port: int = 443) -> str | None:
    if not host:
        return None
    return f"https://{host}" if port == 443 else f"https://{host}:{port}"
