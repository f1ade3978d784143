# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role skupper_site: over the inventory, with a controller by OLM or from a manifest, with consoles."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Audit
from tests.integration.olm import olm
from tests.integration.runs import Ansible, Run
from tests.integration.scratch import Scratch
from tests.integration.skupper.site_objects import HUB, PHILLY, VERSIONS
from tests.integration.test_secrecy import LOUD, Value, seen
from tests.lab import Lab, difference
from tests.lab.api import Object, path

SITE = "Make the site and wait until it can be reached"
# The grant server counts what it has given; v1's controller makes a role once and keeps it.
KEPT_BY_OTHERS = ("skupper-service-controller-basic",)


class Role:
    """Runs of the role over the reference inventory, in a namespace of the test's own."""

    def __init__(self, ansible: Ansible, scratch: Scratch, lab: Lab, folder: Path, **variables: Any) -> None:
        self._ansible, self._folder, self._lab = ansible, folder, lab
        self.variables = {"skupper_namespace": scratch.id, "skupper_site_wait_timeout": 60, **variables}
        for cluster in lab.clusters:
            scratch.owns(cluster, path("v1", "namespaces", scratch.id))

    def run(self, entry: str, *arguments: str, hosts: str = HUB, **variables: Any) -> Run:
        """Run an entry point on some hosts."""
        task = {"ansible.builtin.import_role": {"name": "multicluster.interconnect.skupper_site", "tasks_from": entry}}
        playbook = self._folder / f"{entry}.json"
        playbook.write_text(json.dumps([{"hosts": hosts, "gather_facts": False, "tasks": [task]}]))
        return self._ansible.playbook(playbook, *arguments, variables={**self.variables, **variables})

    def left(self, before: dict[str, Any]) -> list[str]:
        """What the clusters have more, or less, than before."""
        found = difference(before, self._lab.inventory())
        return [line for line in found if not any(name in line for name in KEPT_BY_OTHERS)]


@pytest.mark.parametrize("version", VERSIONS)
def test_sites_of_the_inventory_come_and_go(
    version: str, lab: Lab, ansible: Ansible, scratch: Scratch, audit: Audit, tmp_path: Path
) -> None:
    role = Role(ansible, scratch, lab, tmp_path, skupper_version=version)
    both = f"{HUB}:{PHILLY}"
    before = lab.inventory()
    with audit() as checked:
        check = role.run("main", "--check", hosts=both).succeeded()
    assert checked.writes == []
    made = role.run("main", hosts=both).succeeded()
    assert check.changed == made.changed
    assert {(HUB, SITE), (PHILLY, SITE)} <= set(made.changed)
    with audit() as log:
        again = role.run("main", hosts=both).succeeded()
        verified = role.run("verify", hosts=both).succeeded()
    assert (log.writes, again.changed) == ([], [])
    assert f"{HUB}: site {HUB} in namespace {scratch.id}" in verified.task("Show the site", HUB).message
    assert "reached by 127.20.1." in verified.task("Show the site", HUB).message
    other = role.run("verify", skupper_site_settings={"router-logging": "debug"})
    assert "not as the inventory has it" in other.failures[0].message
    role.run("absent", hosts=both).succeeded()
    assert role.left(before) == []
    with audit() as log:
        gone = role.run("absent", hosts=both).succeeded()
    assert (log.writes, gone.changed) == ([], [])
    missing = role.run("verify")
    assert "not there, or not as the inventory has it" in missing.failures[0].message


def test_a_namespace_of_others_stays_without_its_site(
    lab: Lab, ansible: Ansible, scratch: Scratch, tmp_path: Path
) -> None:
    scratch.namespace(HUB)
    role = Role(ansible, scratch, lab, tmp_path, skupper_site_control="skupper/skupper-controller")
    role.run("main").succeeded()
    control = lab.api(HUB).get(path("v1", "configmaps", "skupper", scratch.id))
    assert control["data"] == {"controller": "skupper/skupper-controller"}
    role.run("absent").succeeded()
    assert lab.api(HUB).find(path("v1", "namespaces", scratch.id))
    assert lab.api(HUB).find(path("v1", "configmaps", "skupper", scratch.id)) is None


# -- controllers -------------------------------------------------------------------------------------------------------


def test_the_operator_is_installed_by_olm(
    lab: Lab, ansible: Ansible, scratch: Scratch, audit: Audit, tmp_path: Path
) -> None:
    place = f"{scratch.id}-operator"
    scratch.owns(HUB, path("v1", "namespaces", place))
    role = Role(
        ansible,
        scratch,
        lab,
        tmp_path,
        skupper_site_controller="olm",
        skupper_site_operator_namespace=place,
        skupper_site_controller_timeout=30,
    )
    with olm(lab, scratch):
        role.run("main").succeeded()
        live = lab.api(HUB).get(path("operators.coreos.com/v1alpha1", "subscriptions", "skupper-operator", place))
        assert live["spec"]["channel"] == "stable-2"
        with audit() as log:
            again = role.run("main").succeeded()
        assert (log.writes, again.changed) == ([], [])
        role.run("absent").succeeded()
        assert lab.api(HUB).find(path("v1", "namespaces", place))
        role.run("main").succeeded()
        role.run("absent", skupper_site_controller_remove=True).succeeded()
        assert lab.api(HUB).find(path("v1", "namespaces", place)) is None


def controller(name: str) -> list[Object]:
    """A controller's manifest as v1's for one namespace is: nothing in it says which."""
    labels = {"application": name}
    container = {"name": name, "image": "registry.example.com/controller:1"}
    template = {"metadata": {"labels": labels}, "spec": {"serviceAccountName": name, "containers": [container]}}
    deployment = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": deployment},
    ]


@pytest.fixture
def manifest(scratch: Scratch, tmp_path: Path) -> Path:
    file = tmp_path / "controller.yaml"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": controller(f"{scratch.id}-controller")}))
    return file


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The URL at which a folder is served while the block runs."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_controller_comes_from_a_manifest_and_goes_when_that_is_asked_for(
    lab: Lab, ansible: Ansible, scratch: Scratch, audit: Audit, tmp_path: Path, manifest: Path
) -> None:
    place, name = f"{scratch.id}-controller", f"{scratch.id}-controller"
    deployment = path("apps/v1", "deployments", name, place)
    scratch.owns(HUB, path("v1", "namespaces", place))
    checksum = hashlib.sha256(manifest.read_bytes()).hexdigest()
    from_manifest = {
        "skupper_site_controller": "manifest",
        "skupper_site_controller_namespace": place,
        "skupper_site_manifest": str(manifest),
        "skupper_site_manifest_checksum": f"sha256:{checksum}",
    }
    role = Role(ansible, scratch, lab, tmp_path, **from_manifest)
    before = lab.inventory()
    check = role.run("main", "--check").succeeded()
    made = role.run("main").succeeded()
    assert check.changed == made.changed
    assert lab.api(HUB).get(deployment)["status"]["readyReplicas"] == 1
    with served(manifest.parent) as url, audit() as log:
        again = role.run("main", skupper_site_manifest=f"{url}/{manifest.name}").succeeded()
        wrong = role.run("main", skupper_site_manifest_checksum="sha256:" + "0" * 64)
    assert (log.writes, again.changed) == ([], [])
    assert f"has the SHA-256 {checksum}" in wrong.failures[0].message
    role.run("absent").succeeded()
    assert lab.api(HUB).find(deployment)
    role.run("absent", skupper_site_controller_remove=True).succeeded()
    assert role.left(before) == []


def test_a_controller_that_others_installed_is_left_alone(
    lab: Lab, ansible: Ansible, scratch: Scratch, audit: Audit, tmp_path: Path, manifest: Path
) -> None:
    place = scratch.namespace(HUB, "-controller")
    account, theirs = controller(f"{scratch.id}-controller")
    theirs["spec"]["replicas"] = 2
    scratch.make(HUB, path("v1", "serviceaccounts", namespace=place), account)
    scratch.make(HUB, path("apps/v1", "deployments", namespace=place), theirs)
    role = Role(
        ansible,
        scratch,
        lab,
        tmp_path,
        skupper_site_controller="manifest",
        skupper_site_controller_namespace=place,
        skupper_site_manifest=str(manifest),
        skupper_site_controller_remove=True,
        skupper_site_controller_timeout=30,
    )
    with audit(HUB) as log:
        role.run("main").succeeded()
        role.run("absent").succeeded()
    assert [line for line in log.writes if place in line] == []


# -- consoles ----------------------------------------------------------------------------------------------------------


def test_a_v1_site_has_a_console_and_nobody_sees_its_password(
    lab: Lab, ansible: Ansible, scratch: Scratch, tmp_path: Path
) -> None:
    password = Value()
    role = Role(
        ansible,
        scratch,
        lab,
        tmp_path,
        skupper_version="v1",
        skupper_site_console=True,
        skupper_site_console_user="operator",
    )
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "password.yml").write_text(json.dumps({"skupper_site_console_password": password.text}))
    given = f"@{secret / 'password.yml'}"
    runs = [role.run("main", "-e", given, *LOUD).succeeded() for _again in range(2)]
    assert runs[1].changed == []
    assert "console at https://127.20.1." in runs[0].task("Show the site").message
    users = lab.api(HUB).get(path("v1", "secrets", "skupper-console-users", scratch.id))
    assert users["data"] == {"operator": password.encoded}
    role.run("absent", "-e", given, *LOUD).succeeded()
    (secret / "password.yml").unlink()
    for run in runs:
        assert password.shown_by(*seen(run, tmp_path)) == []


def test_a_v2_site_has_the_network_observer_of_a_manifest(
    lab: Lab, ansible: Ansible, scratch: Scratch, tmp_path: Path
) -> None:
    ports = [{"name": "https", "port": 8443}]
    service = {"type": "LoadBalancer", "selector": {"application": "network-observer"}, "ports": ports}
    observer = [
        *controller("network-observer"),
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "network-observer"}, "spec": service},
    ]
    file = tmp_path / "observer.yaml"
    file.write_text("\n---\n".join(json.dumps(each) for each in observer))
    role = Role(ansible, scratch, lab, tmp_path, skupper_site_console=True, skupper_site_console_manifest=str(file))
    role.run("main").succeeded()
    run = role.run("main").succeeded()
    assert run.changed == []
    assert "console at https://127.20.1." in run.task("Show the site").message
    assert run.task("Show the site").message.endswith(":8443")
    role.run("absent").succeeded()
    assert lab.api(HUB).find(path("v1", "namespaces", scratch.id)) is None
