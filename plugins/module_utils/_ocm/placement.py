# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a Placement selects a ManagedCluster, or does not: what users ask when a Placement yields nothing.

Pure: plain objects in, words out. It follows the placement controller step by step (open-cluster-management.io/ocm):
the sets that are bound and asked for (pkg/placement/controllers/scheduling/scheduling_controller.go), their members
(sdk-go pkg/apis/cluster/v1beta2), predicates and taints (pkg/placement/plugins/predicate, tainttoleration) and
`numberOfClusters` (scheduling/schedule.go). Scores are not computed, CEL expressions are named and not evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NamedTuple

from .labels import CLUSTERSET_LABEL
from .selector import InvalidSelector, check_toleration, matches, mismatches, requirements, untolerated

Object = Mapping[str, Any]

PLACEMENT_LABEL = "cluster.open-cluster-management.io/placement"
PAUSE_ANNOTATION = "cluster.open-cluster-management.io/experimental-scheduling-disable"

# Every cluster is in this set: it says nothing about a cluster unless somebody binds it.
GLOBAL_SET = "global"


class ClusterVerdict(NamedTuple):
    """How a Placement sees one cluster. `reasons`: what speaks against it; empty where nothing does."""

    name: str
    selected: bool
    reasons: tuple[str, ...]


class PlacementVerdict(NamedTuple):
    """How a Placement sees the hub. `problems`: what concerns the Placement as a whole."""

    problems: tuple[str, ...]
    clusters: tuple[ClusterVerdict, ...]


def decided_clusters(decisions: Iterable[Object]) -> list[str]:
    """Names of the selected clusters, sorted, from the PlacementDecisions of one Placement.

    A decision without status (just made) counts as empty.
    """
    entries = (entry for obj in decisions for entry in (obj.get("status") or {}).get("decisions") or [])
    return sorted({str(entry["clusterName"]) for entry in entries})


def explain_placement(
    placement: Object,
    decisions: Sequence[Object],
    bindings: Sequence[Object],
    sets: Sequence[Object],
    clusters: Sequence[Object],
    now: datetime,
) -> PlacementVerdict:
    """Say for each cluster what speaks against its selection.

    :param decisions: the PlacementDecisions with label `PLACEMENT_LABEL` of this Placement, in its namespace.
    :param bindings: the ManagedClusterSetBindings of its namespace.
    :param sets: all ManagedClusterSets.
    :param clusters: the ManagedClusters to explain.
    :param now: time zone aware; decides whether `tolerationSeconds` are over.
    """
    view = _View.of(placement, decisions, bindings, sets)
    verdicts = tuple(view.judge(cluster, now) for cluster in sorted(clusters, key=_name))
    return PlacementVerdict(tuple(view.problems()), verdicts)


def unknown_clusters(names: Iterable[str], clusters: Sequence[Object]) -> list[str]:
    """One line for each of `names` that no ManagedCluster bears, with the nearest name that one does."""
    known = [_name(cluster) for cluster in clusters]
    lines = []
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            lines.append(f"there is no ManagedCluster {name}" + (f" (is {near[0]} meant?)" if near else ""))
    return lines


def set_has_member(cluster_set: Object, cluster: Object) -> bool:
    """Whether a ManagedClusterSet holds a ManagedCluster; a set whose selector is not valid holds none."""
    selector = (cluster_set.get("spec") or {}).get("clusterSelector") or {}
    labels = _labels(cluster)
    if selector.get("selectorType") != "LabelSelector":
        return labels.get(CLUSTERSET_LABEL) == _name(cluster_set)
    try:
        return matches(selector.get("labelSelector"), labels)
    except InvalidSelector:
        return False


def _name(obj: Object) -> str:
    return str((obj.get("metadata") or {}).get("name", ""))


def _labels(obj: Object) -> dict[str, str]:
    return (obj.get("metadata") or {}).get("labels") or {}


def _claims(cluster: Object) -> dict[str, str]:
    claims = (cluster.get("status") or {}).get("clusterClaims") or []
    return {str(claim.get("name")): str(claim.get("value")) for claim in claims}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


@dataclass(frozen=True)
class _View:
    """A Placement together with what its namespace lets it see."""

    placement: Object
    selected: frozenset[str]
    bindings: frozenset[str]
    sets: tuple[Object, ...]

    @classmethod
    def of(
        cls, placement: Object, decisions: Sequence[Object], bindings: Sequence[Object], sets: Sequence[Object]
    ) -> _View:
        # The controller takes the set's name from the binding's own; a webhook keeps the two the same.
        bound = frozenset(_name(binding) for binding in bindings)
        return cls(placement, frozenset(decided_clusters(decisions)), bound, tuple(sets))

    @property
    def spec(self) -> dict[str, Any]:
        return self.placement.get("spec") or {}

    @property
    def metadata(self) -> dict[str, Any]:
        return self.placement.get("metadata") or {}

    @property
    def namespace(self) -> str:
        return str(self.metadata.get("namespace", ""))

    @property
    def asked(self) -> frozenset[str]:
        return frozenset(self.spec.get("clusterSets") or ())

    @property
    def bound(self) -> frozenset[str]:
        """Sets that exist and are bound in the namespace."""
        return self.bindings & {_name(entry) for entry in self.sets}

    @property
    def eligible(self) -> frozenset[str]:
        return self.bound & self.asked if self.asked else self.bound

    @property
    def predicates(self) -> list[dict[str, Any]]:
        return [entry.get("requiredClusterSelector") or {} for entry in self.spec.get("predicates") or []]

    # -- the Placement as a whole ------------------------------------------------------------------------------------

    def problems(self) -> list[str]:
        """What keeps the Placement as a whole from selecting, or from being decided anew."""
        lines = []
        if self.metadata.get("deletionTimestamp"):
            lines.append("the Placement is being deleted: its decisions do not change any more")
        if (self.metadata.get("annotations") or {}).get(PAUSE_ANNOTATION) == "true":
            lines.append(f"scheduling is paused by annotation {PAUSE_ANNOTATION}: its decisions do not change")
        return lines + self._set_problems() + self._faults() + self._cel_notes()

    def _set_problems(self) -> list[str]:
        existing = {_name(entry) for entry in self.sets}
        if not self.bindings:
            return [f"namespace {self.namespace} has no ManagedClusterSetBinding: a Placement sees bound sets only"]
        lines = [
            f"ManagedClusterSetBinding {name} in namespace {self.namespace}: there is no ManagedClusterSet {name}"
            for name in sorted(self.bindings - existing)
        ]
        for name in sorted(self.asked - self.bindings):
            if name not in existing:
                lines.append(f"spec.clusterSets names {name}, and there is no such ManagedClusterSet")
            else:
                lines.append(
                    f"spec.clusterSets names {name}, which is not bound in namespace {self.namespace} "
                    f"(bound there: {_listed(self.bound)}): a ManagedClusterSetBinding {name} is missing"
                )
        return lines

    def _faults(self) -> list[str]:
        """Selectors and tolerations that the controller refuses; it then selects nothing."""
        faults = [
            _fault(requirements, predicate.get(part) or {}, f"spec.predicates[{number}].requiredClusterSelector.{part}")
            for number, predicate in enumerate(self.predicates)
            for part in ("labelSelector", "claimSelector")
        ]
        faults += [
            _fault(check_toleration, toleration, f"spec.tolerations[{number}]")
            for number, toleration in enumerate(self.spec.get("tolerations") or [])
        ]
        return [fault for fault in faults if fault]

    def _cel_notes(self) -> list[str]:
        return [
            f"spec.predicates[{number}] has CEL expressions, which only the hub evaluates: {'; '.join(expressions)}"
            for number, predicate in enumerate(self.predicates)
            for expressions in [_cel_expressions(predicate)]
            if expressions
        ]

    # -- one cluster -------------------------------------------------------------------------------------------------

    def judge(self, cluster: Object, now: datetime) -> ClusterVerdict:
        name = _name(cluster)
        selected = name in self.selected
        taints = (cluster.get("spec") or {}).get("taints") or []
        reasons = [
            *self._set_reasons(cluster),
            *self._predicate_reasons(cluster),
            *untolerated(taints, self.spec.get("tolerations") or [], selected, now),
        ]
        if (cluster.get("metadata") or {}).get("deletionTimestamp"):
            reasons.append("the cluster is being detached (its ManagedCluster is being deleted)")
        if not reasons and not selected and not self._faults():
            reasons.append(self._left_out())
        return ClusterVerdict(name, selected, tuple(reasons))

    def _left_out(self) -> str:
        """Why a cluster against which nothing speaks is not selected."""
        number = self.spec.get("numberOfClusters")
        if number is not None and len(self.selected) >= int(number):
            return f"it fits, but numberOfClusters is {number}, and others rank higher ({_listed(self.selected)})"
        if any(_cel_expressions(predicate) for predicate in self.predicates):
            return "its labels, claims and taints fit: a CEL expression must speak against it"
        return "it fits, but the placement controller has not selected it (yet): see that it runs on the hub"

    def _set_reasons(self, cluster: Object) -> list[str]:
        member = {_name(entry) for entry in self.sets if set_has_member(entry, cluster)}
        if member & self.eligible:
            return []
        if member & self.bound:
            held = f"its set {_listed(member & self.bound)} is bound in namespace {self.namespace}"
            return [f"{held}, but spec.clusterSets names {_listed(self.asked)} only"]
        own = member - {GLOBAL_SET} or member
        where = f"it is in set {_listed(own)}" if own else "it is in no set"
        if own & self.asked:
            return [f"{where}, which is not bound in namespace {self.namespace}"]
        if not self.eligible:
            return [f"{where}, and the Placement sees no set"]
        return [f"{where}, and the Placement sees set {_listed(self.eligible)} only (label {CLUSTERSET_LABEL})"]

    def _predicate_reasons(self, cluster: Object) -> list[str]:
        """Predicates are ORed: the reasons of all of them, or none where one fits."""
        if self._faults() or not self.predicates:
            return []
        against = [_against(predicate, cluster) for predicate in self.predicates]
        if not all(against):
            return []
        if len(against) == 1:
            return against[0]
        return [f"predicate {number}: {', '.join(lines)}" for number, lines in enumerate(against)]


def _fault(check: Callable[[Mapping[str, Any]], object], part: Mapping[str, Any], field: str) -> str:
    """Why the controller refuses a part of the Placement; empty where it does not."""
    try:
        check(part)
    except InvalidSelector as error:
        return f"{field} is not valid: {error}"
    return ""


def _cel_expressions(predicate: Mapping[str, Any]) -> list[str]:
    return list((predicate.get("celSelector") or {}).get("celExpressions") or ())


def _against(predicate: Mapping[str, Any], cluster: Object) -> list[str]:
    """Which labels and claims of a cluster do not meet one predicate; all of its parts are ANDed."""
    labels = mismatches(predicate.get("labelSelector") or {}, _labels(cluster))
    claims = mismatches(predicate.get("claimSelector") or {}, _claims(cluster))
    return [entry.describe("label") for entry in labels] + [entry.describe("claim") for entry in claims]
