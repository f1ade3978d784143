# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong at a Kubernetes API server, as types, each with one message for the user.

The text of an error is complete: it says which server, which object or permission, and what to do.
`from_response` is the only place that turns an HTTP answer into an error
(body: `Status`, k8s.io/apimachinery pkg/apis/meta/v1/types.go).
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple


class ObjectRef(NamedTuple):
    """The identity of one object."""

    api_version: str
    kind: str
    name: str
    namespace: str | None = None

    @classmethod
    def of(cls, obj: dict[str, Any]) -> ObjectRef:
        """The identity that `obj` (a Kubernetes object) states of itself."""
        metadata = obj.get("metadata") or {}
        return cls(obj["apiVersion"], obj["kind"], metadata["name"], metadata.get("namespace"))

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {place}"

    def as_dict(self) -> dict[str, Any]:
        """The identity as module results carry it."""
        return {
            "api_version": self.api_version,
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
        }


class InterconnectError(Exception):
    """Base of all expected errors: `str(error)` is the message, `details` goes into the module's result."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class InputError(InterconnectError):
    """A parameter is wrong. `field` is its path as the user wrote it, such as `labels.tier`."""

    def __init__(self, field: str, message: str, **details: Any) -> None:
        super().__init__(f"{field}: {message}", field=field, **details)


class ApiError(InterconnectError):
    """An API server refused or did not answer. `transient`: the same request may go through later."""

    transient = False


class Unreachable(ApiError):
    """No answer: connection, TLS or time-out, or 429/5xx for longer than the retries last."""

    transient = True


class Unauthorized(ApiError):
    """401: the credentials are not accepted; or there are none."""


class Forbidden(ApiError):
    """403: RBAC or an admission webhook refused."""


class NotFound(ApiError):
    """404 on an object or its namespace."""


class MissingKind(ApiError):
    """The API server does not serve the kind: its CRD is not installed."""


class Conflict(ApiError):
    """409: somebody else changed or made the object."""


class FieldConflict(Conflict):
    """409 of server-side apply: another field manager owns fields. `details["conflicts"]`: manager and field."""


class Invalid(ApiError):
    """400/422: the API server's validation refused the object."""


class Expired(ApiError):
    """410: the pages of a LIST took longer than the server keeps the state that they show."""


class WrongCluster(ApiError):
    """The server is not the cluster that the inventory says it is."""


# Which operator or project brings an API group: what the user has to install when a kind is missing.
BROUGHT_BY = {
    "cluster.open-cluster-management.io": "Red Hat Advanced Cluster Management (operator advanced-cluster-management) "
    "or Open Cluster Management",
    "work.open-cluster-management.io": "Red Hat Advanced Cluster Management or Open Cluster Management",
    "addon.open-cluster-management.io": "Red Hat Advanced Cluster Management or Open Cluster Management",
    "policy.open-cluster-management.io": "Red Hat Advanced Cluster Management or OCM's policy framework add-on",
    "apps.open-cluster-management.io": "Red Hat Advanced Cluster Management (multicloud-integrations)",
    "agent.open-cluster-management.io": "Red Hat Advanced Cluster Management",
    "operator.open-cluster-management.io": "the operator advanced-cluster-management or OCM's cluster-manager",
    "multicluster.openshift.io": "the operator multicluster-engine",
    "argoproj.io": "Red Hat OpenShift GitOps (operator openshift-gitops-operator) or Argo CD",
    "operators.coreos.com": "the Operator Lifecycle Manager (part of OpenShift)",
    "skupper.io": "Red Hat Service Interconnect (operator skupper-operator) or Skupper",
    "submariner.io": "Submariner (operator submariner)",
    "multicluster.x-k8s.io": "Submariner or another implementation of the Multi-Cluster Services API",
    "route.openshift.io": "OpenShift",
}


# Kinds that others bring than the rest of their group.
BROUGHT_ALONE = {
    ("operator.open-cluster-management.io", "Klusterlet"): "OCM's klusterlet operator (Helm chart ocm/klusterlet)",
}


def missing_kind(server: str, api_version: str, kind: str) -> MissingKind:
    """The error for a kind that `server` does not serve, naming what would bring it."""
    group = api_version.rpartition("/")[0]
    brought_by = BROUGHT_ALONE.get((group, kind), BROUGHT_BY.get(group))
    remedy = f"install {brought_by}" if brought_by else "install the CustomResourceDefinition that defines it"
    return MissingKind(
        f"{server} does not serve {kind} of {api_version}: {remedy}, or use another cluster",
        api_version=api_version,
        kind=kind,
    )


_CONFLICT_WITH = re.compile(r'conflict with "(?P<manager>[^"]*)"')
_FORBIDDEN_VERB = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]*)"'
    r'(?: in API group "(?P<group>[^"]*)")?(?:.*in the namespace "(?P<namespace>[^"]*)")?'
)


_KINDS: dict[int, type[ApiError]] = {
    400: Invalid,
    404: NotFound,
    410: Expired,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: Unreachable,
}

# What server-side apply says, with status 500, of an object that does not fit the schema of its kind
# (k8s.io/apimachinery pkg/util/managedfields/internal/structuredmerge.go): no retry would make it fit.
_UNFIT = ("failed to create typed patch object", "failed to convert new object")


def from_response(status: int, body: bytes, what: str, server: str) -> ApiError:
    """The typed error of an HTTP answer.

    :param status: HTTP status code, 300 or above.
    :param body: the answer's body; a `Status` object where Kubernetes itself answered.
    :param what: the request in words, such as `patch ManagedCluster ca-toronto`.
    :param server: URL of the API server.
    """
    answer = _status_object(body)
    message = str(answer.get("message") or body[:300].decode("utf-8", "replace").strip() or f"HTTP status {status}")
    details: dict[str, Any] = {"status": status, "reason": answer.get("reason")}
    if status == 401:
        return Unauthorized(
            f"{server} does not accept the credentials (401 on {what}): they are expired, revoked or of another "
            "cluster; renew them in the kubeconfig (or api_key, client_cert) and check the context",
            **details,
        )
    if status == 403:
        return _forbidden(message, what, server, details)
    if status == 409:
        return _conflict(answer, message, what, server, details)
    if status < 400:
        return not_kubernetes(server, what, f"a redirect ({status})", **details)
    kind = _KINDS.get(status, Unreachable if status >= 500 else ApiError)
    if status == 500 and message.startswith(_UNFIT):
        kind = Invalid
    problem = f" answers {status} to {what}" if kind is Unreachable else f": can not {what}"
    return kind(f"{server}{problem}: {message}", **details)


def not_kubernetes(server: str, what: str, answer: str = "no Kubernetes object", **details: Any) -> ApiError:
    """The error for an answer that no API server gives."""
    return ApiError(
        f"{server} answers with {answer} ({what}): check that the URL is that of the API server, not of a console, a "
        "login page or a proxy",
        **details,
    )


def _status_object(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _forbidden(message: str, what: str, server: str, details: dict[str, Any]) -> ApiError:
    found = _FORBIDDEN_VERB.search(message)
    if not found:
        # An admission webhook: its own words are the best explanation there is.
        return Forbidden(f"{server} refuses to {what}: {message}", **details)
    denied = {key: value for key, value in found.groupdict().items() if value}
    if denied["user"] == "system:anonymous":
        return Unauthorized(
            f"{server} takes us for {denied['user']} (403 on {what}): the user in the kubeconfig has no "
            "credentials, or they did not reach the server; check the context, and proxies on the way",
            **details,
        )
    resource = denied["resource"] + (f".{denied['group']}" if denied.get("group") else "")
    place = f" in namespace {denied['namespace']}" if denied.get("namespace") else ""
    return Forbidden(
        f"{server}: user {denied['user']} may not {denied['verb']} {resource}{place} (needed to {what}): "
        "grant it by a Role or ClusterRole (docs/rbac has manifests), or use other credentials",
        denied=denied,
        **details,
    )


def _conflict(answer: dict[str, Any], message: str, what: str, server: str, details: dict[str, Any]) -> Conflict:
    conflicts = [
        {"manager": found["manager"], "field": str(cause.get("field", ""))}
        for cause in (answer.get("details") or {}).get("causes") or []
        if cause.get("reason") == "FieldManagerConflict"
        for found in [_CONFLICT_WITH.search(str(cause.get("message", "")))]
        if found
    ]
    if not conflicts:
        return Conflict(f"{server}: can not {what}: {message}", **details)
    owners = "; ".join(f"{entry['field']} is owned by {entry['manager']}" for entry in conflicts)
    return FieldConflict(
        f"{server} refuses to {what}: {owners}. Remove the field here, or take it over with force_conflicts: true",
        conflicts=conflicts,
        **details,
    )
