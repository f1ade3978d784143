# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Labels of ManagedClusters: what may be asked for, and what has to be written. Pure functions.

Upstream: ManagedCluster `cluster.open-cluster-management.io/v1` (open-cluster-management-io/api
cluster/v1/types.go); the clusterset label is defaulted and guarded by OCM's webhooks
(open-cluster-management-io/ocm pkg/registration/webhook/v1/managedcluster_mutating.go and _validating.go).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .._apply.merge import patch_between
from .._client.errors import InputError

CLUSTERSET_LABEL = "cluster.open-cluster-management.io/clusterset"
DEFAULT_CLUSTERSET = "default"

# Written by the hub's own controllers; changing them breaks what reads them.
PROTECTED = (
    "name",
    "clusterID",
    "cloud",
    "vendor",
    "local-cluster",
    "openshiftVersion*",
    "feature.open-cluster-management.io/*",
)

# k8s.io/apimachinery pkg/util/validation/validation.go: IsQualifiedName, IsValidLabelValue, IsDNS1123Subdomain
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_NAME_LIMIT = 63
_PREFIX_LIMIT = 253

Labels = dict[str, str]


def checked_labels(labels: Mapping[Any, Any], state: str) -> dict[str, str | None]:
    """The labels as Kubernetes takes them.

    :param state: only for `absent` a value may be null, which stands for any value.
    :raises InputError: a key or value that Kubernetes would refuse, or one that YAML has read as something else.
    """
    result: dict[str, str | None] = {}
    for key, value in labels.items():
        field = f"labels.{key}"
        _check_key(key, field)
        if state == "absent" and value is None:
            result[key] = None
            continue
        if not isinstance(value, str):
            raise InputError(field, f"is {_as_yaml(value)} to YAML, not a string: quote it ({_quoted(value)})")
        if value and (len(value) > _NAME_LIMIT or not _NAME.fullmatch(value)):
            raise InputError(
                field,
                f"{value!r} is no label value: at most {_NAME_LIMIT} characters of A-Z a-z 0-9 . _ -, beginning and "
                "ending with a letter or digit",
            )
        result[key] = value
    return result


def _check_key(key: Any, field: str) -> None:
    prefix, slash, name = str(key).rpartition("/")
    good_prefix = not slash or (len(prefix) <= _PREFIX_LIMIT and _DNS_SUBDOMAIN.fullmatch(prefix))
    if not isinstance(key, str) or not good_prefix or len(name) > _NAME_LIMIT or not _NAME.fullmatch(name):
        raise InputError(
            field,
            f"{key!r} is no label key: [prefix/]name, the name at most {_NAME_LIMIT} characters of A-Z a-z 0-9 . _ -, "
            "the prefix a DNS name",
        )


def _as_yaml(value: Any) -> str:
    kinds = {bool: "a boolean", int: "a number", float: "a number", type(None): "null"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def _quoted(value: Any) -> str:
    if value is None:
        return '""'
    return f'"{str(value).lower() if isinstance(value, bool) else value}"'


def is_protected(key: str, protected: Iterable[str]) -> bool:
    """Whether one of the patterns (`*` matches anything) stands for the key."""
    return any(fnmatchcase(key, pattern) for pattern in protected)


@dataclass(frozen=True)
class LabelPlan:
    """What has to be written to one cluster, and what its labels are before and then."""

    cluster: str
    before: Labels
    after: Labels
    patch: dict[str, Any]
    """JSON merge patch of the ManagedCluster; empty: nothing to write."""

    @property
    def changed(self) -> bool:
        return bool(self.patch)

    @property
    def moves_clusterset(self) -> bool:
        """Whether the hub will want to know if the user may join the old and the new set."""
        return CLUSTERSET_LABEL in ((self.patch.get("metadata") or {}).get("labels") or {})


def plan_labels(
    cluster: str, live: Mapping[str, str], labels: Mapping[str, str | None], state: str, protected: Sequence[str]
) -> LabelPlan:
    """What brings a cluster's labels to the desired state.

    :param live: the labels that the cluster has.
    :param labels: what `checked_labels` returns for `state`.
    :param state: `present` sets `labels`, `absent` removes those that have the given value (null: any), `exact` leaves
        `labels` and protected keys only.
    :raises InputError: a protected key would change.
    """
    before = dict(live)
    written = _written(before, labels, state, protected)
    for key in sorted(set(before) | set(written)):
        if before.get(key) != written.get(key) and is_protected(key, protected):
            raise InputError(
                f"labels.{key}",
                f"is written by the hub itself (cluster {cluster} has {before.get(key)!r}) and protected: leave it "
                "out, or take its pattern from `protected`",
            )
    after = dict(written)
    if CLUSTERSET_LABEL in before and CLUSTERSET_LABEL not in written:
        # The hub's webhook answers the removal by the default set, so removing it from there changes nothing.
        after[CLUSTERSET_LABEL] = DEFAULT_CLUSTERSET
        if before[CLUSTERSET_LABEL] == DEFAULT_CLUSTERSET:
            written = after
    change = patch_between(before, written)
    return LabelPlan(cluster, before, after, {"metadata": {"labels": change}} if change else {})


def _written(before: Labels, labels: Mapping[str, str | None], state: str, protected: Sequence[str]) -> Labels:
    if state == "absent":
        return {key: value for key, value in before.items() if key not in labels or labels[key] not in (None, value)}
    wanted = {key: value for key, value in labels.items() if value is not None}
    if state == "present":
        return {**before, **wanted}
    kept = {key: value for key, value in before.items() if is_protected(key, protected)}
    return {**kept, **wanted}


def refuse_moves(plans: Iterable[LabelPlan]) -> None:
    """Refuse plans that take a cluster out of a set that somebody else put it into.

    :raises InputError: names every such cluster.
    """
    moved = [
        f"{plan.cluster} (in {plan.before[CLUSTERSET_LABEL]})"
        for plan in plans
        if plan.before.get(CLUSTERSET_LABEL, DEFAULT_CLUSTERSET)
        not in (DEFAULT_CLUSTERSET, plan.after.get(CLUSTERSET_LABEL))
    ]
    if moved:
        raise InputError(
            f"labels.{CLUSTERSET_LABEL}",
            f"would take clusters out of another ManagedClusterSet and its Placements: {', '.join(moved)}. Nothing was "
            "written; set move_clusterset: true if that is meant",
            moved=moved,
        )
