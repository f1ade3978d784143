# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A gateway of Skupper v2: a site of its own on the host, linked to one in a cluster.

Consuming sites need a Listener each, with the gateway's address as its routing key (role skupper_network).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._client.client import Object
from .._client.errors import InputError, InterconnectError
from .._skupper.model import Material, Site
from .._skupper.names import is_label
from .._skupper.network_status import of_v2
from .._skupper.v2 import reading
from . import v2_cluster, v2_files, v2_known
from .bindings import Binding, with_bindings
from .ground import NOTHING, Ground, data_home, look, questions, refuse_host
from .host import Answer
from .job import GatewayJob
from .v1 import CONNECTED, LOOPBACK, waiting
from .v2_resources import PodmanSite, container_of


class V2:
    """One run for a v2 gateway."""

    def __init__(self, job: GatewayJob) -> None:
        self.job = job
        if job.params["sign"]:
            raise InputError("sign", "is for v1: the controller of v2 signs by itself")

    # -- looking -----------------------------------------------------------------------------------------------------

    def ground(self, site: Site | None = None, wanted: Sequence[Binding] = ()) -> tuple[Ground, v2_known.Known]:
        """Look at the host, and at the gateway that is there."""
        asked = questions(v2_cluster.edge_of(site) if site else None, wanted)
        read = [v2_files.CONFIG, v2_known.NOTES]
        # Ports of our own matter to those only that are to be listened at. It takes long to ask the router.
        own = {"config_file": v2_files.CONFIG} if any(each.forwards for each in wanted) else {}
        found = look(self.job, self._home, container_of, read=read, **own, **asked)
        if not is_label(found.name):
            raise InputError(
                "name",
                f"{found.name!r} can not be the name of a site of v2: give a name of lower case letters, digits and "
                "hyphens (DNS label)",
            )
        return found, v2_known.read(found.answer.text(v2_files.CONFIG), found.answer.text(v2_known.NOTES))

    def _home(self, name: str, answer: Answer) -> str:
        given = self.job.params["data_home"]
        if given:
            return v2_files.home(str(given), -1, name)
        if "uid" not in answer.host:  # of root and others, the folders are elsewhere
            return ""
        return v2_files.home(data_home(self.job, answer), int(answer.host["uid"]), name)

    # -- states ------------------------------------------------------------------------------------------------------

    def present(self, wanted: Sequence[Binding]) -> dict[str, Any]:
        """Have the gateway, with these bindings among its others."""
        job = self.job
        live, site = v2_cluster.settled_site(job)
        ground, known = self.ground(site, wanted)
        refuse_host(job, ground, v2_cluster.edge_of(site), wanted)
        self.refuse_other_site(ground, known, site)
        material = v2_cluster.provide_material(job, live, site, ground.name, ground.resource)
        podman_site = self.site_of(ground, site, material, with_bindings(known.bindings, wanted))
        job.ask(state="present", **self.router(ground, known, site, podman_site))
        return self.result(ground, known, site, podman_site, await_link=True)

    def restarted(self) -> dict[str, Any]:
        """Restart the router, as it is."""
        job = self.job
        live, site = v2_cluster.settled_site(job)
        ground, known = self.ground(site)
        self.refuse_other_site(ground, known, site)
        if not ground.answer.container:
            raise InterconnectError(
                f"there is no gateway {ground.name} that could be restarted: make it first (state: present). {NOTHING}"
            )
        material = v2_cluster.provide_material(job, live, site, ground.name, ground.resource)
        podman_site = self.site_of(ground, site, material, known.bindings)
        job.ask(state="restarted", **self.router(ground, known, site, podman_site))
        return self.result(ground, known, site, podman_site, await_link=True)

    def refuse_other_site(self, ground: Ground, known: v2_known.Known, site: Site) -> None:
        """Refuse to turn a podman site of another network into a gateway of this one.

        :raises InterconnectError: says what is there.
        """
        if site.is_there and not v2_known.belongs(known, site.id, site.endpoints):
            raise InterconnectError(
                f"the host has a podman site {ground.name} (id {known.site_id}) of another network than "
                f"{self.job.place}: give this gateway another name, or remove that site first. {NOTHING}"
            )

    # -- the router --------------------------------------------------------------------------------------------------

    def site_of(self, ground: Ground, site: Site, material: Material | None, bindings: Sequence[Binding]) -> PodmanSite:
        """The site that is wanted on the host."""
        return PodmanSite(ground.name, ground.resource, site.endpoints, material, bindings)

    def router(self, ground: Ground, known: v2_known.Known, site: Site, podman_site: PodmanSite) -> dict[str, Any]:
        """What the host is to run."""
        image = str(self.job.params["image"] or v2_files.IMAGE)
        arguments = v2_files.router_arguments(
            podman_site, self._site_id(ground, known, site), self._port(ground, known), image
        )
        arguments["files"][v2_known.NOTES] = v2_known.write(site.id, podman_site.bindings)
        arguments["unread"].append(v2_known.NOTES)
        return {**arguments, "gateway_name": ground.name, "home": ground.home, **waiting(self.job)}

    def _site_id(self, ground: Ground, known: v2_known.Known, site: Site) -> str:
        return known.site_id or v2_known.new_site_id(site.id, ground.resource)

    def _port(self, ground: Ground, known: v2_known.Known) -> int:
        """Where the router is managed: where it was before, unless somebody has taken that since."""
        if known.port and ground.answer.is_running:
            return known.port
        if known.port:
            own = [{"host": LOOPBACK, "port": known.port}]
            if not self.job.ask(state="probed", ports_free=own).taken_by(known.port):
                return known.port
        return int(ground.answer.host.get("free_port") or 5671)

    # -- the end -----------------------------------------------------------------------------------------------------

    def result(
        self, ground: Ground, known: v2_known.Known, site: Site, podman_site: PodmanSite, await_link: bool
    ) -> dict[str, Any]:
        """What the module returns, once the network sees the gateway."""
        job, site_id, link = self.job, self._site_id(ground, known, site), podman_site.link
        if await_link:
            job.wait_for(f"the network to see gateway {ground.name}", lambda: self._unseen(site_id))
        answer = job.answers[-1] if job.answers else ground.answer
        status, said = answer.connector(link)
        unseen = "" if job.check_mode and job.changed else self._unseen(site_id)
        message = unseen if status in (CONNECTED, "") else f"the gateway's router says {status}: {said}"
        edge = v2_cluster.edge_of(site)
        return {
            "gateway": {
                "name": ground.name,
                "resource": ground.resource,
                "host": ground.answer.host.get("hostname"),
                "router_id": site_id,
                "edge": {"host": edge.host if edge else "", "port": edge.port if edge else ""},
                "running": answer.is_running,
                "link": {"up": status == CONNECTED and not unseen, "message": message or "up"},
                "bindings": [binding.as_result() for binding in podman_site.bindings],
                "versions": {
                    "podman": ground.answer.podman.get("version"),
                    "image": answer.container.get("image"),
                    "router": answer.router.get("version"),
                },
            }
        }

    def _unseen(self, site_id: str) -> str:
        """What the network's status lacks of the gateway."""
        live: Object | None = v2_cluster.read_site(self.job)[0]
        seen = of_v2(reading.status_of(live).get("network"))
        if site_id not in seen.sites:
            return f"site {site_id} is not to be seen in the network's status of {self.job.place}"
        if not any(link.site == site_id and link.up for link in seen.links):
            return f"site {site_id} has no link that works, as the network's status of {self.job.place} says"
        return ""
