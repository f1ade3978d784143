# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as users write them: what is refused before any request, by the field that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.definition import checked, stages
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InputError


def thing(**metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "x", **metadata}}


def secret(**body: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, **body}


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("text", "resources[2]: must be a Kubernetes object (a mapping)"),
        ({"kind": "Thing", "metadata": {"name": "x"}}, "resources[2].apiVersion: is missing"),
        ({"apiVersion": 1, "kind": "Thing"}, "resources[2].apiVersion: must be a non-empty string"),
        ({"apiVersion": "v1", "kind": ""}, "resources[2].kind: must be a non-empty string"),
        ({"apiVersion": "v1", "kind": "Thing"}, "resources[2].metadata: is missing"),
        ({"apiVersion": "v1", "kind": "Thing", "metadata": ["x"]}, "resources[2].metadata: must be a mapping"),
        (thing(name=None), "resources[2].metadata.name: is missing"),
        (thing(name=5), "resources[2].metadata.name: must be a non-empty string"),
        (thing(namespace=5), "resources[2].metadata.namespace: must be a non-empty string"),
        (thing(namespace=""), "resources[2].metadata.namespace: must be a non-empty string"),
        (thing(labels=["a"]), "resources[2].metadata.labels: must be a mapping"),
        (thing(labels={"on": True}), "resources[2].metadata.labels.on: must be a string, not bool: quote it"),
        (thing(annotations={"a": 1}), "resources[2].metadata.annotations.a: must be a string, not int: quote it"),
        (thing(labels={"a": None}), "resources[2].metadata.labels.a: must be a string, not null: quote it"),
        (secret(data="hunter2"), "resources[2].data: must be a mapping"),
        (secret(stringData={"pin": 1234}), "resources[2].stringData.pin: must be a string, not int: quote it"),
    ],
)
def test_what_is_wrong_is_named(definition: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        checked(definition, "resources[2]")
    assert caught.value.message == message


def test_nulls_are_not_sent() -> None:
    """Server-side apply would take them for values."""
    definition = {**thing(labels=None, namespace=None), "spec": {"a": None, "b": [{"c": None, "d": 0}], "e": ""}}
    assert checked(definition, "x") == {**thing(), "spec": {"b": [{"d": 0}], "e": ""}}
    assert definition["spec"]["a"] is None, "what was given stays as it is"


def test_what_others_live_in_comes_first() -> None:
    kinds = ["ConfigMap", "CustomResourceDefinition", "Namespace", "Secret", "Namespace"]
    objects = [{"kind": kind, "number": number} for number, kind in enumerate(kinds)]
    assert [[obj["number"] for obj in stage] for stage in stages(objects)] == [[2, 4], [1], [0, 3]]
    assert stages([]) == []
