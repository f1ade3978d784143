# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doubles' pure halves: what they write."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any

import pytest

from tests.lab import gitops_objects as gitops
from tests.lab import kubelet_status as kubelet
from tests.lab.workqueue import WorkQueue

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
CLUSTER: dict[str, Any] = {
    "metadata": {"name": "ca-toronto", "labels": {"cloud": "Other", gitops.ACM_CLUSTER: "spoofed"}},
    "spec": {"managedClusterClientConfigs": [{"url": "https://127.20.2.1:6443", "caBundle": "Q0E="}]},
}
TOKEN = {"data": {"token": base64.b64encode(b"secret").decode()}}
POD: dict[str, Any] = {
    "spec": {"containers": [{"name": "c", "image": "redis"}], "initContainers": [{"name": "i", "image": "busybox"}]},
    "status": {
        "conditions": [{"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]
    },
}


def decoded(secret: dict[str, Any]) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}


def test_a_cluster_secret_carries_credentials_labels_and_the_cluster_s_own_labels() -> None:
    secret = gitops.account_secret("argo", CLUSTER, "application-manager", TOKEN, insecure=False)

    assert secret["metadata"]["name"] == "ca-toronto-application-manager-cluster-secret"
    assert secret["metadata"]["labels"] == {
        gitops.SECRET_TYPE: "cluster",
        gitops.ACM_CLUSTER: "true",
        gitops.CLUSTER_NAME: "ca-toronto",
        gitops.CLUSTER_SERVER: "127.20.2.1",
        gitops.DATA_SOURCE: "managed-service-account",
        "cloud": "Other",
    }
    data = decoded(secret)
    assert (data["name"], data["server"]) == ("ca-toronto", "https://127.20.2.1:6443")
    tls = {"insecure": False, "caData": "Q0E="}
    assert json.loads(data["config"]) == {"bearerToken": "secret", "tlsClientConfig": tls}


@pytest.mark.parametrize(("cluster", "token"), [(CLUSTER, None), (CLUSTER | {"spec": {}}, TOKEN)])
def test_a_missing_source_is_told(cluster: dict[str, Any], token: dict[str, Any] | None) -> None:
    with pytest.raises(gitops.SourceMissing, match="ca-toronto"):
        gitops.account_secret("argo", cluster, "application-manager", token, insecure=False)


def test_an_update_keeps_what_only_the_old_secret_has() -> None:
    wanted = gitops.account_secret("argo", CLUSTER, "application-manager", TOKEN, insecure=False)
    live = wanted | {
        "metadata": {
            "labels": {"old": "label", "cloud": "Amazon"},
            "annotations": {"kept": "yes", gitops.LAST_APPLIED: "no"},
            "resourceVersion": "5",
        },
        "data": {"project": "eA=="},
    }

    result = gitops.merged(wanted, live)

    assert result["metadata"]["labels"]["old"] == "label"
    assert result["metadata"]["labels"]["cloud"] == "Other"
    assert result["metadata"]["annotations"] == {"kept": "yes"}
    assert result["data"] == wanted["data"] | {"project": "eA=="}
    assert gitops.same_secret(gitops.merged(result, result), result)


def test_ready_follows_from_the_other_conditions() -> None:
    good = [
        {"type": kind, "status": "True"} for kind in ("PlacementResolved", "ArgoServerVerified", "ClustersRegistered")
    ]

    assert gitops.readiness(good)[0] == "True"
    assert gitops.readiness(good[:2])[0] == "Unknown"
    status, _reason, message = gitops.readiness([*good[:2], {"type": "ClustersRegistered", "status": "False"}])
    assert (status, message) == ("False", "One or more components have failed: ClustersRegistered")


def test_a_condition_s_time_moves_only_with_its_status() -> None:
    first = gitops.with_conditions([], {"Ready": ("True", "Success", "one")}, "t1")
    second = gitops.with_conditions(first, {"Ready": ("True", "Success", "two")}, "t2")
    third = gitops.with_conditions(second, {"Ready": ("False", "Failed", "three")}, "t3")

    assert [each[0]["lastTransitionTime"] for each in (first, second, third)] == ["t1", "t1", "t3"]


def test_a_pod_that_its_node_was_given_up_with_is_ready_again() -> None:
    running = {**POD, "status": kubelet.running_status(POD, "127.20.1.11", "10.201.0.2", NOW)}
    assert kubelet.is_ready(running)
    lost = [
        {**each, "status": "False"} if each["type"] == "Ready" else each for each in running["status"]["conditions"]
    ]
    given_up = {**running, "status": {**running["status"], "conditions": lost}}
    assert not kubelet.is_ready(given_up)
    assert kubelet.is_ready({**given_up, "status": kubelet.ready_again(given_up, NOW)})


def test_a_pod_that_runs_is_ready_with_all_its_containers() -> None:
    status = kubelet.running_status(POD, "127.20.1.11", "10.201.0.2", NOW)

    assert (status["phase"], status["podIP"]) == ("Running", "10.201.0.2")
    assert {each["status"] for each in status["conditions"]} == {"True"}
    assert [each["ready"] for each in status["containerStatuses"]] == [True]
    assert status["initContainerStatuses"][0]["state"]["terminated"]["exitCode"] == 0
    scheduled = next(each for each in status["conditions"] if each["type"] == "PodScheduled")
    assert scheduled["lastTransitionTime"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(("code", "phase"), [(0, "Succeeded"), (3, "Failed")])
def test_a_pod_that_ends_says_how(code: int, phase: str) -> None:
    status = kubelet.ended_status(POD, code, NOW)

    assert status["phase"] == phase
    assert status["containerStatuses"][0]["state"]["terminated"]["exitCode"] == code


def test_addresses_are_given_once() -> None:
    taken: set[str] = set()
    for _round in range(5):
        taken.add(kubelet.free_address("10.0.0.0/29", taken))

    assert taken == {f"10.0.0.{last}" for last in range(2, 7)}
    with pytest.raises(ValueError, match="no free address"):
        kubelet.free_address("10.0.0.0/29", taken)


def test_a_node_s_transition_times_survive_a_report() -> None:
    first = kubelet.node_status("n", "127.20.1.11", 10250, "v1", NOW, {})
    second = kubelet.node_status("n", "127.20.1.11", 10250, "v1", NOW + datetime.timedelta(minutes=5), first)

    assert {each["lastTransitionTime"] for each in second["conditions"]} == {"2026-01-02T03:04:05Z"}
    assert {each["lastHeartbeatTime"] for each in second["conditions"]} == {"2026-01-02T03:09:05Z"}


def test_the_queue_holds_a_key_once_and_the_earlier_time_wins() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("late", 0.05)
    queue.add("twice", 60)
    queue.add("twice")
    queue.add("late", 60)

    assert [queue.get(), queue.get()] == ["twice", "late"]
    queue.add("end", 0.01)
    assert queue.get() == "end"
