# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown of objects: nothing of a Secret's data, however it is wrapped."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.redact import (
    HIDDEN,
    HIDDEN_CHANGED,
    diff_of,
    secret_values,
    shown,
)
from tests.unit.apply.strategies import MAPPINGS

SECRETS = st.text("0123456789abcdef", min_size=8, max_size=12).map(lambda text: f"s3cret{text}")


@st.composite
def secret_objects(draw: st.DrawFn) -> dict[str, Any]:
    """A Secret with values that occur nowhere else, also in the annotation that kubectl keeps."""
    plain = draw(st.dictionaries(st.sampled_from(["token", "password", "ca"]), SECRETS, min_size=1))
    data = {key: base64.b64encode(value.encode()).decode() for key, value in plain.items()}
    body = {"data": data} if draw(st.booleans()) else {"stringData": plain}
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(body), "note": "x"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "keys", "namespace": "shop", "annotations": annotations, "uid": "1", "managedFields": []},
        "type": "Opaque",
        **body,
    }


def wrapped(secret: dict[str, Any], around: dict[str, Any], how: str) -> dict[str, Any]:
    """The Secret itself, or an object that distributes it."""
    manifests = {"spec": {**around, "workload": {"manifests": [{"kind": "ConfigMap"}, secret]}}}
    template = {"spec": {**around, "policy-templates": [{"objectDefinition": secret}]}}
    metadata = {"metadata": {"name": "work"}}
    wrappers = {"plain": secret, "ManifestWork": {**metadata, **manifests}, "Policy": {**metadata, **template}}
    return {"kind": how, **wrappers[how]}


WRAPPED = st.builds(wrapped, secret_objects(), MAPPINGS, st.sampled_from(["plain", "ManifestWork", "Policy"]))


def secrets_in(text: str) -> bool:
    return "s3cret" in text or base64.b64encode(b"s3cret").decode()[:7] in text


@given(st.one_of(st.none(), WRAPPED), st.one_of(st.none(), WRAPPED))
def test_no_value_of_a_secret_is_shown(before: Any, after: Any) -> None:
    assert not secrets_in(json.dumps(diff_of(before, after, "Secret shop/keys")))
    assert not secrets_in(json.dumps([shown(before), shown(after)]))
    if after:
        assert secrets_in(json.dumps(after))


@given(secret_objects())
def test_the_values_are_known_in_both_forms(secret: Any) -> None:
    values = secret_values({"resources": [secret]})
    for key, value in secret.get("data", {}).items():
        assert {value, base64.b64decode(value).decode()} <= values, key
    assert set(secret.get("stringData", {}).values()) <= values


def test_a_changed_value_is_marked() -> None:
    def secret(**data: str) -> dict[str, Any]:
        return {"kind": "Secret", "metadata": {"name": "keys"}, "data": data}

    diff = diff_of(secret(same="YQ==", other="YQ==", gone="YQ=="), secret(same="YQ==", other="Yg==", new="YQ=="), "t")
    assert diff["before"]["data"] == {"same": HIDDEN, "other": HIDDEN, "gone": HIDDEN}
    assert diff["after"]["data"] == {"same": HIDDEN, "other": HIDDEN_CHANGED, "new": HIDDEN}


def test_data_of_a_wrong_form_is_hidden_too() -> None:
    assert shown({"kind": "Secret", "metadata": {}, "data": "hunter2", "stringData": ["hunter2"]}) == {
        "kind": "Secret",
        "metadata": {},
        "data": HIDDEN,
        "stringData": HIDDEN,
    }


def test_bookkeeping_and_status_are_left_out() -> None:
    metadata = {"name": "x", "uid": "1", "resourceVersion": "1", "generation": 1, "managedFields": [1], "labels": {}}
    obj = {"kind": "ConfigMap", "metadata": metadata, "data": {"a": "open"}, "status": {"phase": "x"}}
    assert shown(obj) == {"kind": "ConfigMap", "metadata": {"name": "x", "labels": {}}, "data": {"a": "open"}}
    assert diff_of(None, obj, "title")["before"] == {}


def test_what_is_said_in_the_open_can_not_be_kept_secret() -> None:
    """Masking the name of an object, or every letter of a result, would help nobody."""
    repository = {
        "kind": "Secret",
        "metadata": {"name": "charts-repo", "namespace": "openshift-gitops"},
        "stringData": {"name": "charts-repo", "type": "git", "project": "gitops", "password": "hunter2"},
    }
    assert secret_values([repository]) == {"hunter2"}


def test_other_objects_hold_no_secrets() -> None:
    assert secret_values({"kind": "ConfigMap", "data": {"a": "hunter2"}}) == set()
    assert secret_values(["hunter2", 1, None]) == set()
