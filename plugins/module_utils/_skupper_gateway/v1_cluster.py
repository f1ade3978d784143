# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a v1 gateway has in its site's namespace, and bringing that about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from .._apply.present import apply_one
from .._client.client import Object
from .._client.errors import InterconnectError
from .._skupper.v1 import tokens
from .._skupper.v1.signing import signed
from .._skupper.v1.site import SiteV1
from .._skupper.v1.vocabulary import POKED, REQUEST, ROUTER_CONFIG_KEY, ROUTER_DEPLOYMENT, SITE_CA, TOKEN, TYPE
from . import v1_config, v1_secret, v1_services
from .bindings import EXPOSE, Binding
from .job import GatewayJob

DEFINITION = "gateway-definition"
GATEWAY_TYPE, GATEWAY_NAME = "skupper.io/gateway-type", "skupper.io/gateway-name"
PODMAN = "podman"

POKE_SECONDS = 10.0
"""How long the site controller has for a request before it is asked again: it drops what comes at a bad moment."""

_UNKNOWN = "dW5rbm93bg=="
"""Stands for a key that nobody knows yet, where a check run predicts what will be written."""


@dataclass
class Cluster:
    """The cluster's half of one gateway."""

    job: GatewayJob
    site: SiteV1
    name: str
    resource: str
    secret: Object | None = None
    definition: Object | None = None
    services: Object | None = None
    owner: Mapping[str, Any] | None = None
    """The router's Deployment, whose end is the end of the gateway."""
    _poked: float = field(default=0.0)

    @classmethod
    def read(cls, job: GatewayJob, site: SiteV1, name: str, resource: str) -> Cluster:
        """Read what is there."""
        deployment = job.find("Deployment", ROUTER_DEPLOYMENT, "apps/v1")
        found = cls(
            job,
            site,
            name,
            resource,
            secret=job.find("Secret", resource),
            definition=job.find("ConfigMap", resource),
            services=job.find("ConfigMap", v1_services.SERVICES),
            owner=_reference(deployment),
        )
        found.refuse_foreign()
        return found

    def refuse_foreign(self) -> None:
        """Refuse objects of the gateway's name that are none of a gateway that we can run."""
        kind = v1_secret.kind_of(self.secret) if self.secret else REQUEST
        if kind not in v1_secret.KINDS:
            raise InterconnectError(
                f"Secret {self.resource} of {self.job.place} is in the way of the gateway {self.name}: it is "
                f"{tokens.what_it_is(self.secret or {})}. Remove it, or choose another name. Nothing was written"
            )
        annotations = ((self.definition or {}).get("metadata") or {}).get("annotations") or {}
        if annotations.get(GATEWAY_TYPE, PODMAN) != PODMAN:
            raise InterconnectError(
                f"the gateway {self.name} of {self.job.place} is there with type {annotations[GATEWAY_TYPE]}, which is "
                "run otherwise: remove it by `skupper gateway delete` on its host, or choose another name. Nothing was "
                "written"
            )

    def known(self, local: str | None) -> v1_config.Known:
        """What is known of the gateway: by the cluster, else by its host.

        :param local: the configuration on the host.
        """
        text = ((self.definition or {}).get("data") or {}).get(ROUTER_CONFIG_KEY)
        own = v1_config.read(local, f"config/{ROUTER_CONFIG_KEY} on the host")
        if not text:
            return own
        found = v1_config.read(text, f"ConfigMap {self.resource} of {self.job.place}")
        return replace(found, router_id=own.router_id or found.router_id, port=own.port)

    # -- credentials -------------------------------------------------------------------------------------------------

    def provide_secret(self) -> Object | None:
        """Have a good token; None where a check run can not know it, as it is to be issued first."""
        now, before = datetime.now(timezone.utc), int(self.job.params["renew_before"])
        kind = v1_secret.kind_of(self.secret) if self.secret else ""
        problem = (
            "" if self.secret is None or kind == REQUEST else v1_secret.problem(self.secret, self.site, now, before)
        )
        if problem:
            self.job.task.progress(f"the credentials of gateway {self.name} are renewed: {problem}")
        if self.secret is None or kind == REQUEST or problem:
            if self.job.params["sign"]:
                self._sign(now)
            else:
                self._have_issued(is_there=kind == REQUEST)
            if self.job.check_mode:
                return None
        if self.secret is None:
            raise InterconnectError(f"Secret {self.resource} of {self.job.place} has gone again: run this once more")
        patch = v1_secret.to_label(self.secret, self.site, self.owner)
        if patch:
            self.secret = self.job.patch(self.secret, patch).after
        return self.secret

    def _sign(self, now: datetime) -> None:
        """Sign it with the site's CA key, as upstream's CLI does it."""
        job = self.job
        data = dict.fromkeys(("ca.crt", "tls.crt", "tls.key"), _UNKNOWN)
        if not job.check_mode:
            ca = job.find("Secret", SITE_CA)
            if ca is None:
                raise InterconnectError(f"{job.place} has no Secret {SITE_CA}: the site is not made yet")
            data = signed(self.resource, ca, now)
        made = v1_secret.signed(self.resource, self.site, data, self.owner)
        if self.secret is None:
            self.secret = job.apply(job.place, made).after
        else:
            metadata = {key: made["metadata"][key] for key in ("labels", "annotations")}
            self.secret = job.patch(self.secret, {"metadata": metadata, "data": data}).after

    def _have_issued(self, is_there: bool) -> None:
        """Have the site controller issue it.

        :param is_there: the request was made before.
        """
        job = self.job
        if self.secret is None:
            made = job.apply(job.place, v1_secret.request(self.resource, job.place.namespace, self.owner))
            self.secret = made.after
        elif not is_there:
            job.patch(self.secret, {"metadata": {"labels": {TYPE: REQUEST}}})
        if job.check_mode:
            return
        self._poked = job.clock()
        job.wait_in_any_case(f"the site controller to issue Secret {self.resource}", self._not_issued)

    def _not_issued(self) -> str:
        job = self.job
        found = job.find("Secret", self.resource)
        if found is None:
            return f"Secret {self.resource} has gone again"
        self.secret = found
        if v1_secret.kind_of(found) == TOKEN and not tokens.missing_parts(found):
            return ""
        if v1_secret.kind_of(found) == REQUEST and job.clock() - self._poked >= POKE_SECONDS:
            self._poked = job.clock()
            stamp = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            job.patch(found, {"metadata": {"annotations": {POKED: stamp}}})
        return f"Secret {self.resource} is not issued yet: see the log of the site controller of {job.place}"

    # -- definition --------------------------------------------------------------------------------------------------

    def define(self, gateway: v1_config.Gateway) -> None:
        """Have the gateway's ConfigMap as it is wanted.

        Whoever else has written it is upstream's CLI on the same host, as its name is made of that host's machine id:
        it is taken over where it differs, and left alone where it does not.
        """
        text = v1_config.definition(gateway)
        metadata: dict[str, Any] = {
            "name": self.resource,
            "namespace": self.job.place.namespace,
            "labels": {TYPE: DEFINITION},
            "annotations": {GATEWAY_TYPE: PODMAN, GATEWAY_NAME: self.name},
        }
        if self.owner:
            metadata["ownerReferences"] = [dict(self.owner)]
        live = self.definition
        if live is not None and _is_as_wanted(live, metadata, text):
            return
        wanted = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {ROUTER_CONFIG_KEY: text}}
        outcome = apply_one(self.job.place.client, wanted, True, self.job.check_mode)
        self.job.outcomes.append(outcome)
        self.definition = outcome.after

    # -- the service -------------------------------------------------------------------------------------------------

    def service_change(self, wanted: Sequence[Binding], mode: str) -> str:
        """What has to be written for the service to be there; refuses a service that differs."""
        address = wanted[0].address
        live = v1_services.parsed(self.services, address)
        if live is None and self.services is None and self.job.check_mode and mode != EXPOSE:
            return ""  # the site is to be made by an earlier task, and its services, too
        return v1_services.change(live, wanted, mode, str(self.job.place))

    def provide_service(self, address: str, value: str) -> None:
        """Have the definition and, with it, the Service, with the gateway's label where the definition is ours."""
        job = self.job
        if value:
            # A check run may come before the site.
            metadata = {"name": v1_services.SERVICES, "namespace": job.place.namespace}
            before = self.services or {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
            self.services = job.patch(before, {"data": {address: value}}).after
        if not v1_services.made_here(self.services, address) and not value:
            return
        self._await_service(address)
        service = job.find("Service", address)
        labels = ((service or {}).get("metadata") or {}).get("labels") or {}
        if service is not None and labels.get(v1_services.GATEWAY_LABEL) != self.name:
            job.patch(service, {"metadata": {"labels": {v1_services.GATEWAY_LABEL: self.name}}})

    def _await_service(self, address: str) -> None:
        def missing() -> str:
            found = self.job.find("Service", address)
            return "" if found else f"Service {address} is not there: see the log of skupper-service-controller"

        self.job.wait_for(f"Service {address}", missing)


def _reference(deployment: Object | None) -> dict[str, Any] | None:
    if deployment is None:
        return None
    metadata = deployment["metadata"]
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": metadata["name"], "uid": metadata["uid"]}


def _is_as_wanted(live: Object, metadata: Mapping[str, Any], text: str) -> bool:
    found = live["metadata"]
    for part in ("labels", "annotations"):
        if not dict(metadata[part]).items() <= dict(found.get(part) or {}).items():
            return False
    owners = [owner["uid"] for owner in found.get("ownerReferences") or []]
    if any(owner["uid"] not in owners for owner in metadata.get("ownerReferences") or []):
        return False
    try:
        return _sorted((live.get("data") or {}).get(ROUTER_CONFIG_KEY) or "") == _sorted(text)
    except ValueError:
        return False


def _sorted(text: str) -> list[str]:
    """The entities in one order: upstream writes them in any."""
    return sorted(json.dumps(entity, sort_keys=True) for entity in json.loads(text))
