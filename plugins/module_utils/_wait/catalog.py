# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built-in goals: what `until` can say for which kind, as a table.

Sources of the conditions and phases stand with each kind. A goal for another kind is a further entry of `KINDS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .acceptors import Absent, Acceptor, Condition, Field, FieldRef
from .goal import Goal
from .path import Path
from .policies import Complies
from .rules import CSV_DEAD_ENDS, ClustersImported, Decides, HasKeys, OperatorInstalled
from .skupper import KINDS as SKUPPER_KINDS


def _condition(type_: str, *statuses: str, reason: str = "") -> Condition:
    return Condition(type_, statuses, re.compile(reason) if reason else None)


def _true(type_: str) -> Condition:
    return Condition(type_)


def _field(path: str, **test: Any) -> Field:
    name, operand = test.popitem()
    return Field(Path.parse(path), name, operand)


def _ref(path: str, default: float = 0, minus: str = "") -> FieldRef:
    return FieldRef(Path.parse(path), default, FieldRef(Path.parse(minus)) if minus else None)


def _has_no_condition(type_: str) -> Field:
    return _field("status.conditions[*].type", not_equals=type_)


def _lasting(name: str, success: tuple[Acceptor, ...] = (), **more: Any) -> Goal:
    return Goal(name, success, lasting=True, **more)


# Of every kind.
GENERAL = (
    Goal("absent", (Absent(),)),
    Goal("present", (Absent(False),)),
)

# A status that has caught up with the object: these kinds always report it.
_OBSERVED = _field("status.observedGeneration", at_least=_ref("metadata.generation"))

_CLUSTERS = frozenset({"clusters"})
_KEYS = frozenset({"keys"})

_MISCONFIGURED = (_true("PlacementMisconfigured"),)

_ACCEPTED = _true("HubAcceptedManagedCluster")
_JOINED = _true("ManagedClusterJoined")
_AVAILABLE = "ManagedClusterConditionAvailable"

_NOT_ACCEPTED = (
    _condition("HubAcceptedManagedCluster", "False"),
    "the hub has not accepted the cluster: set spec.hubAcceptsClient of the ManagedCluster to true",
)
_NOT_JOINED = (
    _has_no_condition("ManagedClusterJoined"),
    "the cluster's agent has not registered: see that it runs and reaches the hub, and that its CSR there is approved",
)
_NO_LEASE = (
    _condition(_AVAILABLE, reason="ManagedClusterLeaseUpdateStopped"),
    "the cluster's agent no longer renews its lease: the cluster is down, or does not reach the hub's API server",
)
_NO_API = (
    _condition(_AVAILABLE, reason="ManagedClusterKubeAPIServerUnavailable"),
    "the cluster's agent runs, but finds the cluster's own API server not ready",
)
_MANUAL_APPROVAL = (
    _condition("InstallPlanPending", reason="RequiresApproval"),
    "the InstallPlan waits for somebody to approve it (installPlanApproval is Manual)",
)
_NOT_RESOLVED = (
    _true("ResolutionFailed"),
    "OLM finds no version to install: check package, channel and the CatalogSource",
)
_HUB_BLOCKED = (
    _field("status.phase", equals="UpdatingBlocked"),
    "the upgrade of the hub is blocked: the condition that says why is listed above",
)

# Key: API group and kind; the version does not matter. The first goal of a kind is meant where none is named.
KINDS: Mapping[tuple[str, str], tuple[Goal, ...]] = {
    # open-cluster-management.io/api cluster/v1/types.go
    ("cluster.open-cluster-management.io", "ManagedCluster"): (
        _lasting(
            "available",
            (_ACCEPTED, _JOINED, _true(_AVAILABLE)),
            hints=(_NOT_ACCEPTED, _NOT_JOINED, _NO_LEASE, _NO_API),
        ),
        _lasting("joined", (_ACCEPTED, _JOINED), hints=(_NOT_ACCEPTED, _NOT_JOINED)),
        _lasting("accepted", (_ACCEPTED,), hints=(_NOT_ACCEPTED,)),
        Goal("unavailable", (_condition(_AVAILABLE, "False", "Unknown"),)),
        # stolostron/managedcluster-import-controller; it tries a failed import again
        _lasting("imported", (_true("ManagedClusterImportSucceeded"),)),
    ),
    # open-cluster-management.io/api cluster/v1beta1/types_placement.go
    ("cluster.open-cluster-management.io", "Placement"): (
        _lasting("selected", rule=Decides("selected"), failure=_MISCONFIGURED, takes=_CLUSTERS),
        _lasting("exactly", rule=Decides("exactly"), failure=_MISCONFIGURED, takes=_CLUSTERS, requires=_CLUSTERS),
        Goal("deselected", rule=Decides("deselected"), takes=_CLUSTERS, vacuous=True),
        _lasting("satisfied", (_true("PlacementSatisfied"),), failure=_MISCONFIGURED),
    ),
    # open-cluster-management.io/api cluster/v1beta2/types_managedclusterset.go, types_managedclustersetbinding.go
    ("cluster.open-cluster-management.io", "ManagedClusterSet"): (
        _lasting("populated", (_condition("ClusterSetEmpty", "False"),)),
        Goal("empty", (_true("ClusterSetEmpty"),)),
    ),
    ("cluster.open-cluster-management.io", "ManagedClusterSetBinding"): (_lasting("bound", (_true("Bound"),)),),
    # open-cluster-management.io/api addon/v1alpha1/types_managedclusteraddon.go
    ("addon.open-cluster-management.io", "ManagedClusterAddOn"): (_lasting("available", (_true("Available"),)),),
    # stolostron/multicloud-integrations pkg/apis/apps/v1beta1/gitopscluster_types.go; a failed import is tried again
    ("apps.open-cluster-management.io", "GitOpsCluster"): (
        _lasting("imported", (_field("status.phase", equals="successful"),), rule=ClustersImported()),
    ),
    # open-cluster-management.io/governance-policy-propagator api/v1/policy_types.go
    ("policy.open-cluster-management.io", "Policy"): (_lasting("compliant", rule=Complies(), takes=_CLUSTERS),),
    # stolostron/multiclusterhub-operator api/v1/multiclusterhub_types.go
    ("operator.open-cluster-management.io", "MultiClusterHub"): (
        _lasting("running", (_field("status.phase", equals="Running"),), hints=(_HUB_BLOCKED,)),
    ),
    # stolostron/backplane-operator api/v1/multiclusterengine_types.go
    ("multicluster.openshift.io", "MultiClusterEngine"): (
        _lasting("available", (_field("status.phase", equals="Available"),)),
    ),
    # argoproj-labs/argocd-operator api/v1beta1/argocd_types.go
    ("argoproj.io", "ArgoCD"): (_lasting("available", (_field("status.phase", equals="Available"),)),),
    # argoproj/argo-cd pkg/apis/application/v1alpha1/types.go; an error condition or a running sync may be followed by a
    # good end, and Argo CD leaves the old sync and health status standing meanwhile
    ("argoproj.io", "Application"): (
        _lasting(
            "healthy",
            (_field("status.sync.status", equals="Synced"), _field("status.health.status", equals="Healthy")),
            retry=(
                _field("status.conditions[*].type", matches=re.compile("Error$")),
                _field("status.operationState.phase", matches=re.compile("^(Running|Terminating)$")),
                _field("operation", exists=True),
            ),
        ),
    ),
    # operator-framework/api pkg/operators/v1alpha1/subscription_types.go, clusterserviceversion_types.go
    ("operators.coreos.com", "Subscription"): (
        _lasting(
            "installed",
            (_field("status.installedCSV", exists=True),),
            rule=OperatorInstalled(),
            failure=(_true("InstallPlanFailed"),),
            hints=(_MANUAL_APPROVAL, _NOT_RESOLVED),
        ),
    ),
    ("operators.coreos.com", "ClusterServiceVersion"): (
        _lasting(
            "succeeded",
            (_field("status.phase", equals="Succeeded"),),
            failure=(_field("status.reason", matches=re.compile(f"^({CSV_DEAD_ENDS.pattern})$")),),
        ),
    ),
    # The three of `apps` as `kubectl rollout status` has them: k8s.io/kubectl pkg/polymorphichelpers/rollout_status.go
    ("apps", "Deployment"): (
        _lasting(
            "rolled_out",
            (
                _OBSERVED,
                _field("status.updatedReplicas", at_least=_ref("spec.replicas", default=1)),
                _field("status.replicas", at_most=_ref("status.updatedReplicas")),
                _field("status.availableReplicas", at_least=_ref("status.updatedReplicas")),
            ),
            failure=(_condition("Progressing", reason="ProgressDeadlineExceeded"),),
        ),
    ),
    ("apps", "StatefulSet"): (
        _lasting(
            "rolled_out",
            (
                _OBSERVED,
                _field("status.readyReplicas", at_least=_ref("spec.replicas", default=1)),
                _field(
                    "status.updatedReplicas",
                    at_least=_ref("spec.replicas", default=1, minus="spec.updateStrategy.rollingUpdate.partition"),
                ),
            ),
        ),
    ),
    ("apps", "DaemonSet"): (
        _lasting(
            "rolled_out",
            (
                _OBSERVED,
                _field("status.updatedNumberScheduled", at_least=_ref("status.desiredNumberScheduled")),
                _field("status.numberAvailable", at_least=_ref("status.desiredNumberScheduled")),
            ),
        ),
    ),
    # k8s.io/api batch/v1/types.go
    ("batch", "Job"): (Goal("complete", (_true("Complete"),), failure=(_true("Failed"),)),),
    # k8s.io/apiextensions-apiserver pkg/apis/apiextensions/v1/types.go; names in use by another CRD stay in use
    ("apiextensions.k8s.io", "CustomResourceDefinition"): (
        _lasting(
            "established",
            (_true("NamesAccepted"), _true("Established")),
            failure=(_condition("NamesAccepted", "False"),),
        ),
    ),
    # k8s.io/kube-aggregator pkg/apis/apiregistration/v1/types.go
    ("apiregistration.k8s.io", "APIService"): (_lasting("available", (_true("Available"),)),),
    # k8s.io/api core/v1/types.go
    ("", "Namespace"): (_lasting("active", (_field("status.phase", equals="Active"),)),),
    ("", "Secret"): (_lasting("populated", rule=HasKeys(), takes=_KEYS),),
    ("", "ConfigMap"): (_lasting("populated", rule=HasKeys(), takes=_KEYS),),
    **SKUPPER_KINDS,
}


def group_of(api_version: str) -> str:
    """The API group of an apiVersion; empty for the core group."""
    return api_version.rpartition("/")[0]


def goals_of(api_version: str, kind: str) -> tuple[Goal, ...]:
    """The goals of a kind, its default first, then those of every kind."""
    return KINDS.get((group_of(api_version), kind), ()) + GENERAL


def default_goal(api_version: str, kind: str) -> Goal | None:
    """What is meant where nothing is said; None for kinds that the table does not have."""
    goals = KINDS.get((group_of(api_version), kind))
    return goals[0] if goals else None
