# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of serviceexport: what is refused, what is asked and written, and what a wait in vain says."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    MissingKind,
    ObjectRef,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._mcs.cluster import SUBMARINER
from tests.unit.mcs.clusters import EXPORTER, IMPORTER, NAMED, SEEN, Set, lists, namespace
from tests.unit.mcs.objects import ALPHA, BETA, condition, export, service

APPLIED = "apply ServiceExport guestbook/redis-master"
READY = (condition("Valid"), condition("Ready"))


@pytest.fixture
def members() -> Set:
    return Set(service())


# -- present ---------------------------------------------------------------------------------------------------------


def test_an_export_is_made_once_and_seen_at_the_importing_cluster(members: Set) -> None:
    members.work()
    result = members.perform(**SEEN)
    assert members.exporter.writes == [APPLIED]
    assert result["changed"]
    assert result["source_cluster"] == EXPORTER
    assert result["api_version"] == ALPHA
    (entry,) = result["exports"]
    assert entry["exported"]
    assert entry["dns_name"] == "redis-master.guestbook.svc.clusterset.local"
    assert entry["type"] == "ClusterSetIP"
    assert entry["imports"] == [
        {
            "cluster": IMPORTER,
            "imported": True,
            "clusters": [EXPORTER],
            "slices": 1,
            "endpoints": 1,
            "ready_endpoints": 1,
        }
    ]
    again = members.perform(**SEEN)
    assert not again["changed"]
    assert again["diff"] == []
    assert members.exporter.writes == [APPLIED]
    assert members.importer.writes == []


def test_a_check_run_predicts_and_writes_nothing(members: Set) -> None:
    members.work()
    predicted = members.perform(check=True, **SEEN)
    assert members.exporter.writes == []
    assert predicted["changed"]
    result = members.perform(**SEEN)
    assert [each["action"] for each in predicted["resources"]] == [each["action"] for each in result["resources"]]
    assert predicted["diff"] == result["diff"]


def test_a_hundred_exports_are_read_by_one_list_a_kind(members: Set) -> None:
    names = [f"service-{number}" for number in range(100)]
    for name in names:
        members.exporter.put(service(name))
    members.work()
    members.perform(names=names, importers=[{"context": IMPORTER}])
    members.exporter.reads.clear()
    members.importer.reads.clear()
    result = members.perform(names=names, importers=[{"context": IMPORTER}])
    assert not result["changed"]
    assert lists(members.exporter.reads) == ["list Service", "list ServiceExport", "list ServiceExport"], (
        "before and after the writing"
    )
    assert len(lists(members.importer.reads)) == 2
    assert [each for each in members.exporter.reads if each.startswith("get ServiceExport")] == []


@pytest.mark.parametrize("closed", [False, True])
def test_of_many_namespaces_all_are_listed_at_once_where_that_is_allowed(members: Set, closed: bool) -> None:
    entries = [{"namespace": f"team-{number}", "name": "web"} for number in range(5)]
    for entry in entries:
        members.exporter.put(namespace(entry["namespace"]))
        members.exporter.put(service("web", entry["namespace"]))
    members.exporter.closed_namespaces = closed
    result = members.perform(namespace=None, exports=entries, wait=False)
    assert len(members.exporter.writes) == 5
    assert [each["namespace"] for each in result["exports"]] == [each["namespace"] for each in entries]
    assert lists(members.exporter.reads).count("list Service") == (5 if closed else 1)


def test_services_are_selected_by_label(members: Set) -> None:
    members.exporter.put(service("redis-slave", labels={"app": "guestbook"}))
    members.exporter.put(service("frontend", labels={"app": "guestbook"}))
    result = members.perform(label_selector="app=guestbook", wait=False)
    assert [each["name"] for each in result["exports"]] == ["frontend", "redis-slave"]
    with pytest.raises(InputError, match="matches no Service"):
        members.perform(label_selector="app=none")


def test_an_empty_list_of_names_does_nothing(members: Set) -> None:
    assert members.perform(names=[])["exports"] == []
    assert members.exporter.writes == []


def test_the_newer_version_of_the_api_is_used_where_it_is_served() -> None:
    members = Set(service(), versions=(BETA, ALPHA))
    members.work()
    assert members.perform(**SEEN)["api_version"] == BETA
    assert members.exported()["apiVersion"] == BETA


def test_an_export_that_was_made_by_the_older_version_is_not_written_again() -> None:
    members = Set(service())
    members.work()
    members.perform(**NAMED)
    made = members.exporter.objects.pop(ObjectRef(ALPHA, "ServiceExport", "redis-master", "guestbook"))
    members.exporter.served = (BETA, ALPHA)
    members.exporter.objects[ObjectRef(BETA, "ServiceExport", "redis-master", "guestbook")] = {
        **made,
        "apiVersion": BETA,
    }
    assert not members.perform(**NAMED)["changed"]
    assert members.exporter.tries == [APPLIED], "nor is the server asked"


def test_an_export_that_subctl_made_is_taken_as_it_is(members: Set) -> None:
    members.exporter.put(export(*READY))
    assert not members.perform(**NAMED)["changed"]
    assert members.exporter.tries == []


def test_an_address_of_the_set_is_asked_for_by_an_annotation(members: Set) -> None:
    members.work()
    members.perform(**NAMED, clusterset_ip=True)
    assert members.exported()["metadata"]["annotations"] == {"lighthouse.submariner.io/use-clusterset-ip": "true"}
    assert members.perform(**NAMED)["changed"], "left out again, the annotation goes"
    assert not members.exported()["metadata"].get("annotations")


def test_a_headless_service_is_exported_as_such(members: Set) -> None:
    members.exporter.put(service(clusterIP="None"))
    assert members.perform(**NAMED, wait=False)["exports"][0]["type"] == "Headless"


# -- refusals --------------------------------------------------------------------------------------------------------


def test_all_services_that_can_not_be_exported_are_named_before_anything_is_written(members: Set) -> None:
    members.exporter.put(service("frontend", type="LoadBalancer"))
    members.exporter.put(service("elsewhere", type="ExternalName"))
    with pytest.raises(InputError) as caught:
        members.perform(names=["redis-master", "frontend", "elsewhere", "redis-slave"])
    for words in ("redis-slave is not there", "frontend is of type LoadBalancer", "elsewhere is of type ExternalName"):
        assert words in caught.value.message
    assert "redis-master" not in caught.value.message
    assert members.exporter.writes == []


def test_other_implementations_take_other_types_but_never_external_names(members: Set) -> None:
    every = ["ClusterIP", "LoadBalancer", "ExternalName"]
    members.exporter.put(service("frontend", type="LoadBalancer"))
    members.perform(names=["frontend"], service_types=every, wait=False)
    members.exporter.put(service("elsewhere", type="ExternalName"))
    with pytest.raises(InputError, match="elsewhere is of type ExternalName"):
        members.perform(names=["elsewhere"], service_types=every)


def test_a_check_run_does_without_services_that_an_earlier_task_may_make(members: Set) -> None:
    assert members.perform(check=True, names=["to-come"])["changed"]
    assert any("guestbook/to-come" in each for each in members.warnings)


@pytest.mark.parametrize(("place", "warned"), [("openshift-monitoring", True), ("openshift-storage", False)])
def test_namespaces_that_newer_submariners_refuse_are_warned_of(members: Set, place: str, warned: bool) -> None:
    members.exporter.put(namespace(place))
    members.exporter.put(service(namespace=place))
    members.perform(namespace=place, names=["redis-master"], wait=False)
    assert any(place in each for each in members.warnings) == warned


def test_without_the_api_nothing_is_written(members: Set) -> None:
    members.importer.served = ()
    with pytest.raises(MissingKind, match=r"aws-sub2.*Submariner"):
        members.perform(**SEEN)
    assert members.exporter.writes == []
    members.exporter.served = ()
    assert members.perform(check=True, **SEEN)["changed"], "an earlier task may be meant to bring it"


def test_importing_clusters_need_the_name_of_the_exporting_one(members: Set) -> None:
    del members.exporter.objects[SUBMARINER]
    with pytest.raises(InputError, match="source_cluster"):
        members.perform(**SEEN)
    assert members.exporter.writes == []
    members.work()
    assert members.perform(**SEEN, source_cluster=EXPORTER)["exports"][0]["imports"][0]["imported"]


def test_the_name_is_also_that_of_the_cluster_property(members: Set) -> None:
    del members.exporter.objects[SUBMARINER]
    about = {
        "apiVersion": "about.k8s.io/v1alpha1",
        "kind": "ClusterProperty",
        "metadata": {"name": "cluster.clusterset.k8s.io"},
        "spec": {"value": EXPORTER},
    }
    members.exporter.put(about)
    members.work()
    assert members.perform(**SEEN)["source_cluster"] == EXPORTER


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"names": ["Redis"]}, "names"),
        ({"names": ["redis"], "namespace": "-"}, "namespace"),
        ({"namespace": None, "exports": [{"name": "a/b", "namespace": "guestbook"}]}, r"exports\[0\]\.name"),
        ({"label_selector": " "}, "label_selector"),
    ],
)
def test_names_that_nothing_can_have_are_refused(members: Set, params: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError, match=f"^{field}: "):
        members.perform(**params)
    assert members.exporter.reads == []
