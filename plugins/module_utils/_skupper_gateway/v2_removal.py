# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking a v2 gateway out again, as much of it as can be reached."""

from __future__ import annotations

from typing import Any

from .._client.errors import ApiError, InterconnectError
from .._skupper.model import Site
from . import v2_cluster
from .bindings import check_address, without_address
from .ground import Ground
from .job import GatewayJob, HostUnreachable
from .removal import attempt, ended
from .v2 import V2
from .v2_known import Known
from .v2_resources import container_of

_FAILURES = (ApiError, HostUnreachable)
"""What keeps one half from being removed, while the other may be."""


class RemovalV2:
    """One run that removes a gateway, or one address of it."""

    def __init__(self, job: GatewayJob) -> None:
        self.job = job
        self.version = V2(job)
        self.remains: list[str] = []

    def absent(self) -> dict[str, Any]:
        """Remove the address that is named, and with the last one, or where none is named, the gateway."""
        address = str(self.job.params["address"] or "")
        if address:
            check_address(address)
        ground, known = self._ground()
        site = self._site()
        if ground and site:
            self.version.refuse_other_site(ground, known, site)
        left = without_address(known.bindings, address) if address else []
        if not left:
            return self._everything(ground, site)
        if ground is None or site is None or not site.is_there:
            raise InterconnectError(
                f"address {address} of gateway {self.job.link} can not be removed alone: "
                f"{'; '.join(self.remains) or 'its site is gone'}. Remove the whole gateway (without address), or try "
                "again"
            )
        return self._without_address(ground, known, left)

    def _ground(self) -> tuple[Ground | None, Known]:
        """The host, or None where it can not be asked."""
        try:
            return self.version.ground()
        except HostUnreachable as error:
            why = error.message
        name = str(self.job.params["name"] or "")
        if not name:
            raise InterconnectError(
                f"the host can not be asked ({why}), and without it the gateway's name is not known: give it by name"
            )
        self.job.link = name
        self.remains.append(f"what the host has of it: container, unit and files ({why})")
        return None, Known()

    def _site(self) -> Site | None:
        """The site, or None where the cluster can not be asked; one that is gone has no id."""
        try:
            return v2_cluster.read_site(self.job)[1]
        except ApiError as error:
            self.remains.append(f"what the cluster has of it, as it could not be asked ({error.message})")
            return None
        except InterconnectError:  # no site any more, or of v1: then there is nothing of a v2 gateway but what is named
            place = self.job.place
            return Site("", "", place.namespace, place.client.server)

    def _without_address(self, ground: Ground, known: Known, left: list[Any]) -> dict[str, Any]:
        """Keep the gateway with its other addresses."""
        job, version = self.job, self.version
        live, site = v2_cluster.settled_site(job)
        material = v2_cluster.provide_material(job, live, site, ground.name, ground.resource)
        podman_site = version.site_of(ground, site, material, left)
        job.ask(state="present", **version.router(ground, known, site, podman_site))
        return version.result(ground, known, site, podman_site, await_link=False)

    def _everything(self, ground: Ground | None, site: Site | None) -> dict[str, Any]:
        job = self.job
        if ground:
            attempt(self.remains, "what the host has of it", lambda: self._remove_from_host(ground), _FAILURES)
        if site:
            attempt(self.remains, "what the cluster has of it", lambda: self._remove_from_cluster(ground), _FAILURES)
        return ended(job, self.remains)

    def _remove_from_host(self, ground: Ground) -> None:
        self.job.ask(state="absent", name=container_of(ground.name), home=ground.home)

    def _remove_from_cluster(self, ground: Ground | None) -> None:
        job = self.job
        if ground:
            v2_cluster.remove_credentials(job, ground.resource)
            return
        found = v2_cluster.named(job, job.link)
        if len(found) > 1:
            raise InterconnectError(
                f"{job.place} has {len(found)} gateways {job.link}, of several hosts, and this host does not say which "
                f"is its own: remove Certificate {' or '.join(found)} by hand"
            )
        for resource in found:
            v2_cluster.remove_credentials(job, resource)
