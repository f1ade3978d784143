# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an HTTP answer to a typed error with one message."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    BROUGHT_BY,
    ApiError,
    Conflict,
    Expired,
    FieldConflict,
    Forbidden,
    InputError,
    Invalid,
    NotFound,
    ObjectRef,
    Unauthorized,
    Unreachable,
    from_response,
    missing_kind,
)
from tests.unit.client.scripted_server import status

SERVER = "https://hub.example.com:6443"
WHAT = "patch ManagedCluster ca-toronto"


def error(code: int, message: str = "", reason: str | None = "Because", **details: Any) -> ApiError:
    return from_response(code, status(code, message, reason, **details).data(), WHAT, SERVER)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (302, ApiError),
        (400, Invalid),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (405, ApiError),
        (409, Conflict),
        (410, Expired),
        (415, Invalid),
        (422, Invalid),
        (429, Unreachable),
        (500, Unreachable),
        (503, Unreachable),
    ],
)
def test_each_status_has_its_type(code: int, kind: type[ApiError]) -> None:
    found = error(code, "the server's words")
    assert found.__class__ is kind
    assert SERVER in found.message
    assert WHAT in found.message
    assert ("the server's words" in found.message) == (code not in (302, 401))
    assert found.details["status"] == code
    assert found.transient == (kind is Unreachable)


ON_CLUSTERS = (
    'managedclusters.cluster.open-cluster-management.io "ca-toronto" is forbidden: User "jane" cannot patch resource '
    '"managedclusters" in API group "cluster.open-cluster-management.io" at the cluster scope'
)
IN_A_NAMESPACE = (
    'secrets is forbidden: User "system:serviceaccount:ci:bot" cannot list resource "secrets" in API group "" in the '
    'namespace "openshift-gitops"'
)
ON_A_SUBRESOURCE = (
    'deployments.apps "web" is forbidden: User "jane" cannot get resource "deployments/scale" in API group "apps" in '
    'the namespace "shop": RBAC: clusterrole.rbac.authorization.k8s.io "x" not found'
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ON_CLUSTERS, "user jane may not patch managedclusters.cluster.open-cluster-management.io (needed to"),
        (
            IN_A_NAMESPACE,
            "user system:serviceaccount:ci:bot may not list secrets in namespace openshift-gitops (needed",
        ),
        (ON_A_SUBRESOURCE, "user jane may not get deployments/scale.apps in namespace shop (needed to"),
    ],
)
def test_a_missing_permission_is_named(text: str, words: str) -> None:
    found = error(403, text, "Forbidden")
    assert words in found.message
    assert "Role" in found.message


def test_a_missing_permission_is_data_too() -> None:
    found = error(
        403, 'x is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "n"'
    )
    assert found.details["denied"] == {"user": "jane", "verb": "list", "resource": "secrets", "namespace": "n"}


def test_a_webhook_speaks_for_itself() -> None:
    found = error(403, 'admission webhook "ocm" denied the request: user "jane" cannot add/remove a ManagedCluster')
    assert found.message == (
        f'{SERVER} refuses to {WHAT}: admission webhook "ocm" denied the request: user "jane" cannot add/remove a '
        "ManagedCluster"
    )


def test_a_request_without_credentials_is_not_called_a_missing_permission() -> None:
    found = error(403, 'x is forbidden: User "system:anonymous" cannot list resource "secrets" in API group ""')
    assert isinstance(found, Unauthorized)
    assert "no credentials" in found.message


def test_the_owner_of_each_field_is_named() -> None:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "argocd" using apps/v1',
            "field": ".spec.replicas",
        },
        {"reason": "FieldManagerConflict", "message": 'conflict with "kubectl edit": x', "field": ".spec.a"},
    ]
    found = error(409, "Apply failed with 2 conflicts", "Conflict", causes=causes)
    assert isinstance(found, FieldConflict)
    assert found.details["conflicts"] == [
        {"manager": "argocd", "field": ".spec.replicas"},
        {"manager": "kubectl edit", "field": ".spec.a"},
    ]
    assert ".spec.replicas is owned by argocd; .spec.a is owned by kubectl edit" in found.message
    assert "force_conflicts" in found.message


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"text"', b"null", b"\xff\xfe", b'{"message": null}'])
def test_a_body_of_any_kind_makes_a_message(body: bytes) -> None:
    found = from_response(503, body, WHAT, SERVER)
    assert found.message.startswith(f"{SERVER} answers 503 to {WHAT}: ")
    assert found.message.rpartition(": ")[2]


def test_a_long_page_is_not_shown_whole() -> None:
    assert len(from_response(502, b"x" * 100_000, WHAT, SERVER).message) < 500


@pytest.mark.parametrize("group", sorted(BROUGHT_BY))
def test_a_missing_kind_names_what_brings_it(group: str) -> None:
    assert BROUGHT_BY[group] in missing_kind(SERVER, f"{group}/v1", "Thing").message


def test_a_missing_kind_of_an_unknown_group_names_the_crd() -> None:
    found = missing_kind(SERVER, "example.com/v1", "Thing")
    assert "does not serve Thing of example.com/v1" in found.message
    assert "CustomResourceDefinition" in found.message


def test_an_input_error_names_the_field() -> None:
    found = InputError("labels.tier", "is a boolean", extra=1)
    assert str(found) == found.message == "labels.tier: is a boolean"
    assert found.details == {"field": "labels.tier", "extra": 1}


def test_an_object_is_named_with_its_namespace() -> None:
    with_namespace = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": "b"}}
    assert str(ObjectRef.of(with_namespace)) == "Secret b/a"
    assert str(ObjectRef("v1", "Namespace", "b")) == "Namespace b"
    assert ObjectRef.of(with_namespace).as_dict() == {
        "api_version": "v1",
        "kind": "Secret",
        "name": "a",
        "namespace": "b",
    }
