# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facade's requests, as a server sees them, and what comes of the answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import PAGE_SIZE, Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Conflict,
    Expired,
    FieldConflict,
    InputError,
    MissingKind,
    NotFound,
    ObjectRef,
    Unauthorized,
)
from tests.unit.client.scripted_server import Answer, ScriptedServer, status

Connect = Callable[..., Client]
PLACE = "/api/v1/namespaces/shop/configmaps"
REF = ObjectRef("v1", "ConfigMap", "prices", "shop")
OBJECT = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "prices", "namespace": "shop"}}


def page(*names: str, token: str | None = None) -> Answer:
    items = [{"metadata": {"name": name}} for name in names]
    return Answer(body={"metadata": {"continue": token} if token else {}, "items": items})


def names(objects: list[dict[str, Any]]) -> list[str]:
    return [obj["metadata"]["name"] for obj in objects]


def test_an_object_that_is_not_there_is_none(connect: Connect, server: ScriptedServer) -> None:
    server.on(f"GET {PLACE}/prices", Answer(body=OBJECT))
    assert connect().get(REF) == OBJECT
    assert connect().get(REF._replace(name="other")) is None
    assert connect().get(REF._replace(namespace="other")) is None


def test_lists_are_read_page_by_page(connect: Connect, server: ScriptedServer) -> None:
    server.on(f"GET {PLACE}", page("a", "b", token="next"), page("c"))
    found = connect().list("v1", "ConfigMap", "shop", label_selector="a=b", field_selector="type=x")
    assert names(found) == ["a", "b", "c"]
    assert {(obj["apiVersion"], obj["kind"]) for obj in found} == {("v1", "ConfigMap")}
    common = {"limit": [str(PAGE_SIZE)], "labelSelector": ["a=b"], "fieldSelector": ["type=x"]}
    assert [request.query for request in server.requests[1:]] == [common, {**common, "continue": ["next"]}]


def test_lists_of_all_namespaces(connect: Connect, server: ScriptedServer) -> None:
    server.on("GET /api/v1/configmaps", page("a"))
    assert names(connect().list("v1", "ConfigMap")) == ["a"]


def test_a_list_that_took_too_long_is_read_anew_and_whole(connect: Connect, server: ScriptedServer) -> None:
    gone = status(410, "The provided continue parameter is too old", "Expired")
    server.on(f"GET {PLACE}", page("a", token="next"), gone, page("a", "b", "c"))
    assert names(connect().list("v1", "ConfigMap", "shop")) == ["a", "b", "c"]
    assert server.requests[-1].query == {}
    server.on(f"GET {PLACE}", gone)
    with pytest.raises(Expired):
        connect().list("v1", "ConfigMap", "shop")


@pytest.mark.parametrize("items", [[], None])
def test_an_empty_list(items: Any, connect: Connect, server: ScriptedServer) -> None:
    server.on(f"GET {PLACE}", Answer(body={"items": items}))
    assert connect().list("v1", "ConfigMap", "shop") == []


def test_a_merge_patch_is_repeated_in_a_storm_of_conflicts(connect: Connect, server: ScriptedServer) -> None:
    server.on(f"PATCH {PLACE}/prices", status(409, "modified", "Conflict"), Answer(body=OBJECT))
    assert connect().merge_patch(REF, {"metadata": {"labels": {"a": None}}}) == OBJECT
    request = server.requests[-1]
    assert request.header("Content-Type") == ["application/merge-patch+json"]
    assert request.query == {"fieldManager": ["multicluster.interconnect"]}
    assert request.body == {"metadata": {"labels": {"a": None}}}
    assert server.asked().count(f"PATCH {PLACE}/prices") == 2


@pytest.mark.parametrize(("force", "word"), [(False, "false"), (True, "true")])
def test_an_apply_names_its_manager(force: bool, word: str, connect: Connect, server: ScriptedServer) -> None:
    server.on(f"PATCH {PLACE}/prices", Answer(body=OBJECT))
    connect().apply(OBJECT, force=force)
    connect().apply(OBJECT, force=force, dry_run=True)
    real, tried = server.requests[-3], server.requests[-1]
    assert real.query == {"fieldManager": ["multicluster.interconnect"], "force": [word]}
    assert tried.query == {**real.query, "dryRun": ["All"]}
    assert real.header("Content-Type") == ["application/apply-patch+yaml"]
    assert real.body == OBJECT


def test_an_apply_is_repeated_where_others_wrote_and_not_where_they_own(
    connect: Connect, server: ScriptedServer
) -> None:
    request = f"PATCH {PLACE}/prices"
    server.on(request, status(409, "modified", "Conflict"), Answer(body=OBJECT))
    assert connect().apply(OBJECT) == OBJECT
    server.on(request, status(409, "modified", "Conflict"), Answer(body=OBJECT))
    with pytest.raises(Conflict):
        connect().apply({**OBJECT, "metadata": {**OBJECT["metadata"], "resourceVersion": "1"}})  # type: ignore[dict-item]
    owned = [{"reason": "FieldManagerConflict", "message": 'conflict with "argocd"', "field": ".data.a"}]
    server.on(request, status(409, "Apply failed", "Conflict", causes=owned))
    with pytest.raises(FieldConflict):
        connect().apply(OBJECT)
    assert server.asked().count(request) == 4


def test_the_very_object_is_deleted(connect: Connect, server: ScriptedServer) -> None:
    server.on(f"DELETE {PLACE}/prices", Answer(body={"kind": "Status"}))
    connect().delete(REF, "1-2-3")
    assert server.requests[-1].body == {"propagationPolicy": "Background", "preconditions": {"uid": "1-2-3"}}
    connect().delete(REF._replace(name="gone"), "1-2-3")
    server.on(f"DELETE {PLACE}/prices", status(409, "the UID in the precondition", "Conflict"))
    with pytest.raises(Conflict, match="the UID in the precondition"):
        connect().delete(REF, "1-2-3")


def test_requests_that_are_objects_are_posted(connect: Connect, server: ScriptedServer) -> None:
    server.serves("authorization.k8s.io/v1", ("SelfSubjectAccessReview", "selfsubjectaccessreviews", False))
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {}}
    server.on("POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Answer(201, {"status": {}}))
    assert connect().create(review) == {"status": {}}
    server.on(f"POST {PLACE}/prices/token", Answer(201, {"status": {"token": "x"}}))
    assert connect().create({"spec": {}}, REF, "token") == {"status": {"token": "x"}}


def test_a_kind_is_discovered_once_and_a_missing_one_looked_for_again(connect: Connect, server: ScriptedServer) -> None:
    client = connect()
    discovery = "GET /apis/cluster.open-cluster-management.io/v1"
    arguments = ("cluster.open-cluster-management.io/v1", "ManagedCluster")
    assert not client.has_kind(*arguments)
    with pytest.raises(MissingKind, match="advanced-cluster-management"):
        client.list(*arguments)
    assert server.asked() == [discovery] * 2
    server.serves(
        arguments[0], ("ManagedCluster", "managedclusters", False), ("Status", "managedclusters/status", False)
    )
    assert client.has_kind(*arguments)
    assert not client.has_kind(arguments[0], "Status")
    asked = len(server.requests)
    client.resource(*arguments)
    assert len(server.requests) == asked


def test_the_versions_of_a_group_begin_with_the_preferred_one(connect: Connect, server: ScriptedServer) -> None:
    served = [{"groupVersion": f"example.com/{version}"} for version in ("v2alpha1", "v1", "v1beta1")]
    group = {"versions": served, "preferredVersion": {"groupVersion": "example.com/v1"}}
    server.on("GET /apis/example.com", Answer(body=group))
    assert connect().versions("example.com") == ["example.com/v1", "example.com/v2alpha1", "example.com/v1beta1"]
    assert connect().versions("gone.example.com") == []
    assert connect().versions("") == ["v1"]


def test_a_namespaced_object_needs_a_namespace(connect: Connect) -> None:
    with pytest.raises(InputError, match=r"ConfigMap prices is namespaced: give metadata\.namespace"):
        connect().get(REF._replace(namespace=None))


@pytest.mark.parametrize("name", ["..", ".", "a/b", "../secrets/x", "a%2Fb"])
def test_no_name_leads_to_another_object(name: str, connect: Connect, server: ScriptedServer) -> None:
    for ref in (REF._replace(name=name), REF._replace(namespace=name)):
        with pytest.raises(InputError, match="is no name of an object"):
            connect().delete(ref, "1-2-3")
    assert not [request for request in server.requests if request.method != "GET"]


def test_names_of_rbac_objects_and_odd_characters_stay_whole(connect: Connect, server: ScriptedServer) -> None:
    server.on(f"GET {PLACE}/system:node%20a%3F", Answer(body=OBJECT))
    assert connect().get(REF._replace(name="system:node a?")) == OBJECT


def test_a_missing_namespace_is_an_error_of_a_write(connect: Connect) -> None:
    with pytest.raises(NotFound):
        connect().apply(OBJECT)


def test_a_refused_token_is_not_shown(connect: Connect, server: ScriptedServer) -> None:
    server.on(f"GET {PLACE}/prices", status(401, "Unauthorized", "Unauthorized"))
    with pytest.raises(Unauthorized) as caught:
        connect(api_key="hunter2-hunter2").get(REF)
    assert server.url in caught.value.message
    assert "hunter2" not in f"{caught.value.message} {caught.value.details} {caught.value.__cause__}"


def test_another_client_of_the_same_server_has_the_token_alone(connect: Connect, server: ScriptedServer) -> None:
    first = connect(impersonate_user="jane", tls_server_name="kubernetes.invalid")
    second = Client(first.options_with_token("fresh"))
    server.on("GET /version", Answer(body={"gitVersion": "v1.34.4"}))
    second.read_version()
    second.close()
    assert server.requests[-1].header("Authorization") == ["Bearer fresh"]
    assert server.requests[-1].header("Impersonate-User") == []


def test_many_items_keep_their_order_and_are_worked_at_together(connect: Connect) -> None:
    everybody = threading.Barrier(4, timeout=10)

    def meet(number: int) -> int:
        everybody.wait()
        return number * 10

    assert connect().each(meet, [3, 1, 2, 0]) == [30, 10, 20, 0]
    assert connect().each(meet, []) == []


def test_all_items_are_tried_before_the_first_error_is_raised(connect: Connect) -> None:
    tried: list[int] = []

    def fail(number: int) -> None:
        tried.append(number)
        raise InputError(str(number), "is wrong")

    with pytest.raises(InputError, match="0: is wrong"):
        connect().each(fail, range(5))
    assert sorted(tried) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("dry_run", [False, True])
def test_objects_are_made_and_replaced_where_they_can_not_be_applied(
    connect: Connect, server: ScriptedServer, dry_run: bool
) -> None:
    server.on(f"POST {PLACE}", Answer(201, OBJECT), status(409, "exists", "AlreadyExists"))
    server.on(f"PUT {PLACE}/prices", Answer(body=OBJECT))
    server.on(f"PUT {PLACE}/prices/status", Answer(body=OBJECT))
    client = connect()
    assert client.create_new(OBJECT, dry_run=dry_run) == OBJECT
    with pytest.raises(Conflict):
        client.create_new(OBJECT, dry_run=dry_run)
    client.update(OBJECT, dry_run=dry_run)
    client.update(OBJECT, "status", dry_run=dry_run)
    writes = [each for each in server.requests if each.method != "GET"]
    assert [each.path for each in writes] == [PLACE, PLACE, f"{PLACE}/prices", f"{PLACE}/prices/status"]
    expected = {"fieldManager": ["multicluster.interconnect"], **({"dryRun": ["All"]} if dry_run else {})}
    assert all(each.query == expected and each.body == OBJECT for each in writes)


def test_the_servers_clock_is_that_of_its_last_answer(connect: Connect, server: ScriptedServer) -> None:
    server.on("GET /version", Answer(body={"gitVersion": "v1.34.4"}))
    client, before = connect(), int(time.time())
    assert before <= client.server_time() <= time.time()
    assert server.asked() == ["GET /version"]
    assert client.server_time() >= before
    assert server.asked() == ["GET /version"], "an answer that is there is enough"
