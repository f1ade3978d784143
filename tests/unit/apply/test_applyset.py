# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The format of sets as kubectl has it, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.applyset import (
    ID_LABEL,
    KINDS,
    NAMESPACES,
    PART_OF_LABEL,
    TOOLING,
    ApplySet,
    GroupKind,
    Scope,
    scope_of,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import VERSION
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
    ObjectRef,
)
from tests.unit.apply.fields_v1 import fields_of_object
from tests.unit.apply.test_present import a_namespace, settings

SHOP = ApplySet(ObjectRef("v1", "ConfigMap", "shop", "shop"))
MANAGER = "multicluster.interconnect"


def thing(name: str = "x", **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": name, **metadata}}


def test_the_id_is_the_one_that_kubectl_gives() -> None:
    # k8s.io/kubectl pkg/cmd/apply/apply_test.go: Secret my-set in namespace test.
    of_kubectl = "applyset-0eFHV8ySqp7XoShsGvyWFQD3s96yqwHmzc4e0HR1dsY-v1"
    assert ApplySet(ObjectRef("v1", "Secret", "my-set", "test")).id == of_kubectl
    assert ApplySet(ObjectRef("v1", "ConfigMap", "my-set", "test")).id != of_kubectl


def test_a_parent_tells_where_members_are() -> None:
    objects = [settings(), thing(namespace="other"), thing(namespace="another"), a_namespace("other")]
    parent = SHOP.parent(scope_of(objects), None)
    assert parent["metadata"]["labels"] == {ID_LABEL: SHOP.id}
    assert parent["metadata"]["annotations"] == {
        TOOLING: f"{MANAGER}/{VERSION}",
        KINDS: "ConfigMap,Namespace,Thing.example.com",
        NAMESPACES: "another,other",
    }
    assert SHOP.parent(Scope(), None)["metadata"]["annotations"][KINDS] == "", "there, and empty: an empty set"


KIND_NAMES = st.builds(GroupKind, st.sampled_from(["", "apps", "example.com"]), st.sampled_from(["Thing", "Service"]))
SCOPES = st.builds(Scope, st.frozensets(KIND_NAMES), st.frozensets(st.sampled_from(["shop", "a", "b"])))


@given(SCOPES, SCOPES)
def test_what_a_parent_tells_is_read_again(scope: Scope, other: Scope) -> None:
    whole = SHOP.with_own_namespace(scope)
    parent = SHOP.parent(scope, None)
    assert SHOP.scope(parent) == whole
    assert SHOP.parent(scope, parent) == parent
    assert SHOP.scope(SHOP.parent(scope | other, parent)) == whole | other


def test_a_new_release_alone_changes_no_parent() -> None:
    live = SHOP.parent(scope_of([settings()]), None)
    live["metadata"]["annotations"][TOOLING] = f"{MANAGER}/0.0.1"
    assert SHOP.parent(scope_of([settings()]), live) == live
    assert SHOP.parent(scope_of([thing()]), live)["metadata"]["annotations"][TOOLING] == f"{MANAGER}/{VERSION}"


def parent_with(**changed: Any) -> dict[str, Any]:
    parent = SHOP.parent(Scope(), None)
    parent["metadata"].update(changed)
    return parent


@pytest.mark.parametrize(
    ("live", "words"),
    [
        (settings("shop"), "is no parent of an ApplySet"),
        (parent_with(annotations={TOOLING: "kubectl/v1.34"}), r"of an ApplySet of kubectl/v1\.34"),
        (parent_with(annotations={TOOLING: f"not-{MANAGER}/1"}), "of an ApplySet of not-"),
        (parent_with(labels={ID_LABEL: "applyset-x-v1"}), "copy of another set's parent"),
        (parent_with(labels=None), "copy of another set's parent"),
    ],
)
def test_what_is_no_parent_of_ours_is_refused(live: dict[str, Any], words: str) -> None:
    with pytest.raises(InterconnectError, match=words):
        SHOP.check_parent(live)
    SHOP.check_parent(SHOP.parent(Scope(), None))


@pytest.mark.parametrize("label", [PART_OF_LABEL, ID_LABEL])
def test_labels_of_the_format_are_ours_to_write(label: str) -> None:
    with pytest.raises(InputError, match=rf"^resources\[3\]\.metadata\.labels\.{label}"):
        SHOP.member(thing(labels={label: "x"}), "resources[3]")


def test_the_parent_is_no_member() -> None:
    with pytest.raises(InputError, match="is the parent of the set"):
        SHOP.member(settings("shop"), "resources[0]")


def test_a_label_that_a_controller_has_copied_makes_no_member() -> None:
    member = SHOP.member(settings(app="shop"), "")
    for manager, operation, expected in (
        (MANAGER, "Apply", True),
        (MANAGER, "Update", False),
        ("endpointslice-controller", "Apply", False),
    ):
        entry = {"manager": manager, "operation": operation, "fieldsV1": fields_of_object(member)}
        live = {**member, "metadata": {**member["metadata"], "managedFields": [entry]}}
        assert SHOP.has(live) is expected
        assert not ApplySet(SHOP.ref._replace(name="other")).has(live)


def test_a_member_of_another_set_is_refused() -> None:
    theirs = ApplySet(SHOP.ref._replace(name="other")).member(settings(), "")
    with pytest.raises(InterconnectError, match="ConfigMap shop/settings is a member of another ApplySet"):
        SHOP.check_free(theirs)
    for free in (settings(), SHOP.member(settings(), "")):
        SHOP.check_free(free)
