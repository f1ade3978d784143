# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A gateway of Skupper v1: an edge router on the host, which is a part of its site.

Upstream: skupperproject/skupper 1.9.6 client/gateway.go. What it does not mend (a container that is gone, credentials
of a revoked CA, an address of the site that has changed) is compared anew by each run here.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from .._client.client import Object
from .._client.errors import InterconnectError
from .._skupper import sites
from .._skupper.model import Endpoint
from .._skupper.v1.site import SiteV1, why_it_does_not_issue, why_not_an_issuer
from .._skupper.v1.site_reading import read_site
from .._skupper.v1.vocabulary import NETWORK_STATUS
from . import v1_config, v1_status
from .bindings import EXPOSE, Binding, with_bindings
from .ground import NOTHING, Ground, data_home, look, questions, refuse_host
from .host import Answer
from .job import GatewayJob
from .v1_cluster import Cluster

IMAGE = "quay.io/skupper/skupper-router:2.7.6"
CONFIG, URL, ROUTER_ID, SITE_ID = "config/skrouterd.json", "config/url.txt", "config/routerid.txt", "config/siteid.txt"
CERTIFICATES = f"skupper-router-certs/{v1_config.PROFILE}"
READ = [CONFIG, URL, ROUTER_ID, SITE_ID]
LOOPBACK = "127.0.0.1"
CONNECTED = "SUCCESS"
_UNKNOWN = "not issued yet\n"


class V1:
    """One run for a v1 gateway."""

    def __init__(self, job: GatewayJob) -> None:
        self.job = job
        self._lost_port = False
        """Whether somebody else listens at the port at which the router was managed."""

    # -- looking -----------------------------------------------------------------------------------------------------

    def site(self) -> SiteV1:
        """The site that the gateway is to be a part of, once gateways can connect to it.

        :raises InterconnectError: there is none, it is of another version, or it lets nobody in.
        """
        job = self.job
        found = read_site(job, job.place, issues=True)
        of_v2 = job.list(job.place, sites.SITE_API, "Site") if job.place.client.has_kind(sites.SITE_API, "Site") else []
        standing = sites.standing(found.config, of_v2)
        if not (standing == sites.NONE and job.check_mode):
            sites.refuse_other_version(sites.V1, standing, str(job.place))
        refusal = why_not_an_issuer(found, str(job.place)) if found.config else ""
        if refusal:
            raise InterconnectError(f"{refusal}. {NOTHING}")
        signs = bool(job.params["sign"])
        if found.config and why_it_does_not_issue(found, str(job.place), signs):
            found = self._settled(found, signs)
        return found

    def _settled(self, site: SiteV1, signs: bool) -> SiteV1:
        """The site as soon as it can issue tokens."""
        job, found = self.job, [site]

        def missing() -> str:
            found[0] = read_site(job, job.place, issues=True)
            return why_it_does_not_issue(found[0], str(job.place), signs)

        job.wait_for(f"the site {site.name} to let gateways in", missing)
        return found[0]

    def ground(self, edge: Endpoint | None = None, wanted: Sequence[Binding] = ()) -> Ground:
        """Look at the host."""
        ports = v1_config.candidate_ports(str(self.job.params["name"] or ""))
        asked = questions(edge, wanted, ports)
        # The router is asked for its own ports only where ports matter: that starts several programs in its container.
        if any(each.forwards for each in wanted):
            asked["config_file"] = CONFIG
        found = look(self.job, self._home, read=READ, **asked)
        known = v1_config.port_of_url(found.answer.text(URL))
        if known and not found.answer.is_running:  # nobody has kept it free for the router meanwhile
            own = [{"host": LOOPBACK, "port": known}]
            again = self.job.ask(state="probed", name=found.name, gateway_name=found.name, ports_free=own)
            self._lost_port = bool(again.taken_by(known))
        return found

    def _home(self, name: str, answer: Answer) -> str:
        return f"{data_home(self.job, answer)}/skupper/cluster/{name}"

    # -- states ------------------------------------------------------------------------------------------------------

    def present(self, wanted: Sequence[Binding]) -> dict[str, Any]:
        """Have the gateway, with these bindings among its others."""
        job, site = self.job, self.site()
        edge = edge_of(site)
        ground = self.ground(edge, wanted)
        refuse_host(job, ground, edge, wanted)
        refuse_other_site(ground, site, str(job.place))
        cluster = Cluster.read(job, site, ground.name, ground.resource)
        known = cluster.known(ground.answer.text(CONFIG))
        mode = str(job.params["mode"])
        change = cluster.service_change(wanted, mode)
        gateway = self.gateway(ground, site, known, with_bindings(known.bindings, wanted))
        self.converge(ground, cluster, gateway)
        if mode == EXPOSE or change:
            cluster.provide_service(wanted[0].address, change)
        return self.result(ground, gateway, await_link=True)

    def restarted(self) -> dict[str, Any]:
        """Restart the router, as it is."""
        job, site = self.job, self.site()
        ground = self.ground()
        refuse_other_site(ground, site, str(job.place))
        cluster = Cluster.read(job, site, ground.name, ground.resource)
        if not ground.answer.container or cluster.definition is None or cluster.secret is None:
            raise InterconnectError(
                f"there is no gateway {ground.name} that could be restarted: make it first (state: present). {NOTHING}"
            )
        known = cluster.known(ground.answer.text(CONFIG))
        gateway = self.gateway(ground, site, known, known.bindings)
        job.ask(state="restarted", **self._router(ground, gateway, site.id, cluster.secret))
        return self.result(ground, gateway, await_link=True)

    def converge(self, ground: Ground, cluster: Cluster, gateway: v1_config.Gateway) -> None:
        """Bring credentials, definition and router to what is wanted."""
        secret = cluster.provide_secret()
        cluster.define(gateway)
        self.job.ask(state="present", **self._router(ground, gateway, cluster.site.id, secret))

    # -- the router --------------------------------------------------------------------------------------------------

    def gateway(
        self, ground: Ground, site: SiteV1, known: v1_config.Known, bindings: Sequence[Binding]
    ) -> v1_config.Gateway:
        own = ground.answer.text(ROUTER_ID) or known.router_id or v1_config.new_router_id(ground.resource, site.id)
        edge = edge_of(site) or Endpoint("edge", "", "")
        return v1_config.Gateway(ground.resource, own, site.version, edge, bindings)

    def _router(
        self, ground: Ground, gateway: v1_config.Gateway, site_id: str, secret: Object | None
    ) -> dict[str, Any]:
        """What the host is to run: image, mounts and environment are upstream's, but the user is the caller."""
        port = self._management_port(ground)
        data = (secret or {}).get("data") or {}
        keys = {key: base64.b64decode(data[key]).decode() if key in data else _UNKNOWN for key in _KEYS}
        return {
            "name": ground.name,
            "gateway_name": ground.name,
            "home": ground.home,
            "files": {
                CONFIG: v1_config.local(gateway, port),
                URL: v1_config.management_url(port),
                ROUTER_ID: gateway.router_id,
                SITE_ID: site_id,
            },
            "secret_files": {f"{CERTIFICATES}/{key}": text for key, text in keys.items()},
            "managed": ["config", "skupper-router-certs"],
            "unread": [URL, ROUTER_ID, SITE_ID],
            "config_file": CONFIG,
            "image": self.job.params["image"] or IMAGE,
            "env": {
                "SKUPPER_SITE_ID": f"gateway_{ground.name}_{site_id}",
                "QDROUTERD_CONF_TYPE": "json",
                "QDROUTERD_CONF": f"{v1_config.IN_CONTAINER}/{CONFIG}",
            },
            "mounts": [{"source": ".", "target": v1_config.IN_CONTAINER, "options": ["Z"]}],
            "labels": {"multicluster.interconnect/gateway": ground.resource},
            "user": ground.user,
            **waiting(self.job),
        }

    def _management_port(self, ground: Ground) -> int:
        """Where the router is managed: where it was before, or a port that is free."""
        known = v1_config.port_of_url(ground.answer.text(URL))
        if known and not self._lost_port:
            return known
        candidates = v1_config.candidate_ports(str(self.job.params["name"] or ""))
        free = [port for port in candidates if not ground.answer.taken_by(port)]
        return free[0] if free else int(ground.answer.host.get("free_port") or v1_config.DEFAULT_PORT)

    # -- the end -----------------------------------------------------------------------------------------------------

    def result(self, ground: Ground, gateway: v1_config.Gateway, await_link: bool) -> dict[str, Any]:
        """What the module returns, once the network sees the gateway."""
        offered = {f"{each.address}:{each.service_port}" for each in gateway.bindings if not each.forwards}
        if await_link:
            self.job.wait_for(f"the network to see gateway {ground.name}", lambda: self._unseen(gateway, offered))
        answer = self.job.answers[-1] if self.job.answers else ground.answer
        status, said = answer.connector(v1_config.CONNECTOR)
        predicted = self.job.check_mode and self.job.changed
        unseen = "" if predicted else self._unseen(gateway, offered)
        message = unseen if status in (CONNECTED, "") else f"the gateway's router says {status}: {said}"
        return {
            "gateway": {
                "name": ground.name,
                "resource": ground.resource,
                "host": ground.answer.host.get("hostname"),
                "router_id": gateway.router_id,
                "edge": {"host": gateway.edge.host, "port": gateway.edge.port},
                "running": answer.is_running,
                "link": {"up": status == CONNECTED and not unseen, "message": message or "up"},
                "bindings": [binding.as_result() for binding in gateway.bindings],
                "versions": {
                    "podman": ground.answer.podman.get("version"),
                    "image": answer.container.get("image"),
                    "router": answer.router.get("version"),
                },
            }
        }

    def _unseen(self, gateway: v1_config.Gateway, offered: set[str]) -> str:
        """What the network's status lacks of the gateway."""
        found = self.job.find("ConfigMap", NETWORK_STATUS)
        seen = v1_status.of_gateway(((found or {}).get("data") or {}).get("NetworkStatus"), gateway.resource)
        if not seen.is_linked:
            return f"no link of router {gateway.resource} is to be seen in the network's status of {self.job.place}"
        missing = sorted(offered - seen.addresses)
        return f"the gateway does not offer {', '.join(missing)} in the network yet" if missing else ""


_KEYS = ("ca.crt", "tls.crt", "tls.key")


def waiting(job: GatewayJob) -> dict[str, Any]:
    """How long the host may wait."""
    left = max(1, int(job.deadline - job.clock()))
    return {"wait": bool(job.params["wait"]), "wait_timeout": left, "wait_sleep": int(job.params["wait_sleep"])}


def edge_of(site: SiteV1) -> Endpoint | None:
    """Where gateways dial the site; None where that is not known (a check run before the site is made)."""
    return next((each for each in site.dialled_at if each.role == "edge"), None)


def refuse_other_site(ground: Ground, site: SiteV1, place: str) -> None:
    """Refuse to turn the gateway of one site into that of another.

    :raises InterconnectError: names both.
    """
    found = ground.answer.text(SITE_ID)
    if found and site.id and found != site.id:
        raise InterconnectError(
            f"the host has a gateway {ground.name} of another site (id {found}; {place} has {site.id}): give this one "
            f"another name, or remove that one first (state: absent with its cluster). {NOTHING}"
        )
