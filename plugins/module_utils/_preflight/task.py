# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module cluster_info: everything that is wrong with a cluster, found in one look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._client.client import Client, Object
from .._client.errors import ApiError, Forbidden, InputError, InterconnectError, missing_kind
from .._task.task import Task

NO_VERSION = (0, 0)
ACCESS_REVIEW = "authorization.k8s.io/v1"


def run(task: Task) -> dict[str, Any]:
    """Look at the cluster; its problems are returned, not raised.

    :raises InputError: what is asked for makes no sense.
    """
    params = task.params
    if params["min_version"] and version_key(params["min_version"]) == NO_VERSION:
        raise InputError("min_version", f"{params['min_version']!r} is no version, such as 1.25")
    result: dict[str, Any] = {
        "changed": False, "reachable": False, "server": None, "version": None, "id": None, "kinds": [], "problems": [],
    }  # fmt: skip
    problems: list[dict[str, str]] = result["problems"]
    try:
        client = task.client
        result["server"] = client.server
        result["version"] = client.read_version()
        result["id"] = _identity(client, problems)
    except InterconnectError as error:
        problems.append(_problem("connection", str(error.details.get("field") or "API server"), error.message))
        return result
    result["reachable"] = True
    problems += version_problems(result["version"], params["min_version"])
    try:
        result["kinds"] = [
            {**entry, "served": client.has_kind(entry["api_version"], entry["kind"])} for entry in params["kinds"]
        ]
        problems += [_missing(client, entry) for entry in result["kinds"] if entry["required"] and not entry["served"]]
        problems += _denied(client, params["permissions"])
    except ApiError as error:
        problems.append(_problem("connection", client.server, error.message))
    return result


def _identity(client: Client, problems: list[dict[str, str]]) -> str | None:
    """The cluster's id; a wrong cluster ends the look, a missing permission is one problem of several."""
    client.check_identity()
    try:
        return client.read_id()
    except Forbidden as error:
        problems.append(_problem("permission", "get namespaces kube-system", error.message))
        return None


def _problem(check: str, subject: str, message: str) -> dict[str, str]:
    return {"check": check, "subject": subject, "message": message}


def version_problems(found: str, minimum: str | None) -> list[dict[str, str]]:
    """A problem where `found` (such as `v1.34.4+abc`) is older than `minimum` (such as `1.25`)."""
    if not minimum or version_key(found) >= version_key(minimum):
        return []
    return [
        _problem(
            "version", found, f"Kubernetes {found} is older than {minimum}, the oldest supported: upgrade the cluster"
        )
    ]


def version_key(version: str) -> tuple[int, int]:
    """Major and minor number of a Kubernetes version (`v1.34.4`, `1.25`, `v1.30.14-eks-1`)."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else NO_VERSION


def _missing(client: Client, entry: Mapping[str, Any]) -> dict[str, str]:
    error = missing_kind(client.server, entry["api_version"], entry["kind"])
    return _problem("kind", f"{entry['kind']} {entry['api_version']}", error.message)


def _denied(client: Client, permissions: list[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Ask for all permissions at the same time; one problem for each that is denied."""
    wanted: list[dict[str, Any]] = [{**entry, "verb": verb} for entry in permissions for verb in entry["verbs"]]
    answers = client.each(lambda entry: client.create(access_review(entry)), wanted)
    return [
        _problem("permission", _in_words(entry), denial(client.server, entry, answer))
        for entry, answer in zip(wanted, answers)
        if not (answer.get("status") or {}).get("allowed")
    ]


def access_review(entry: Mapping[str, Any]) -> Object:
    """The question whether the user may do one thing (SelfSubjectAccessReview; nothing is stored)."""
    attributes = {
        "verb": entry["verb"],
        "group": entry.get("group") or "",
        "resource": entry["resource"],
        "subresource": entry.get("subresource") or "",
        "namespace": entry.get("namespace") or "",
        "name": entry.get("name") or "",
    }
    return {
        "apiVersion": ACCESS_REVIEW,
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }


def _in_words(entry: Mapping[str, Any]) -> str:
    resource = entry["resource"] + (f"/{entry['subresource']}" if entry.get("subresource") else "")
    group = f".{entry['group']}" if entry.get("group") else ""
    name = f" {entry['name']}" if entry.get("name") else ""
    place = f" in namespace {entry['namespace']}" if entry.get("namespace") else ""
    return f"{entry['verb']} {resource}{group}{name}{place}"


def denial(server: str, entry: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """The message for a permission that is not there, with the authorizer's own reason if it gives one."""
    reason = (answer.get("status") or {}).get("reason")
    because = f" ({reason})" if reason else ""
    return f"{server}: the user may not {_in_words(entry)}{because}: grant it (docs/rbac has manifests)"
