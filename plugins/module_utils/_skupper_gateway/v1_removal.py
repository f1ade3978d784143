# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking a v1 gateway out again, as much of it as can be reached."""

from __future__ import annotations

from typing import Any

from .._client.client import Object
from .._client.errors import ApiError, InterconnectError
from .._skupper.v1.site import SiteV1
from .._skupper.v1.site_reading import read_site
from .._skupper.v1.vocabulary import TYPE
from . import v1_config, v1_services
from .bindings import Binding, check_address, without_address
from .ground import Ground
from .job import GatewayJob, HostFailed
from .removal import attempt, ended
from .v1 import CONFIG, V1, refuse_other_site
from .v1_cluster import DEFINITION, GATEWAY_NAME, Cluster

_FAILURES = (ApiError, HostFailed)
"""What keeps one half from being removed, while the other may be."""


class Removal:
    """One run that removes a gateway, or one address of it."""

    def __init__(self, job: GatewayJob) -> None:
        self.job = job
        self.remains: list[str] = []

    def absent(self) -> dict[str, Any]:
        """Remove the address that is named, and with the last one, or where none is named, the gateway."""
        job = self.job
        address = str(job.params["address"] or "")
        if address:
            check_address(address)
        ground = self._ground()
        try:
            site: SiteV1 | None = read_site(job, job.place, issues=True)
        except ApiError as error:
            site = None
            self.remains.append(f"what the cluster has of it, as it could not be asked ({error.message})")
        if site and ground:
            refuse_other_site(ground, site, str(job.place))
        cluster = self._cluster(site, ground) if site else None
        bindings = self._bindings(ground, cluster)
        left = without_address(bindings, address) if address else []
        if left and ground and cluster and cluster.site.config:
            return self._without_address(ground, cluster, address, left)
        if left:
            raise InterconnectError(
                f"address {address} of gateway {job.link} can not be removed: {'; '.join(self.remains)}. Remove the "
                "whole gateway (without address), or try again"
            )
        return self._everything(ground, cluster, bindings)

    # -- looking -----------------------------------------------------------------------------------------------------

    def _ground(self) -> Ground | None:
        """The host, or None where it can not be asked."""
        try:
            return V1(self.job).ground()
        except HostFailed as error:
            why = error.message
        if not self.job.params["name"]:
            raise InterconnectError(
                f"the host can not be asked ({why}), and without it the gateway's name is not known: give it by name"
            )
        self.remains.append(f"what the host has of it: container, unit and files ({why})")
        return None

    def _cluster(self, site: SiteV1, ground: Ground | None) -> Cluster | None:
        """The cluster's half, by its name, or, where the host does not tell that, by what it says of itself."""
        job = self.job
        name = ground.name if ground else str(job.params["name"])
        job.link = name
        if ground:
            return Cluster.read(job, site, name, ground.resource)
        named = [
            each["metadata"]["name"]
            for each in job.list(job.place, "v1", "ConfigMap", f"{TYPE}={DEFINITION}")
            if (each["metadata"].get("annotations") or {}).get(GATEWAY_NAME) == name
        ]
        if len(named) > 1:
            raise InterconnectError(
                f"{job.place} has {len(named)} gateways {name}, of several hosts, and this host does not say which is "
                f"its own: remove the ConfigMap and the Secret by hand, of {' or '.join(sorted(named))}"
            )
        return Cluster.read(job, site, name, named[0]) if named else None

    def _bindings(self, ground: Ground | None, cluster: Cluster | None) -> list[Binding]:
        local = ground.answer.text(CONFIG) if ground else None
        try:
            known = cluster.known(local) if cluster else v1_config.read(local, "the host")
        except InterconnectError as error:
            self.job.task.warn(error.message)
            return []
        return list(known.bindings)

    # -- removing ----------------------------------------------------------------------------------------------------

    def _without_address(self, ground: Ground, cluster: Cluster, address: str, left: list[Binding]) -> dict[str, Any]:
        """Keep the gateway with its other addresses."""
        version = V1(self.job)
        site = version.site()
        cluster.site = site
        gateway = version.gateway(ground, site, cluster.known(ground.answer.text(CONFIG)), left)
        version.converge(ground, cluster, gateway)
        self._let_go(cluster, [address])
        return version.result(ground, gateway, await_link=False)

    def _everything(self, ground: Ground | None, cluster: Cluster | None, bindings: list[Binding]) -> dict[str, Any]:
        job = self.job
        if ground:
            attempt(self.remains, "what the host has of it", lambda: self._remove_from_host(ground), _FAILURES)
        if cluster:
            attempt(
                self.remains,
                "what the cluster has of it",
                lambda: self._remove_from_cluster(cluster, bindings),
                _FAILURES,
            )
        return ended(job, self.remains)

    def _remove_from_host(self, ground: Ground) -> None:
        self.job.ask(state="absent", name=ground.name, home=ground.home)

    def _remove_from_cluster(self, cluster: Cluster, bindings: list[Binding]) -> None:
        job = self.job
        self._let_go(cluster, sorted({each.address for each in bindings if not each.forwards}))
        for kind in ("ConfigMap", "Secret"):
            job.remove(job.place, "v1", kind, cluster.resource)
        job.await_gone()

    def _let_go(self, cluster: Cluster, addresses: list[str]) -> None:
        """Take back the definitions that the gateway has made, and its label from Services of others.

        As upstream does it: a definition with other targets, or of another site, stays.
        """
        job = self.job
        labelled = job.list(job.place, "v1", "Service", f"{v1_services.GATEWAY_LABEL}={cluster.name}")
        named = {each["metadata"]["name"]: each for each in labelled}
        only = set(addresses) if job.params["address"] else {*addresses, *named}
        for address in sorted(only):
            live = v1_services.parsed(cluster.services, address)
            ours = address in named or v1_services.made_here(cluster.services, address)
            if live is not None and ours and v1_services.is_free(live) and cluster.services:
                cluster.services = job.patch(cluster.services, {"data": {address: None}}).after
            elif address in named:
                self._unlabel(named[address])

    def _unlabel(self, service: Object) -> None:
        self.job.patch(service, {"metadata": {"labels": {v1_services.GATEWAY_LABEL: None}}})
