# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Label selectors and tolerations as the hub's controllers evaluate them, with reasons instead of bare truth.

Upstream: labels: k8s.io/apimachinery pkg/labels/selector.go (`Requirement.Matches`, `NewRequirement`) and
pkg/apis/meta/v1/helpers.go (`LabelSelectorAsSelector`); tolerations: open-cluster-management.io/ocm
pkg/placement/plugins/tainttoleration/taint_toleration.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

UNAVAILABLE_TAINT = "cluster.open-cluster-management.io/unavailable"
UNREACHABLE_TAINT = "cluster.open-cluster-management.io/unreachable"

# What the two taints mean that the hub itself sets (ocm pkg/registration/hub/taint/controller.go).
HUB_TAINTS = {
    UNAVAILABLE_TAINT: "the hub sets it because the cluster reports that it is not available",
    UNREACHABLE_TAINT: "the hub sets it because the cluster's agent has stopped renewing its lease",
}


class InvalidSelector(ValueError):
    """A selector or toleration that the controllers refuse too (they report the Placement as misconfigured)."""


@dataclass(frozen=True)
class Requirement:
    """One term of a selector: `operator` is In, NotIn, Exists or DoesNotExist."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.operator in ("In", "NotIn"):
            if not self.values:
                raise InvalidSelector(f"{self.key}: operator {self.operator} needs values")
        elif self.operator in ("Exists", "DoesNotExist"):
            if self.values:
                raise InvalidSelector(f"{self.key}: operator {self.operator} takes no values")
        else:
            raise InvalidSelector(f"{self.key}: {self.operator!r} is no operator (In, NotIn, Exists, DoesNotExist)")

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether `labels` meet the requirement; NotIn holds where the key is missing, too."""
        if self.operator == "In":
            return self.key in labels and labels[self.key] in self.values
        if self.operator == "NotIn":
            return self.key not in labels or labels[self.key] not in self.values
        return (self.key in labels) == (self.operator == "Exists")

    @property
    def wanted(self) -> str:
        """What the requirement asks of its key, in words."""
        quoted = [f'"{value}"' for value in self.values]
        if self.operator == "In":
            return quoted[0] if len(quoted) == 1 else f"one of {', '.join(quoted)}"
        if self.operator == "NotIn":
            return f"not {quoted[0]}" if len(quoted) == 1 else f"none of {', '.join(quoted)}"
        return "any value" if self.operator == "Exists" else "no such key"


class Mismatch(NamedTuple):
    """A requirement that does not hold, and the value that was found (None: the key is missing)."""

    requirement: Requirement
    found: str | None

    def describe(self, noun: str) -> str:
        """The mismatch in words; `noun` is what the keys are: `label` or `claim`."""
        key, wanted = self.requirement.key, self.requirement.wanted
        if self.found is None:
            return f"{noun} {key} is missing, wanted {wanted}"
        return f'{noun} {key} is "{self.found}", wanted {wanted}'


def requirements(selector: Mapping[str, Any]) -> list[Requirement]:
    """The terms of a LabelSelector in JSON form (`matchLabels`, `matchExpressions`); all must hold.

    :raises InvalidSelector: the API's own conversion refuses it.
    """
    terms = [Requirement(key, "In", (value,)) for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for expression in selector.get("matchExpressions") or []:
        values = tuple(expression.get("values") or ())
        terms.append(Requirement(str(expression.get("key", "")), str(expression.get("operator", "")), values))
    return terms


def mismatches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> list[Mismatch]:
    """Why `labels` do not match; empty: they do. The empty selector matches everything.

    :raises InvalidSelector: see `requirements`.
    """
    return [Mismatch(term, labels.get(term.key)) for term in requirements(selector) if not term.holds(labels)]


def matches(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Whether `labels` match a LabelSelector. None (a selector that is not given) matches nothing.

    :raises InvalidSelector: see `requirements`.
    """
    return selector is not None and not mismatches(selector, labels)


def check_toleration(toleration: Mapping[str, Any]) -> None:
    """Refuse what the placement controller refuses.

    :raises InvalidSelector: an empty key without Exists, or a value with Exists.
    """
    operator = toleration.get("operator") or "Equal"
    if not toleration.get("key") and operator != "Exists":
        raise InvalidSelector("a toleration without key needs operator Exists")
    if operator == "Exists" and toleration.get("value"):
        raise InvalidSelector(f"toleration {toleration.get('key') or '(all)'}: operator Exists takes no value")


def untolerated(
    taints: Sequence[Mapping[str, Any]],
    tolerations: Sequence[Mapping[str, Any]],
    selected: bool,
    now: datetime,
) -> list[str]:
    """One line for each taint of a ManagedCluster that keeps a Placement away from it.

    :param taints: `spec.taints` of the ManagedCluster.
    :param tolerations: `spec.tolerations` of the Placement.
    :param selected: whether the Placement has selected the cluster already (matters for NoSelectIfNew).
    :param now: time zone aware; decides whether `tolerationSeconds` are over.
    """
    return [
        _describe_taint(taint, tolerations, now)
        for taint in taints
        if not _harmless(taint, selected) and not any(_tolerates(entry, taint, now) for entry in tolerations)
    ]


def _harmless(taint: Mapping[str, Any], selected: bool) -> bool:
    effect = taint.get("effect")
    return effect == "PreferNoSelect" or (effect == "NoSelectIfNew" and selected)


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, Any], now: datetime) -> bool:
    return _covers(toleration, taint) and not _expired(toleration, taint, now)


def _covers(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    """Whether the toleration is about the taint; an empty key or effect is about all."""
    for field in ("effect", "key"):
        if toleration.get(field) and toleration[field] != taint.get(field):
            return False
    operator = toleration.get("operator") or "Equal"
    if operator == "Exists":
        return True
    return operator == "Equal" and (toleration.get("value") or "") == (taint.get("value") or "")


def _expired(toleration: Mapping[str, Any], taint: Mapping[str, Any], now: datetime) -> bool:
    seconds = toleration.get("tolerationSeconds")
    if seconds is None:
        return False
    added = _timestamp(taint.get("timeAdded"))
    # A taint without a time counts as added at the beginning of time, as Go's zero time is.
    return added is None or now >= added + timedelta(seconds=int(seconds))


def _timestamp(text: str | None) -> datetime | None:
    """An RFC 3339 time of the API (always UTC, `Z`)."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _describe_taint(taint: Mapping[str, Any], tolerations: Sequence[Mapping[str, Any]], now: datetime) -> str:
    name = f"{taint.get('key')}={taint['value']}" if taint.get("value") else str(taint.get("key"))
    line = f"taint {name}:{taint.get('effect')} is not tolerated"
    if any(_covers(entry, taint) and _expired(entry, taint, now) for entry in tolerations):
        line = f"taint {name}:{taint.get('effect')} is tolerated no longer: tolerationSeconds are over"
    meaning = HUB_TAINTS.get(str(taint.get("key")))
    return f"{line} ({meaning})" if meaning else line
