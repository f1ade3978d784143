# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ApplicationSet as an object, and its elements."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.applicationset import (
    ApplicationSet,
    Element,
    elements_of,
    joined,
    left,
    source_for,
    values_text,
    with_elements,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InterconnectError

TORONTO, PHILLY = Element("ca-toronto", "{}\n"), Element("us-philly", "{}\n")
FRAME = ApplicationSet(
    name="boutique",
    namespace="openshift-gitops",
    project="boutique",
    repo_url="https://git.example.com/boutique.git",
    target_revision="v1",
    path="chart",
    destination_namespace="boutique",
    placement="clusters",
    config_map="acm-placement",
)


def test_only_clusters_with_an_element_pass_the_selector() -> None:
    generator = FRAME.as_object([TORONTO])["spec"]["generators"][0]
    [entry] = generator["merge"]["generators"][1]["list"]["elements"]
    assert generator["selector"]["matchLabels"].items() <= entry.items()
    assert generator["merge"]["mergeKeys"] == ["name"]
    assert entry["name"] == "ca-toronto"


def test_the_decisions_come_first_so_that_an_element_alone_makes_no_application() -> None:
    first = FRAME.as_object([TORONTO])["spec"]["generators"][0]["merge"]["generators"][0]
    labels = {"cluster.open-cluster-management.io/placement": "clusters"}
    assert first["clusterDecisionResource"]["labelSelector"] == {"matchLabels": labels}


def test_values_are_the_same_text_whatever_their_order() -> None:
    one, other = {"b": {"y": 1, "x": [2]}, "a": True}, {"a": True, "b": {"x": [2], "y": 1}}
    assert values_text(one) == values_text(other)
    assert json.loads(values_text(one)) == one


def test_no_values_are_a_text_that_is_not_empty() -> None:
    assert values_text({}).strip() == "{}", "an empty text would not win over that of a decision"


def test_elements_survive_being_written() -> None:
    assert elements_of(FRAME.as_object([PHILLY, TORONTO])) == [TORONTO, PHILLY]


def test_an_api_server_may_drop_the_empty_list() -> None:
    live = FRAME.as_object([])
    del live["spec"]["generators"][0]["merge"]["generators"][1]["list"]["elements"]
    assert elements_of(live) == []


def test_a_foreign_shape_is_refused() -> None:
    live = FRAME.as_object([])
    live["spec"]["generators"] = [{"list": {"elements": []}}]
    with pytest.raises(InterconnectError, match="run the play for the hub again"):
        elements_of(live)


def test_a_cluster_joins_changes_and_leaves_beside_others() -> None:
    changed = TORONTO._replace(helm="{\n}\n")
    assert joined([PHILLY], [TORONTO]) == [PHILLY, TORONTO]
    assert joined([TORONTO, PHILLY], [changed]) == [PHILLY, changed]
    assert left([TORONTO, PHILLY], ["ca-toronto", "ca-regina"]) == [PHILLY]


def test_other_elements_leave_the_rest_as_it_is() -> None:
    live = FRAME.as_object([TORONTO])
    live["metadata"]["annotations"] = {"somebody": "else"}
    live["spec"]["template"]["spec"]["ignoreDifferences"] = [{"kind": "Secret"}]
    written = with_elements(live, [TORONTO, PHILLY])
    assert written["spec"]["template"] == live["spec"]["template"]
    assert "annotations" not in written["metadata"]
    assert elements_of(written) == [TORONTO, PHILLY]
    assert elements_of(live) == [TORONTO], "the argument is not changed"


def test_an_application_is_expected_to_have_the_values_of_its_element() -> None:
    element = Element("ca-toronto", values_text({"replicas": 2}))
    source = source_for(FRAME.as_object([element]), element)
    assert source["helm"]["values"] == element.helm
    assert source["targetRevision"] == "v1"


def test_without_pruning_nothing_that_happens_on_the_hub_removes_what_was_deployed() -> None:
    pruning, keeping = (replace(FRAME, prune=prune).as_object([TORONTO])["spec"] for prune in (True, False))
    assert "finalizers" in pruning["template"]["metadata"]
    assert "finalizers" not in keeping["template"]["metadata"], "with it, an Application takes all along when it goes"
    assert keeping["syncPolicy"] == {"preserveResourcesOnDeletion": True}, "else Argo CD adds the finalizer itself"
    assert not keeping["template"]["spec"]["syncPolicy"]["automated"]["prune"]
