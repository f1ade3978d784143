# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The goals of Skupper v2, and what keeps a Site from its goal.

Conditions: skupperproject/skupper pkg/apis/skupper/v2alpha1/types.go. With each change of an object the controller
brings `Configured` and the summary `Ready` up to date; the others (`Running`, `Resolved`, `Operational`, `Matched`)
keep the generation at which they last changed, and so can not be told from stale ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .._client.errors import ApiError, ObjectRef
from .acceptors import Condition, Field, Object, conditions
from .goal import Goal
from .path import Path

if TYPE_CHECKING:
    from .reading import Reader
    from .wait import Wait

GROUP = "skupper.io"
CONTROLLER = "skupper-controller"
"""Deployment of the controller, where upstream's manifests and its operator put it."""
CONTROLLER_NAMESPACES = ("skupper", "openshift-operators")
CONTROL = "skupper"
"""ConfigMap of a namespace that says which controller looks after it."""
ROUTER_SERVICE = "skupper-router"

_CONFIGURED, _READY = Condition("Configured"), Condition("Ready")


def _is_wrong(type_: str, message: str = "", status: str = "False") -> Condition:
    return Condition(type_, (status,), None, re.compile(message) if message else None)


def _lasting(name: str, *success: Condition, **more: Any) -> Goal:
    return Goal(name, success, lasting=True, **more)


_UNTOUCHED = Field(Path.parse("status.conditions[*].type"), "exists", False)
_NOT_TAKEN_UP = (
    _UNTOUCHED,
    "no controller has taken it up: see that Skupper's controller runs, and looks after this namespace",
)
_NO_SITE = (_is_wrong("Configured", "No active site"), "the namespace is no site yet: it needs a Site that is ready")
_NOT_LINKED = (
    _is_wrong("Operational"),
    "the router does not reach the other site, or is not let in (was that site's CA renewed?): see the router's log",
)
_NOT_DIALLED = (
    Field(Path.parse("status.conditions[*].type"), "not_equals", "Operational"),
    "the router has not reached the other site yet: see its log, and that the Secret in spec.tlsCredentials is there",
)
_NO_CONNECTOR = (
    _is_wrong("Matched"),
    "nothing is connected under this routing key in any linked site: see Connectors there, and the links",
)
_NO_LISTENER = (
    _is_wrong("Matched"),
    "nobody listens for this routing key in any linked site: see Listeners there, and the links",
)
# The words of internal/kube/site/site.go and bindings.go; before there has been any pod, the controller says nothing.
_NO_PODS = (
    _is_wrong("Configured", "No (pods match|matches for) selector"),
    "its selector finds no ready pod in its namespace",
)
_NEVER_HAD_PODS = (
    _is_wrong("Ready", "Not Configured"),
    "the router has not got it: if it has a selector, no ready pod in its namespace has matched that yet",
)
_NO_GRANT_SERVER = (
    _is_wrong("Resolved"),
    "the controller's grant server has no address yet: see SecuredAccess skupper-grant-server in its namespace",
)
# internal/kube/grants/disabled.go
_GRANTS_DISABLED = Field(Path.parse("status.message"), "matches", re.compile("not enabled"))
_NO_CA = (_is_wrong("Ready", "CA .* not found"), "the CA in spec.ca is not there: its Certificate must be ready first")

KINDS: Mapping[tuple[str, str], tuple[Goal, ...]] = {
    (GROUP, "Site"): (
        _lasting(
            "ready",
            _CONFIGURED,
            _READY,
            failure=(_is_wrong("Configured", "active site already exists|Unsupported value for LinkAccess"),),
        ),
    ),
    (GROUP, "Certificate"): (_lasting("ready", _READY, hints=(_NOT_TAKEN_UP, _NO_CA)),),
    (GROUP, "Link"): (
        _lasting("operational", _CONFIGURED, _READY, hints=(_NOT_TAKEN_UP, _NO_SITE, _NOT_DIALLED, _NOT_LINKED)),
        _lasting("configured", _CONFIGURED, hints=(_NOT_TAKEN_UP, _NO_SITE)),
    ),
    (GROUP, "AccessGrant"): (
        _lasting(
            "ready",
            _READY,
            failure=(_GRANTS_DISABLED, _is_wrong("Processed", "Invalid duration")),
            hints=(_NOT_TAKEN_UP, _NO_GRANT_SERVER),
        ),
    ),
    # The controller tries again what failed, but the other side does not take back what it has refused.
    (GROUP, "AccessToken"): (
        _lasting("redeemed", Condition("Redeemed"), failure=(_is_wrong("Redeemed", r"\b40[34]\b|deleted site"),)),
    ),
    (GROUP, "Listener"): (
        _lasting("matched", _CONFIGURED, _READY, hints=(_NOT_TAKEN_UP, _NO_SITE, _NO_CONNECTOR)),
        _lasting("configured", _CONFIGURED, hints=(_NOT_TAKEN_UP, _NO_SITE)),
    ),
    (GROUP, "Connector"): (
        _lasting(
            "matched", _CONFIGURED, _READY, hints=(_NOT_TAKEN_UP, _NO_SITE, _NO_PODS, _NEVER_HAD_PODS, _NO_LISTENER)
        ),
        _lasting("configured", _CONFIGURED, hints=(_NOT_TAKEN_UP, _NO_SITE, _NO_PODS, _NEVER_HAD_PODS)),
    ),
}


def study_site(client: Reader, wait: Wait, obj: Object) -> list[str]:
    """What keeps a Site from being ready: nobody looks after it, its router does not run, it has no address."""
    del wait
    namespace = obj["metadata"]["namespace"]
    known = {entry["type"]: entry for entry in conditions(obj)}
    if not known:
        return [f"no controller has taken up the Site: {'; '.join(_where_controllers_are(client, namespace))}"]
    resolved = known.get("Resolved")
    lines = []
    if resolved is None or resolved.get("status") != "True":
        lines += _without_address(client, namespace, obj)
    return lines


def _where_controllers_are(client: Reader, namespace: str) -> Iterator[str]:
    chosen = _chosen_controller(client, namespace)
    if chosen:
        yield f"ConfigMap {CONTROL} of namespace {namespace} leaves it to {chosen}"
    places = [chosen] if chosen else [f"{each}/{CONTROLLER}" for each in (*CONTROLLER_NAMESPACES, namespace)]
    for place in places:
        where, _slash, name = place.rpartition("/")
        ref = ObjectRef("apps/v1", "Deployment", name, where or namespace)
        try:
            live = client.get(ref)
        except ApiError:
            yield f"{ref} can not be read"
            continue
        if live is None:
            yield f"there is no {ref}"
        else:
            ready = (live.get("status") or {}).get("readyReplicas") or 0
            yield f"{ref} has {ready} ready pods: see its log"


def _chosen_controller(client: Reader, namespace: str) -> str:
    try:
        control = client.get(ObjectRef("v1", "ConfigMap", CONTROL, namespace))
    except ApiError:
        return ""
    return str(((control or {}).get("data") or {}).get("controller") or "")


def _without_address(client: Reader, namespace: str, site: Object) -> list[str]:
    if (site.get("spec") or {}).get("linkAccess") in (None, "", "none"):
        return []
    service = client.get(ObjectRef("v1", "Service", ROUTER_SERVICE, namespace))
    if service is None:
        return [f"the way in to the site is not made yet: see RouterAccess and SecuredAccess {ROUTER_SERVICE}"]
    balanced = (service.get("spec") or {}).get("type") == "LoadBalancer"
    if balanced and not ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress"):
        line = (
            f"Service {namespace}/{ROUTER_SERVICE} waits for the address of a load balancer: see whether the cluster "
            "provides any, and the Service's events; the Site goes on by itself as soon as it has one"
        )
        return [line]
    return []
