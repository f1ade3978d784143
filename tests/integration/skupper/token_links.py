# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links between v2 sites as the module makes them: what it is given, and what it leaves in the clusters."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.integration.lab.sites import GROUP, RESOURCES, Sites
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, Run, Step, step
from tests.lab import Lab
from tests.lab.api import Object, path
from tests.lab.build import Binaries

MODULE = "skupper_token"
HUB, TORONTO, PHILLY = "ca-central", "ca-toronto", "us-philly"
LINK = "us-philly-to-ca-central"
LABEL = "multicluster.interconnect/link"
CERTIFICATE_KEYS = ("serial", "subject", "not_after", "fingerprint")


class Links(Sites):
    """Two sites, of which Philly's links with the hub's, and the tasks that do it."""

    def args(self, **more: Any) -> dict[str, Any]:
        """Arguments of a task for the link, run as the linking cluster."""
        common = {"namespace": self.namespace, "name": LINK, "version": "v2", "wait_sleep": 1, "wait_timeout": 60}
        return {**common, "issuer": {"context": HUB}, **more}

    def issuer_args(self, **more: Any) -> dict[str, Any]:
        """The same for a task at the issuing site."""
        args = self.args(**more)
        del args["issuer"]
        return {**args, "context": HUB, "state": "issued"}

    def run(self, ansible: Ansible, *steps: Step, arguments: tuple[str, ...] = ()) -> Run:
        return ansible.steps(*steps, cluster=PHILLY, arguments=arguments)

    def linked(self, ansible: Ansible, **more: Any) -> dict[str, Any]:
        """Link the sites; return the task's result."""
        return done(self.run(ansible, step("link", MODULE, **self.args(**more))), "link")

    def names(self, cluster: str, kind: str) -> list[str]:
        """Names of what the link's objects of a kind are called in a cluster."""
        api = self._api[cluster]
        target = path("v1", "secrets", namespace=self.namespace)
        if kind != "Secret":
            target = path(GROUP, RESOURCES[kind], namespace=self.namespace)
        return sorted(name for each in api.items(target) if (name := each["metadata"]["name"]).startswith(LINK))

    def tokens(self) -> dict[str, list[str]]:
        """All objects of the link's tokens."""
        return {
            "Certificate": self.names(HUB, "Certificate"),
            "AccessGrant": self.names(HUB, "AccessGrant"),
            "AccessToken": self.names(PHILLY, "AccessToken"),
            "Link": self.names(PHILLY, "Link"),
            "Secret": self.names(PHILLY, "Secret"),
        }

    def object(self, cluster: str, kind: str, name: str) -> Object:
        if kind == "Secret":
            return self._api[cluster].get(path("v1", "secrets", name, self.namespace))
        return self._api[cluster].get(path(GROUP, RESOURCES[kind], name, self.namespace))

    def take(self, cluster: str, kind: str, name: str) -> None:
        """Delete an object behind the module's back; return when it is gone."""
        target = path("v1", "secrets", name, self.namespace)
        if kind != "Secret":
            target = path(GROUP, RESOURCES[kind], name, self.namespace)
        self._api[cluster].delete(target)
        until(lambda: self._api[cluster].find(target) is None, f"{kind} {name} is gone")

    def forget(self) -> None:
        """Remove all tokens, whoever made them."""
        for kind, names in self.tokens().items():
            cluster = HUB if kind in ("Certificate", "AccessGrant") else PHILLY
            for name in names:
                self.take(cluster, kind, name)
        until(lambda: self.names(HUB, "Secret") == [], "the issued Secrets are gone")

    def writes(self, token: str) -> list[str]:
        """What the module writes to make a certificate token and its link."""
        return [
            f"{HUB}: patch certificates {self.namespace}/{token}",
            f"{PHILLY}: patch secrets {self.namespace}/{token}",
            f"{PHILLY}: patch links {self.namespace}/{token}",
        ]

    def deletes(self, token: str) -> list[str]:
        """What it deletes to remove them."""
        return [
            f"{PHILLY}: delete links {self.namespace}/{token}",
            f"{PHILLY}: delete secrets {self.namespace}/{token}",
            f"{HUB}: delete certificates {self.namespace}/{token}",
        ]


@contextmanager
def links(lab: Lab, namespace: str, **site: Any) -> Iterator[Links]:
    """Two sites, until the block ends; `site`: spec of the hub's."""
    made = Links(lab, namespace)
    try:
        made.make(HUB, "Site", HUB, **{"linkAccess": "loadbalancer", **site})
        made.make(PHILLY, "Site", PHILLY)
        for cluster in (HUB, PHILLY):
            made.wait(cluster, "Site", cluster, "Ready")
        yield made
    finally:
        made.clean()


def done(run: Run, name: str) -> dict[str, Any]:
    """The result of a task that must have succeeded."""
    task = run.task(name)
    assert not task.failed, run.output
    return task.result


def refused(run: Run, name: str, *words: str) -> str:
    """The message of a task that must have failed, and says certain words."""
    task = run.task(name)
    assert task.failed, run.output
    missing = [word for word in words if word not in task.message]
    assert not missing, f"{missing} not in: {task.message}"
    return task.message


def skupper(sites: Sites, cluster: str, folder: Path, *arguments: str) -> str:
    """Run upstream's CLI for the site of a cluster; return what it says."""
    lab = sites.lab
    where = ("--kubeconfig", str(lab.kubeconfig), "--context", cluster, "--namespace", sites.namespace)
    command = [Binaries.load(lab.layout.binaries)["skupper"], *arguments, *where]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=90)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
