# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests a round takes."""

from __future__ import annotations

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InputError,
    Unauthorized,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.goal import Query
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import evaluate
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.reading import Reading
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.wait import Wait
from tests.unit.wait.fakes import Cluster, Object, an_object


def secrets(*names: str) -> list[Query]:
    return [Query("v1", "Secret", "ns", name) for name in names]


def config_maps(*names: str, namespace: str | None = "ns") -> list[Query]:
    return [Query("v1", "ConfigMap", namespace, name) for name in names]


def test_a_few_objects_are_read_one_by_one() -> None:
    cluster = Cluster(an_object("ConfigMap", "a", "ns"))
    answers = Reading(cluster).read(config_maps("a", "b"))
    assert cluster.requests == ["get ConfigMap ns/a", "get ConfigMap ns/b"]
    assert [len(answer.objects) for answer in answers.values()] == [1, 0]


def test_many_objects_of_a_kind_and_namespace_are_read_by_one_list() -> None:
    cluster = Cluster(*(an_object("ConfigMap", name, "ns") for name in "abcx"))
    answers = Reading(cluster).read([*config_maps(*"abcd"), *config_maps("a", namespace="other")])
    assert cluster.requests == ["list ConfigMap ns", "get ConfigMap other/a"]
    found = {f"{query.namespace}/{query.name}" for query, answer in answers.items() if answer.objects}
    assert found == {"ns/a", "ns/b", "ns/c"}
    assert len(answers) == 5


def test_cluster_wide_objects_are_read_by_one_list() -> None:
    cluster = Cluster(an_object("Namespace", "a"))
    answers = Reading(cluster).read([Query("v1", "Namespace", name=name) for name in "abcd"])
    assert cluster.requests == ["list Namespace"]
    assert [len(answer.objects) for answer in answers.values()] == [1, 0, 0, 0]


@pytest.mark.parametrize("objects", [(), (an_object("ConfigMap", "a", "ns"),)])
def test_namespaced_objects_without_a_namespace_are_refused_however_many(objects: tuple[Object, ...]) -> None:
    cluster = Cluster(*objects)
    cluster.failures["get ConfigMap"] = InputError("namespace", "ConfigMap a is namespaced")
    answers = Reading(cluster).read(config_maps(*"abcd", namespace=None))
    assert all(isinstance(answer.error, InputError) for answer in answers.values())


def test_secrets_are_never_listed_for_their_names() -> None:
    cluster = Cluster()
    Reading(cluster).read(secrets(*"abcdef"))
    assert cluster.requests == [f"get Secret ns/{name}" for name in "abcdef"]


def test_what_may_not_be_listed_is_read_one_by_one_from_then_on() -> None:
    cluster = Cluster(an_object("ConfigMap", "a", "ns"))
    cluster.failures["list ConfigMap ns"] = Forbidden("may not list configmaps")
    reading = Reading(cluster)
    assert reading.read(config_maps(*"abcd"))[config_maps("a")[0]].objects
    reading.read(config_maps(*"abcd"))
    gets = [f"get ConfigMap ns/{name}" for name in "abcd"]
    assert cluster.requests == ["list ConfigMap ns", *gets, *gets]


def test_the_same_query_is_sent_once() -> None:
    cluster = Cluster()
    selector = Query("v1", "Pod", "ns", label_selector="app=y")
    Reading(cluster).read([selector, *config_maps("a"), selector, *config_maps("a")])
    assert sorted(cluster.requests) == ["get ConfigMap ns/a", "list Pod ns app=y"]


def test_a_refusal_is_raised() -> None:
    cluster = Cluster()
    cluster.failures["get"] = Unauthorized("401")
    with pytest.raises(Unauthorized):
        Reading(cluster).read(config_maps("a"))


def test_placements_share_what_they_need_besides() -> None:
    api_version = "cluster.open-cluster-management.io/v1beta1"
    cluster = Cluster(an_object("Placement", "p", "ns", api_version))
    waits = [Wait(api_version, "Placement", "p", "ns", clusters=[name]) for name in ("a", "b", "c")]
    evaluate(cluster, waits)
    assert cluster.requests == [
        "get Placement ns/p",
        "list PlacementDecision ns cluster.open-cluster-management.io/placement=p",
    ]


def test_nothing_more_is_read_for_what_is_not_there() -> None:
    cluster = Cluster()
    evaluate(cluster, [Wait("cluster.open-cluster-management.io/v1beta1", "Placement", "p", "ns")])
    assert cluster.requests == ["get Placement ns/p"]
