# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks as AWX and Automation Controller run them: by ansible-runner, from a folder that is made for each job.

What is as there (ansible/awx awx/main/tasks/jobs.py): the project as it is in Git, the inventory as `ansible-inventory`
exports it, the credential as a file that an environment variable names, extra variables in a file.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.environments import DEVELOPMENT
from tests.integration.conftest import Audit
from tests.integration.keys import keys_of, shown
from tests.integration.runs import BOTH
from tests.lab import Lab, difference
from tests.lab.podman import host
from tests.tree import CHECKOUT

SITE = "online-boutique"
SECONDS = 300.0
CREDENTIAL = "credential.kubeconfig"


class Controller:
    """Jobs over one private data folder."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.folder = folder
        for each in ("env", "inventory"):
            (folder / each).mkdir(parents=True)
        (folder / "project").symlink_to(CHECKOUT)
        shutil.copy(lab.kubeconfig, folder / CREDENTIAL)
        (folder / CREDENTIAL).chmod(0o600)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "ANSIBLE_"))}
        inherited.pop("KUBECONFIG", None)
        self._environment = {
            **inherited,
            "LC_ALL": "C.UTF-8",
            "PATH": f"{DEVELOPMENT.bin()}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "LAB_DIR": str(lab.layout.root),
        }
        # As there: a program that prints it.
        (folder / "inventory.json").write_text(self._export())
        (folder / "inventory" / "hosts").write_text(f"#!/bin/sh\nexec cat '{folder}/inventory.json'\n")
        (folder / "inventory" / "hosts").chmod(0o700)
        variables = {"K8S_AUTH_KUBECONFIG": str(folder / CREDENTIAL), "ANSIBLE_HOME": str(folder / "home")}
        (folder / "env" / "envvars").write_text(json.dumps(variables))

    def _export(self) -> str:
        """The inventory as it is imported from a project; the credential is a job's, not the inventory's."""
        program = str(DEVELOPMENT.bin() / "ansible-inventory")
        words = [program, *(word for each in BOTH for word in ("-i", each)), "--list", "--export"]
        done = subprocess.run(
            words, cwd=CHECKOUT, env=self._environment, capture_output=True, text=True, check=True, timeout=SECONDS
        )
        inventory: dict[str, Any] = json.loads(done.stdout)
        inventory["clusters"]["vars"]["kubeconfig"] = "{{ lookup('ansible.builtin.env', 'K8S_AUTH_KUBECONFIG') }}"
        return json.dumps(inventory)

    def job(self, playbook: str, *arguments: str, **variables: Any) -> Job:
        """Run a job template."""
        name = f"{playbook.partition('.')[0]}-{len(list((self.folder / 'artifacts').glob('*')))}"
        (self.folder / "env" / "extravars").write_text(json.dumps(variables))
        (self.folder / "env" / "cmdline").unlink(missing_ok=True)  # the runner keeps that of the last job
        words = [str(DEVELOPMENT.bin() / "ansible-runner"), "run", str(self.folder), "-p", playbook, "-i", name]
        if arguments:
            words += ["--cmdline", " ".join(arguments)]
        done = subprocess.run(
            words, env=self._environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )
        return Job(self.folder / "artifacts" / name, done.stdout + done.stderr)


class Job:
    """A job that has ended, as the controller keeps it."""

    def __init__(self, artifacts: Path, output: str) -> None:
        self.output = output
        self.status = (artifacts / "status").read_text()
        self.events = [json.loads(each.read_text()) for each in (artifacts / "job_events").glob("*.json")]
        [stats] = [each["event_data"] for each in self.events if each["event"] == "playbook_on_stats"]
        self.changed: dict[str, int] = stats["changed"]
        self.failed: dict[str, int] = {**stats["failures"], **stats["dark"]}


@pytest.fixture
def controller(lab: Lab, tmp_path: Path) -> Controller:
    if not host.is_there(lab.layout):
        pytest.skip("NOT TESTED, no bare-metal host here")
    return Controller(lab, tmp_path / "private")


@pytest.mark.usefixtures("emptied")
def test_jobs_deploy_verify_rotate_and_tear_down(controller: Controller, lab: Lab, audit: Audit) -> None:
    before = lab.inventory()
    deployed = controller.job("deploy.yml")
    assert (deployed.status, deployed.failed) == ("successful", {}), deployed.output
    assert deployed.changed
    keys = keys_of(lab, SITE)
    assert shown(keys, json.dumps(deployed.events) + deployed.output) == []

    with audit() as log:
        again = controller.job("deploy.yml")
        verified = controller.job("verify.yml")
    assert (again.status, again.changed, verified.status, verified.changed) == ("successful", {}, "successful", {})
    assert log.writes == []

    rotated = controller.job("rotate.yml", "--tags", "links")
    assert (rotated.status, bool(rotated.changed)) == ("successful", True), rotated.output
    assert shown(keys | keys_of(lab, SITE), json.dumps(rotated.events) + rotated.output) == []

    # A survey's answers are extra variables, a template's limit is a limit.
    one = controller.job("teardown.yml", "--limit", "us-philly")
    assert (one.status, set(one.changed)) == ("successful", {"us-philly"}), one.output
    removed = controller.job("teardown.yml", redis_host_remove_data=True)
    assert removed.status == "successful", removed.output
    assert difference(before, lab.inventory()) == []
