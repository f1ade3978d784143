# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cluster_info: what it tells of a cluster, and that it only asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integration.conftest import Audit
from tests.integration.runs import Ansible, step
from tests.integration.scratch import Scratch
from tests.lab import Lab
from tests.lab.api import path

MODULE = "cluster_info"
PLACEMENT = {"api_version": "cluster.open-cluster-management.io/v1beta1", "kind": "Placement"}
GITOPS = {"api_version": "apps.open-cluster-management.io/v1beta1", "kind": "GitOpsCluster", "required": False}


def test_a_cluster_is_described_with_all_that_is_wrong(
    either_way: Ansible, lab: Lab, scratch: Scratch, audit: Audit, tmp_path: Path
) -> None:
    group = "cluster.open-cluster-management.io"
    user = scratch.grant(lab.hub, "reader", {"apiGroups": [group], "resources": ["managedclusters"], "verbs": ["list"]})
    reader = str(lab.user_kubeconfig(tmp_path / "reader", user))
    asked: dict[str, Any] = {
        "kinds": [PLACEMENT, GITOPS, {"api_version": "submariner.io/v1", "kind": "Gateway"}],
        "permissions": [
            {"verbs": ["list", "patch"], "group": group, "resource": "managedclusters"},
            {"verbs": ["create"], "group": group, "resource": "managedclustersets", "subresource": "join", "name": "x"},
            {"verbs": ["get"], "resource": "secrets", "namespace": "openshift-gitops"},
        ],
    }
    with audit() as log:
        run = either_way.steps(
            step("admin", MODULE, **asked, min_version="1.25"),
            step("check", MODULE, check=True, **asked, min_version="1.25"),
            step("reader", MODULE, **asked, min_version="1.99", kubeconfig=reader),
            step("no file", MODULE, kubeconfig="/no/such/file"),
        )
    assert log.writes == [], "access reviews are questions"
    admin = run.task("admin")
    live = lab.api(lab.hub)
    assert admin["reachable"]
    assert admin["server"] == lab.url(lab.hub)
    assert admin["id"] == live.get(path("v1", "namespaces", "kube-system"))["metadata"]["uid"]
    assert admin["version"] == live.get("/version")["gitVersion"]
    assert [each["served"] for each in admin["kinds"]] == [True, True, False]
    assert [each["check"] for each in admin["problems"]] == ["kind"]
    assert run.task("check")["problems"] == admin["problems"]
    found = [(each["check"], each["subject"]) for each in run.task("reader")["problems"]]
    assert found == [
        ("permission", "get namespaces kube-system"),
        ("version", admin["version"]),
        ("kind", "Gateway submariner.io/v1"),
        ("permission", f"patch managedclusters.{group}"),
        ("permission", f"create managedclustersets/join.{group} x"),
        ("permission", "get secrets in namespace openshift-gitops"),
    ]
    lost = run.task("no file")
    assert (lost.failed, lost.changed, lost["reachable"], lost["server"]) == (False, False, False, None)
    (problem,) = lost["problems"]
    assert (problem["check"], problem["subject"]) == ("connection", "kubeconfig")


def test_the_credentials_may_come_from_the_environment_of_the_task(either_way: Ansible, lab: Lab) -> None:
    variables = {"K8S_AUTH_KUBECONFIG": str(lab.kubeconfig), "K8S_AUTH_CONTEXT": "us-philly"}
    run = either_way.steps(step("look", MODULE, environment=variables), auth={"tls_server_name": None})
    assert run.task("look")["server"] == lab.url("us-philly"), run.output
