# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule for ACM's Policies: compliance of a root Policy, or of what the hub has made of it for one cluster.

Formats: open-cluster-management.io/governance-policy-propagator api/v1/policy_types.go; names and annotations of
replicated Policies: controllers/common and controllers/propagator of the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .acceptors import Object
from .goal import Found, Outcome, Query, Verdict

if TYPE_CHECKING:
    from .wait import Wait

_PREFIX = "policy.open-cluster-management.io"
ROOT_LABEL = f"{_PREFIX}/root-policy"
HUB_ERROR_ANNOTATION = f"{_PREFIX}/hub-templates-error"
TEMPLATE_ERROR = "template-error"
HUB_ERROR = "failed to resolve the template"
"""Begins the hub's own errors, which clusters report back. That report outlasts the error."""
COMPLIANT = "Compliant"


class Complies:
    """All clusters that a root Policy is for comply with it, or the one cluster of a replicated Policy does.

    Which clusters a root Policy is for says `clusters`, else the Policy's own status, which has an entry for each
    cluster that the hub has replicated it to. `status.compliant` of the root alone is not looked at: it is set while
    entries are missing. A template that can not be resolved ends the wait: no time cures it.
    """

    def reads(self, obj: Object, wait: Wait) -> list[Query]:
        """Of a root Policy, what was made of it for each cluster that does not comply: the reasons stand there."""
        if _is_replicated(obj):
            return []
        metadata = obj["metadata"]
        name = f"{metadata['namespace']}.{metadata['name']}"
        compliance = _of_clusters(obj)
        return [
            Query(obj["apiVersion"], "Policy", cluster, name)
            for cluster in _expected(compliance, wait)
            if compliance.get(cluster) != COMPLIANT
        ]

    def judge(self, obj: Object, wait: Wait, found: Found) -> Verdict:
        """See the class."""
        if _is_replicated(obj):
            return _of_replicated(obj)
        return self._of_root(obj, wait, found)

    def _of_root(self, obj: Object, wait: Wait, found: Found) -> Verdict:
        compliance = _of_clusters(obj)
        expected = _expected(compliance, wait)
        if not expected:
            return Verdict(Outcome.PENDING, "is bound to no cluster")
        replicated = {query.namespace: next(iter(found[query]), None) for query in self.reads(obj, wait)}
        parts, failed = [], False
        for cluster in expected:
            if compliance.get(cluster) == COMPLIANT:
                continue
            copy = replicated.get(cluster)
            verdict = _of_replicated(copy) if copy else Verdict(Outcome.PENDING, "the hub has not sent it there")
            failed = failed or verdict.outcome is Outcome.FAILED
            parts.append(f"{cluster}: {verdict.state}")
        if parts:
            return Verdict(Outcome.FAILED if failed else Outcome.PENDING, "; ".join(parts))
        return Verdict(Outcome.SATISFIED, f"{COMPLIANT} on {', '.join(expected)}")


def _is_replicated(obj: Object) -> bool:
    return ROOT_LABEL in (obj["metadata"].get("labels") or {})


def _of_clusters(obj: Object) -> dict[str, str]:
    """What a root Policy's status says of each cluster."""
    entries = (obj.get("status") or {}).get("status") or []
    return {str(entry.get("clustername")): str(entry.get("compliant") or "") for entry in entries}


def _expected(compliance: Mapping[str, str], wait: Wait) -> list[str]:
    return sorted(wait.clusters or compliance)


def _of_replicated(obj: Object) -> Verdict:
    """The verdict on one cluster's Policy."""
    # On the hub before the cluster has heard of it, and gone as soon as the hub has resolved its templates.
    for problem in _hub_errors(obj):
        return Verdict(Outcome.FAILED, f"{TEMPLATE_ERROR}: {without_template(problem)}")
    status: Mapping[str, Any] = obj.get("status") or {}
    if status.get("compliant") == COMPLIANT:
        return Verdict(Outcome.SATISFIED, COMPLIANT)
    messages = [message for message in _last_messages(status) if not message.startswith(COMPLIANT)]
    for message in messages:
        problem = message.partition(TEMPLATE_ERROR)[2].lstrip(";: ")
        if problem.startswith(HUB_ERROR):
            return Verdict(Outcome.PENDING, "the cluster has not reported since the hub could not resolve a template")
        if problem:
            return Verdict(Outcome.FAILED, f"{TEMPLATE_ERROR}: {problem}")
    said = "; ".join([str(status.get("compliant") or "the cluster has not reported yet"), *messages])
    return Verdict(Outcome.PENDING, said)


def _hub_errors(obj: Object) -> Iterator[str]:
    for template in (obj.get("spec") or {}).get("policy-templates") or []:
        metadata = (template.get("objectDefinition") or {}).get("metadata") or {}
        problem = (metadata.get("annotations") or {}).get(HUB_ERROR_ANNOTATION)
        if problem:
            yield str(problem)


def _last_messages(status: Mapping[str, Any]) -> Iterator[str]:
    """The newest message of each template of the Policy."""
    for detail in status.get("details") or []:
        for event in (detail.get("history") or [])[:1]:
            yield str(event.get("message") or "")


def without_template(problem: str) -> str:
    """A template error without the template, which comes whole in front of what is wrong with it.

    Such as `failed to resolve the template {…}: template: tmpl:3:4: executing "tmpl" at <…>: …`
    (stolostron/go-template-utils pkg/templates/templates.go).
    """
    start = problem.find("{")
    if start < 0:
        return problem
    try:
        _template, end = json.JSONDecoder().raw_decode(problem, start)
    except ValueError:
        return problem
    return f"{problem[:start]}{problem[end:].lstrip()}".replace(" :", ":")
