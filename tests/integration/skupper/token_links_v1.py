# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links between v1 sites as the module makes them: what it is given, and what it leaves in the clusters."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.integration.lab.sites_v1 import TYPE, SitesV1
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, Run, Step, step
from tests.integration.skupper.token_links import HUB, LINK, MODULE, PHILLY, done
from tests.lab import Lab
from tests.lab.api import ApiError, Object, path
from tests.lab.skupper.v1 import certificates

REQUEST, TOKEN = "connection-token-request", "connection-token"
SECOND = f"{LINK}-2"
TRACKING = "argocd.argoproj.io/tracking-id"


class LinksV1(SitesV1):
    """Two sites, of which Philly's links with the hub's, and the tasks that do it."""

    def args(self, **more: Any) -> dict[str, Any]:
        """Arguments of a task for the link, run as the linking cluster."""
        common = {"namespace": self.namespace, "name": LINK, "version": "v1", "wait_sleep": 1, "wait_timeout": 60}
        return {**common, "issuer": {"context": HUB}, **more}

    def issuer_args(self, **more: Any) -> dict[str, Any]:
        """The same for a task at the issuing site."""
        args = self.args(**more)
        del args["issuer"]
        return {**args, "context": HUB, "state": "issued"}

    def run(self, ansible: Ansible, *steps: Step, arguments: tuple[str, ...] = ()) -> Run:
        return ansible.steps(*steps, cluster=PHILLY, arguments=arguments)

    def task(self, ansible: Ansible, **more: Any) -> dict[str, Any]:
        """Run one task for the link, which must succeed; return its result."""
        return done(self.run(ansible, step("link", MODULE, **self.args(**more))), "link")

    def secret(self, cluster: str, name: str = LINK) -> Object:
        return self.get(cluster, "secrets", name)

    def tokens(self, cluster: str) -> list[str]:
        """Names of the link's Secrets in a cluster."""
        target = path("v1", "secrets", namespace=self.namespace)
        names = (each["metadata"]["name"] for each in self.api[cluster].items(target))
        return sorted(name for name in names if name.startswith(LINK))

    def take(self, cluster: str, name: str = LINK) -> None:
        """Delete a token behind the module's back; return when its connector has gone, too."""
        self.delete(cluster, "secrets", name)
        until(lambda: not self.secret(cluster, name), f"Secret {name} is gone")
        until(lambda: name not in self.connectors(cluster), f"the connector of {name} is gone")

    def forget(self) -> None:
        """Remove all tokens, whoever made them."""
        for cluster in (PHILLY, HUB):
            for name in self.tokens(cluster):
                self.take(cluster, name)
        self.unlinked(PHILLY)

    def writes(self, token: str = LINK) -> list[str]:
        """What the module writes to have a token and to bring it to the linking site."""
        return [f"{cluster}: patch secrets {self.namespace}/{token}" for cluster in (HUB, PHILLY)]

    def deletes(self, token: str = LINK) -> list[str]:
        """What it deletes to remove it."""
        return [f"{cluster}: delete secrets {self.namespace}/{token}" for cluster in (PHILLY, HUB)]

    def revoke(self, cluster: str) -> None:
        """As `skupper revoke-access`: a new CA, the router's certificate by it, the router restarted."""
        host = self.get(cluster, "services", "skupper-router")["status"]["loadBalancer"]["ingress"][0]["ip"]
        authority = certificates.authority("skupper-site-ca")
        self.merge(cluster, "secrets", "skupper-site-ca", {"data": authority})
        server = certificates.issue(authority, host, (host,))
        self.merge(cluster, "secrets", "skupper-site-server", {"data": server})
        self.restart_router(cluster)

    def label(self, cluster: str, value: str, name: str = LINK, manager: str = "argocd-controller") -> None:
        """Set the label of a token's type as somebody else, who marks what is its own as Argo CD does.

        By the mark alone is it known as a writer once the site controller has set the label in turn.
        """
        patch = {
            "metadata": {"labels": {TYPE: value}, "annotations": {TRACKING: f"demo:/Secret:{self.namespace}/{name}"}}
        }
        target = path("v1", "secrets", name, self.namespace)
        self.api[cluster].merge(f"{target}?fieldManager={manager}", patch)

    @contextmanager
    def healed(self, name: str = LINK, pause: float = 0.1) -> Iterator[None]:
        """While the block runs, somebody sets the issued token back to the request that it was, as Argo CD does it."""
        ended = threading.Event()

        def heal() -> None:
            while not ended.is_set():
                found = (self.secret(HUB, name).get("metadata") or {}).get("labels") or {}
                if found.get(TYPE) == TOKEN:
                    try:
                        self.label(HUB, REQUEST, name)
                    except ApiError as error:
                        if error.status != 404:
                            raise
                time.sleep(pause)

        thread = threading.Thread(target=heal)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@contextmanager
def links_v1(lab: Lab, namespace: str) -> Iterator[LinksV1]:
    """Two sites, until the block ends."""
    made = LinksV1(lab, namespace, HUB, PHILLY)
    try:
        made.make(HUB, ingress="loadbalancer")
        made.make(PHILLY, ingress="none")
        for cluster in (HUB, PHILLY):
            made.ready(cluster)
        yield made
    finally:
        made.clean()
