# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of goals that look at more than one object, or into the data of a Secret."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._ocm.placement import PLACEMENT_LABEL, decided_clusters
from .acceptors import Object, conditions, describe_condition
from .goal import Found, Outcome, Query, Verdict

if TYPE_CHECKING:
    from .wait import Wait

ARGOCD_CLUSTER_SECRETS = "argocd.argoproj.io/secret-type=cluster"
ACM_CLUSTER_NAME_LABEL = "apps.open-cluster-management.io/cluster-name"

# Reasons that no retry of OLM cures (operator-framework/operator-lifecycle-manager
# pkg/controller/operators/olm/operator.go): it wants another OperatorGroup, or has given up.
CSV_DEAD_ENDS = re.compile(r"UnsupportedOperatorGroup|TooManyOperatorGroups|InvalidInstallModes|.*NoRetry")


def decisions_of(namespace: str | None, placement: str) -> Query:
    """The PlacementDecisions of a Placement: found by label, as their names are not promised."""
    return Query(
        "cluster.open-cluster-management.io/v1beta1",
        "PlacementDecision",
        namespace,
        label_selector=f"{PLACEMENT_LABEL}={placement}",
    )


@dataclass(frozen=True)
class Decides:
    """What the decisions of a Placement hold.

    The wanted clusters (`selected`), none of them (`deselected`), or them and no others (`exactly`). Without wanted
    clusters: any cluster, or no cluster at all.
    """

    mode: str

    def reads(self, obj: Object, wait: Wait) -> list[Query]:
        """The Placement's decisions."""
        del wait
        return [decisions_of(obj["metadata"]["namespace"], obj["metadata"]["name"])]

    def judge(self, obj: Object, wait: Wait, found: Found) -> Verdict:
        """Compare the decisions with the wanted clusters."""
        selected = decided_clusters(found[self.reads(obj, wait)[0]])
        wanted = set(wait.clusters or ())
        missing = sorted(wanted - set(selected)) if self.mode != "deselected" else []
        unwanted = []
        if self.mode == "exactly":
            unwanted = sorted(set(selected) - wanted)
        elif self.mode == "deselected":
            unwanted = [name for name in selected if name in wanted or not wanted]
        parts = [f"selects {', '.join(selected)}" if selected else "selects no cluster"]
        parts += [f"not yet {', '.join(missing)}"] if missing else []
        parts += [f"still {', '.join(unwanted)}"] if unwanted else []
        reached = not missing and not unwanted and bool(selected or wanted or self.mode != "selected")
        return Verdict(Outcome.SATISFIED if reached else Outcome.PENDING, "; ".join(parts))


class ClustersImported:
    """Argo CD knows every cluster that the Placement of a GitOpsCluster selects.

    `status.phase` alone is set before the Secrets of new clusters are there, and the conditions are there in new
    releases only (stolostron/multicloud-integrations pkg/apis/apps/v1beta1/gitopscluster_types.go).
    """

    def reads(self, obj: Object, wait: Wait) -> list[Query]:
        """The Placement's decisions, and Argo CD's cluster Secrets."""
        del wait
        namespace = obj["metadata"]["namespace"]
        spec = obj.get("spec") or {}
        placement = str((spec.get("placementRef") or {}).get("name", ""))
        argocd = (spec.get("argoServer") or {}).get("argoNamespace") or namespace
        secrets = Query("v1", "Secret", argocd, label_selector=ARGOCD_CLUSTER_SECRETS)
        return [decisions_of(namespace, placement), secrets]

    def judge(self, obj: Object, wait: Wait, found: Found) -> Verdict:
        """Compare the decisions with the Secrets."""
        decisions, secrets = self.reads(obj, wait)
        selected = decided_clusters(found[decisions])
        missing = sorted(set(selected) - {cluster_of_secret(secret) for secret in found[secrets]})
        parts = []
        if not selected:
            placement = decisions.label_selector.partition("=")[2]
            parts.append(f"Placement {placement} selects no cluster")
        if missing:
            parts.append(f"no Argo CD cluster Secret in namespace {secrets.namespace} yet for {', '.join(missing)}")
        parts += [
            f"Secret {secret['metadata']['name']} for {argocd_name(secret)} was not made by the hub: remove it"
            for secret in found[secrets]
            if not cluster_of_secret(secret) and argocd_name(secret) in missing
        ]
        parts += [
            describe_condition(entry)
            for entry in conditions(obj)
            if entry["type"] == "Ready" and entry.get("status") != "True"
        ]
        message = (obj.get("status") or {}).get("message")
        if parts:
            return Verdict(Outcome.PENDING, "; ".join([*parts, *([str(message)] if message else [])]))
        return Verdict(Outcome.SATISFIED, f"imported: {', '.join(selected)}")


class OperatorInstalled:
    """The ClusterServiceVersion that an OLM Subscription has installed has come up."""

    def reads(self, obj: Object, wait: Wait) -> list[Query]:
        """The ClusterServiceVersion."""
        del wait
        name = (obj.get("status") or {}).get("installedCSV")
        metadata = obj["metadata"]
        return [Query(obj["apiVersion"], "ClusterServiceVersion", metadata["namespace"], name)] if name else []

    def judge(self, obj: Object, wait: Wait, found: Found) -> Verdict:
        """Judge the ClusterServiceVersion."""
        queries = self.reads(obj, wait)
        if not queries:
            return Verdict(Outcome.PENDING, "no ClusterServiceVersion yet")
        csv = next(iter(found[queries[0]]), None)
        if csv is None:
            return Verdict(Outcome.PENDING, f"{queries[0].ref} is not there")
        status: Mapping[str, Any] = csv.get("status") or {}
        line = f"{queries[0].ref} is {status.get('phase') or 'without phase'}"
        if status.get("phase") == "Succeeded":
            return Verdict(Outcome.SATISFIED, line)
        reason = str(status.get("reason") or "")
        dead_end = status.get("phase") == "Failed" and CSV_DEAD_ENDS.fullmatch(reason)
        detail = ": ".join(part for part in (reason, str(status.get("message") or "")) if part)
        return Verdict(Outcome.FAILED if dead_end else Outcome.PENDING, f"{line} ({detail})" if detail else line)


class HasKeys:
    """A Secret or ConfigMap has something under each wanted key (or under any, where none is wanted)."""

    def reads(self, obj: Object, wait: Wait) -> list[Query]:
        """Nothing more."""
        del obj, wait
        return []

    def judge(self, obj: Object, wait: Wait, found: Found) -> Verdict:
        """Look at the keys; values are looked at for being there only."""
        del found
        filled = {key for part in ("data", "binaryData") for key, value in (obj.get(part) or {}).items() if value}
        missing = [key for key in wait.keys or () if key not in filled]
        have = f"has keys {', '.join(sorted(filled))}" if filled else "has no data"
        if missing or not filled:
            return Verdict(Outcome.PENDING, f"{have}; missing {', '.join(missing)}" if missing else have)
        return Verdict(Outcome.SATISFIED, have)


def cluster_of_secret(secret: Object) -> str:
    """The ManagedCluster that an Argo CD cluster Secret is for; empty where it was not made for one."""
    return str(((secret.get("metadata") or {}).get("labels") or {}).get(ACM_CLUSTER_NAME_LABEL, ""))


def argocd_name(secret: Object) -> str:
    """The name under which Argo CD knows the cluster of a Secret; empty where it can not be read."""
    encoded = (secret.get("data") or {}).get("name") or ""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
