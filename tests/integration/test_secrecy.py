# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is secret stays so, at the highest verbosity, with --diff, when a task fails, and both ways of running."""

from __future__ import annotations

import base64
import json
import uuid
from pathlib import Path
from typing import Any

from tests.integration.runs import Ansible, Run, step
from tests.integration.scratch import RBAC, Scratch
from tests.lab import Lab
from tests.lab.api import Object, path

LOUD = ("-vvvv", "--diff")
SPOKE = "us-philly"


class Value:
    """A secret, and all forms in which it could be shown."""

    def __init__(self, text: str = "") -> None:
        self.text = text or f"s3cret-{uuid.uuid4().hex}"
        self.encoded = base64.b64encode(self.text.encode()).decode()

    def shown_by(self, *texts: str) -> list[str]:
        """The forms that stand in one of the texts, and the line in which each does."""
        forms = (self.text, self.encoded, self.encoded.rstrip("="))
        return [line for text in texts for line in text.splitlines() if any(form in line for form in forms)]


def secret(name: str, **parts: Any) -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "default"}, **parts}


def seen(run: Run, folder: Path) -> list[str]:
    """What the run has said, and what it has left behind in files."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".yml"]
    return [run.output, *(file.read_text(encoding="utf-8", errors="replace") for file in files)]


def test_values_of_secrets_are_not_shown(either_way: Ansible, scratch: Scratch, tmp_path: Path) -> None:
    old, new, plain = Value(), Value(), Value()
    scratch.owns(SPOKE, path("v1", "secrets", scratch.id, "default"))
    scratch.make(
        SPOKE, path("v1", "secrets", namespace="default"), secret(f"{scratch.id}-theirs", data={"k": old.encoded})
    )
    first, second = secret(scratch.id, data={"k": old.encoded}), secret(scratch.id, data={"k": new.encoded})
    theirs = secret(f"{scratch.id}-theirs", data={"k": new.encoded})
    unfit = secret(scratch.id, stringData={"k": {"deep": plain.text}})
    not_base64 = secret(scratch.id, data={"k": plain.text})
    waited = {"kind": "Secret", "namespace": "default", "name": scratch.id}
    run = either_way.steps(
        step("create", "resource_apply", resources=[first]),
        step("check update", "resource_apply", check=True, resources=[second]),
        step("update", "resource_apply", resources=[second]),
        step("plain text", "resource_apply", resources=[secret(scratch.id, stringData={"k": plain.text})]),
        step("conflict", "resource_apply", resources=[theirs]),
        step("unfit", "resource_apply", resources=[unfit]),
        step("not base64", "resource_apply", resources=[not_base64]),
        step(
            "wait",
            "resource_wait",
            resources=[{**waited, "success": [{"field": "data.k", "equals": "other"}]}],
            wait_timeout=0,
        ),
        step("remove", "resource_apply", resources=[second], state="absent"),
        cluster=SPOKE,
        arguments=LOUD,
    )
    failed = [each.name for each in run.tasks if each.failed]
    assert failed == ["conflict", "unfit", "not base64", "wait"], run.output
    for value in (old, new, plain):
        assert value.shown_by(*seen(run, tmp_path)) == []
    diff = run.task("update")["diff"][0]
    assert (diff["before"]["data"], diff["after"]["data"]) == ({"k": "********"}, {"k": "******** (changed)"})
    assert diff == run.task("check update")["diff"][0]


def test_tokens_are_not_shown_wherever_they_come_from_and_go_to(
    either_way: Ansible, lab: Lab, scratch: Scratch, tmp_path: Path
) -> None:
    name = scratch.id
    for cluster, target in (
        (lab.hub, path("v1", "secrets", f"{name}-cluster-secret", "openshift-gitops")),
        (SPOKE, path("v1", "serviceaccounts", name, "default")),
        (SPOKE, path(RBAC, "clusterroles", f"{name}-role")),
        (SPOKE, path(RBAC, "clusterrolebindings", f"{name}-role-binding")),
    ):
        scratch.owns(cluster, target)
    given: dict[str, Any] = {"name": name, "service_account": name, "service_account_namespace": "default"}
    given |= {"hub": {"kubeconfig": str(lab.kubeconfig), "context": lab.hub}}
    first = either_way.steps(
        step("give", "argocd_cluster", **given),
        step("rotate", "argocd_cluster", **given, state="rotated"),
        cluster=SPOKE,
        arguments=LOUD,
    )
    live = lab.api(lab.hub).get(path("v1", "secrets", f"{name}-cluster-secret", "openshift-gitops"))
    config = Value(base64.b64decode(live["data"]["config"]).decode())
    token = Value(json.loads(config.text)["bearerToken"])
    ca = tmp_path / "ca.crt"
    ca.write_bytes(lab.ca(SPOKE))
    bearer = {"host": lab.url(SPOKE), "api_key": token.text, "ca_cert": str(ca)}
    wrong = Value()
    second = either_way.steps(
        step("use", "cluster_info"),
        step("wrong", "cluster_info", api_key=wrong.text),
        step("refused", "resource_apply", api_key=wrong.text, resources=[secret(name)], state="absent"),
        step("two lines", "cluster_info", api_key=f"{wrong.text}\n{wrong.text}"),
        step("absent", "argocd_cluster", **given, state="absent"),
        auth=bearer,
        arguments=LOUD,
    )
    assert second.task("use")["reachable"], second.output
    assert not second.task("wrong")["reachable"]
    assert "does not accept the credentials" in second.task("refused").message
    for value in (token, config, wrong):
        assert value.shown_by(*seen(first, tmp_path), second.output) == []


def test_short_values_of_secrets_do_not_garble_results(either_way: Ansible, scratch: Scratch) -> None:
    """A Secret may hold `True`, `1` or a letter: what is hidden is the Secret, not each such word of the result."""
    scratch.owns(SPOKE, path("v1", "secrets", scratch.id, "default"))
    words = {"enabled": "True", "disabled": "False", "port": "1", "grade": "e", "empty": "", "kind": "Secret"}
    run = either_way.steps(
        step("create", "resource_apply", resources=[secret(scratch.id, stringData=words)]),
        step("again", "resource_apply", resources=[secret(scratch.id, stringData=words)]),
        cluster=SPOKE,
    )
    (created,) = run.task("create")["resources"]
    assert (created["kind"], created["name"], created["action"]) == ("Secret", scratch.id, "created")
    assert run.task("create").result["changed"] is True
    assert run.task("again").result["changed"] is False
    assert set(run.task("create")["diff"][0]["after"]["data"].values()) == {"********"}
