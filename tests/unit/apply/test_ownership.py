# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When an object is surely in its desired state, so that the server need not be asked."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.ownership import (
    comparable,
    made_by,
    owned_fields,
    surely_unchanged,
)
from tests.unit.apply.fields_v1 import Fields, fields_of, fields_of_object, has_keys
from tests.unit.apply.strategies import MAPPINGS, SCALARS, objects

MANAGER = "multicluster.interconnect"
Path = tuple[Any, ...]


def live_of(desired: dict[str, Any], fields: Fields, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """The object as the server has it, with bookkeeping, a default and what others wrote."""
    live = copy.deepcopy(desired)
    live["metadata"].update(uid="1", resourceVersion="7", generation=1, creationTimestamp="2026-11-22T00:00:00Z")
    live["metadata"]["managedFields"] = [
        {"manager": "kubectl", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:status": {}}},
        {"manager": MANAGER, "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields},
    ]
    live["status"] = {"phase": "Active"}
    live["others"] = extra or {}
    return live


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Paths of all values that are no mapping and no list with something in it."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    empty = True
    for key, child in children:
        empty = False
        yield from leaves(child, (*path, key))
    if empty:
        yield path


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def own_leaves(desired: dict[str, Any]) -> list[Path]:
    """Leaves that an apply owns: all but the identity."""
    identity = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}
    return [path for path in leaves(desired) if path not in identity]


@given(objects(), MAPPINGS, st.booleans())
def test_what_was_applied_is_unchanged_whatever_others_add(desired: Any, extra: Any, dots: bool) -> None:
    live = live_of(desired, fields_of_object(desired, dots), extra)
    assert surely_unchanged(desired, live, MANAGER)


@given(objects(), st.data())
def test_another_value_is_never_unchanged(desired: Any, data: st.DataObject) -> None:
    live = live_of(desired, fields_of_object(desired))
    path = data.draw(st.sampled_from(own_leaves(desired)))
    value = data.draw(SCALARS)
    assume(type(value) is not type(at(desired, path)) or value != at(desired, path))
    at(live, path[:-1])[path[-1]] = value
    assert not surely_unchanged(desired, live, MANAGER)


@given(objects(), st.data())
def test_a_missing_value_is_never_unchanged(desired: Any, data: st.DataObject) -> None:
    live = live_of(desired, fields_of_object(desired))
    path = data.draw(st.sampled_from(own_leaves(desired)))
    del at(live, path[:-1])[path[-1]]
    assert not surely_unchanged(desired, live, MANAGER)


@given(objects(), st.data())
def test_a_further_list_item_is_never_unchanged(desired: Any, data: st.DataObject) -> None:
    desired["spec"]["list"] = data.draw(st.lists(SCALARS, max_size=2))
    live = live_of(desired, fields_of_object(desired))
    live["spec"]["list"].insert(data.draw(st.integers(0, 2)), "further")
    assert not surely_unchanged(desired, live, MANAGER)


@given(objects(), st.data())
def test_a_value_that_another_owns_is_never_unchanged(desired: Any, data: st.DataObject) -> None:
    ours, theirs = fields_of_object(desired), fields_of_object(desired)
    path = data.draw(st.sampled_from(list(leaves(ours))))
    del at(ours, path[:-1])[path[-1]]
    live = live_of(desired, ours)
    live["metadata"]["managedFields"][0]["fieldsV1"] = alone(theirs, path)
    assert not surely_unchanged(desired, live, MANAGER)


def alone(fields: Fields, path: Path) -> Fields:
    """The tree with nothing but one path."""
    return {path[0]: alone(fields[path[0]], path[1:])} if path else {}


@given(objects(), MAPPINGS)
def test_a_value_that_we_own_and_do_not_want_any_more_is_never_unchanged(desired: Any, more: Any) -> None:
    before = copy.deepcopy(desired)
    before["spec"].update({f"old-{key}": value for key, value in more.items()}, old=1)
    assert not surely_unchanged(desired, live_of(before, fields_of_object(before)), MANAGER)


@given(objects(), st.data())
def test_an_item_that_we_own_and_do_not_want_any_more_is_never_unchanged(desired: Any, data: st.DataObject) -> None:
    keyed = [path for path in _lists(desired["spec"]) if has_keys(at(desired["spec"], path))]
    assume(keyed)
    before = copy.deepcopy(desired)
    at(before["spec"], data.draw(st.sampled_from(keyed))).append({"name": "old"})
    live = live_of(desired, fields_of_object(before))
    assert not surely_unchanged(desired, live, MANAGER)


def _lists(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, list):
        yield path
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from _lists(child, (*path, key))


@given(objects())
def test_what_others_applied_is_not_ours(desired: Any) -> None:
    live = live_of(desired, fields_of_object(desired))
    ours = live["metadata"]["managedFields"][1]
    for field, value in (
        ("manager", "argocd"),
        ("operation", "Update"),
        ("subresource", "status"),
        ("apiVersion", "v2"),
    ):
        changed = {**ours, field: value}
        live["metadata"]["managedFields"][1] = changed
        assert not surely_unchanged(desired, live, MANAGER)


@pytest.mark.parametrize("live", [{}, {"metadata": {}}, {"metadata": {"managedFields": None}}])
def test_an_object_without_owners_is_not_ours(live: Any) -> None:
    assert owned_fields(live, MANAGER) is None
    assert not surely_unchanged({"metadata": {"name": "x"}}, live, MANAGER)


@pytest.mark.parametrize(
    ("ports", "fields", "unchanged"),
    [
        # a list whose key has a default that the server adds: only the server knows
        ([{"port": 80}], {'k:{"port":80,"protocol":"TCP"}': {"f:port": {}}}, False),
        # a set
        (["a", "b"], {'v:"a"': {}, 'v:"b"': {}}, True),
        (["a", "b"], {'v:"a"': {}}, False),
        # a list by position
        (["a"], {"i:0": {}}, False),
    ],
)
def test_lists_of_other_kinds(ports: Any, fields: Fields, unchanged: bool) -> None:
    desired = {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": {"ports": ports}}
    live = live_of(desired, {"f:spec": {"f:ports": fields}})
    assert surely_unchanged(desired, live, MANAGER) is unchanged


def test_the_generator_writes_what_the_api_server_writes() -> None:
    """An entry as kube-apiserver 1.34 has stored it, so that the properties above are about the real format."""
    spec = {"containers": [{"name": "web", "image": "nginx", "args": ["-v"]}], "nodeSelector": {"zone": "a"}}
    assert fields_of({"spec": spec}) == {
        "f:spec": {
            "f:containers": {'k:{"name":"web"}': {"f:name": {}, "f:image": {}, "f:args": {}}},
            "f:nodeSelector": {"f:zone": {}},
        }
    }


def test_what_every_write_changes_does_not_count_in_a_comparison() -> None:
    desired = {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": {"a": 1}}
    before = live_of(desired, fields_of_object(desired))
    after = copy.deepcopy(before)
    after["metadata"].update(resourceVersion="8", generation=2)
    after["metadata"]["managedFields"].reverse()
    after["metadata"]["managedFields"][0]["time"] = "2026-11-22T00:00:01Z"
    assert comparable(before) == comparable(after)
    after["metadata"]["managedFields"][0]["manager"] = "argocd"
    assert comparable(before) != comparable(after)
    assert comparable(before) != comparable({**before, "spec": {"a": 2}})


def test_we_made_what_bears_our_label() -> None:
    label = "app.kubernetes.io/managed-by"
    assert made_by({"metadata": {"labels": {label: MANAGER}}}, MANAGER)
    assert not made_by({"metadata": {"labels": {label: "Helm"}}}, MANAGER)
    assert not made_by({"metadata": {"labels": None}}, MANAGER)
    assert not made_by({}, MANAGER)
