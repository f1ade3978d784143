# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of cluster_info: all problems of a cluster at once."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InputError,
    InterconnectError,
    Unauthorized,
    Unreachable,
    WrongCluster,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._preflight.task import (
    run,
    version_key,
    version_problems,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from tests.unit.apply.fake_cluster import FakeCluster

SERVER = "https://ca-toronto.example.com:6443"
OCM = "cluster.open-cluster-management.io"


def raise_if_any(error: Exception | None) -> None:
    """Raise what a test has planned, if it has."""
    if error is not None:
        raise error


class KnownCluster(FakeCluster):
    """A cluster with a version, an id and an authorizer."""

    def __init__(self) -> None:
        super().__init__(server=SERVER)
        self.version = "v1.34.4"
        self.trouble: InterconnectError | None = None
        self.trouble_with_id: InterconnectError | None = None
        self.trouble_with_reviews: InterconnectError | None = None
        self.denied: dict[str, str] = {}
        self.asked: list[dict[str, str]] = []

    def read_version(self) -> str:
        raise_if_any(self.trouble)
        return self.version

    def read_id(self) -> str:
        raise_if_any(self.trouble_with_id)
        return "1-2-3"

    def create(self, review: dict[str, Any]) -> dict[str, Any]:
        raise_if_any(self.trouble_with_reviews)
        attributes = review["spec"]["resourceAttributes"]
        self.asked.append(attributes)
        words = f"{attributes['verb']} {attributes['resource']}"
        status: dict[str, Any] = {"allowed": words not in self.denied}
        if self.denied.get(words):
            status["reason"] = self.denied[words]
        return {"status": status}


@pytest.fixture
def cluster() -> KnownCluster:
    return KnownCluster()


def look(cluster: KnownCluster, **params: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {"kinds": [], "permissions": [], "min_version": None}
    return run(Task({**defaults, **params}, _own=cast(Client, cluster)))


def kind(name: str, group: str = OCM, required: bool = True) -> dict[str, Any]:
    return {"api_version": f"{group}/v1", "kind": name, "required": required}


def permission(resource: str, *verbs: str, **more: Any) -> dict[str, Any]:
    absent = {"subresource": None, "namespace": None, "name": None, "group": ""}
    return {**absent, "resource": resource, "verbs": list(verbs), **more}


def test_a_good_cluster_has_no_problems(cluster: KnownCluster) -> None:
    result = look(
        cluster, kinds=[kind("ManagedCluster")], permissions=[permission("secrets", "list")], min_version="1.25"
    )
    assert result == {
        "changed": False,
        "reachable": True,
        "server": SERVER,
        "version": "v1.34.4",
        "id": "1-2-3",
        "kinds": [{**kind("ManagedCluster"), "served": True}],
        "problems": [],
    }


def test_all_problems_are_found_in_one_look(cluster: KnownCluster) -> None:
    cluster.version = "v1.19.3+k3s1"
    cluster.missing_kinds = {"ManagedCluster", "Application", "GitOpsCluster"}
    cluster.denied = {"patch managedclusters": "", "create secrets": "RBAC: clusterrole not found"}
    cluster.trouble_with_id = Forbidden("user jane may not get namespaces")
    result = look(
        cluster,
        min_version="1.25",
        kinds=[kind("ManagedCluster"), kind("Application", "argoproj.io"), kind("GitOpsCluster", required=False)],
        permissions=[
            permission("managedclusters", "list", "patch", group=OCM),
            permission("secrets", "create", namespace="openshift-gitops"),
        ],
    )
    assert result["reachable"] is True
    assert [(entry["check"], entry["subject"]) for entry in result["problems"]] == [
        ("permission", "get namespaces kube-system"),
        ("version", "v1.19.3+k3s1"),
        ("kind", f"ManagedCluster {OCM}/v1"),
        ("kind", "Application argoproj.io/v1"),
        ("permission", f"patch managedclusters.{OCM}"),
        ("permission", "create secrets in namespace openshift-gitops"),
    ]
    messages = " ".join(entry["message"] for entry in result["problems"])
    for words in (
        "older than 1.25",
        "advanced-cluster-management",
        "openshift-gitops-operator",
        "clusterrole not found",
    ):
        assert words in messages
    assert [entry["served"] for entry in result["kinds"]] == [False, False, False]


@pytest.mark.parametrize(
    "trouble",
    [
        Unreachable("does not answer"),
        Unauthorized("does not accept the credentials"),
        InputError("context", "ca-toronto is not a context"),
    ],
)
def test_a_cluster_that_can_not_be_asked_is_one_problem(trouble: InterconnectError, cluster: KnownCluster) -> None:
    cluster.trouble = trouble
    result = look(cluster, kinds=[kind("ManagedCluster")], permissions=[permission("secrets", "list")])
    assert result["reachable"] is False
    (problem,) = result["problems"]
    assert problem["check"] == "connection"
    assert problem["subject"] == ("context" if isinstance(trouble, InputError) else "API server")
    assert problem["message"] == trouble.message
    assert cluster.asked == []


def test_another_cluster_is_asked_nothing_more(cluster: KnownCluster) -> None:
    cluster.down = WrongCluster("another cluster")
    result = look(cluster, kinds=[kind("ManagedCluster")], permissions=[permission("secrets", "list")])
    assert (result["reachable"], result["id"]) == (False, None)
    assert cluster.asked == []


def test_each_permission_is_asked_for_as_it_is_meant(cluster: KnownCluster) -> None:
    join = permission("managedclustersets", "create", group=OCM, subresource="join", name="shop")
    look(cluster, permissions=[join, permission("secrets", "get", "list", namespace="apps")])
    assert cluster.asked == [
        {"verb": "create", "group": OCM, "resource": "managedclustersets", "subresource": "join", "name": "shop"},
        {"verb": "get", "resource": "secrets", "namespace": "apps"},
        {"verb": "list", "resource": "secrets", "namespace": "apps"},
    ]


def test_a_cluster_that_goes_away_meanwhile_is_a_problem(cluster: KnownCluster) -> None:
    cluster.trouble_with_reviews = Unreachable("does not answer any more")
    (problem,) = look(cluster, permissions=[permission("secrets", "list")])["problems"]
    assert problem == {"check": "connection", "subject": SERVER, "message": "does not answer any more"}


@pytest.mark.parametrize(
    ("version", "key"),
    [("v1.34.4", (1, 34)), ("1.25", (1, 25)), ("v1.30.14-eks-1", (1, 30)), ("v1.9.0", (1, 9)), ("latest", (0, 0))],
)
def test_versions_are_numbers(version: str, key: tuple[int, int]) -> None:
    assert version_key(version) == key


@pytest.mark.parametrize(
    ("found", "minimum", "old"),
    [("v1.9.0", "1.10", True), ("v1.25.0", "1.25", False), ("v2.0.0", "1.25", False), ("v1.9.0", None, False)],
)
def test_older_is_meant_by_numbers(found: str, minimum: str | None, old: bool) -> None:
    assert bool(version_problems(found, minimum)) is old


def test_a_minimum_that_is_no_version_is_refused_before_any_request(cluster: KnownCluster) -> None:
    with pytest.raises(InputError, match="min_version: 'latest' is no version"):
        look(cluster, min_version="latest")
    assert cluster.reads == []
