# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until Argo CD has deployed to some clusters.

What Argo CD says of an Application may be left over from before the last change, in Git or here. So before an error
ends a wait, Argo CD is asked to look again, once, and a sync that had failed before is tried again, once: a second run
after a repair has to succeed without a hand at Argo CD.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .._client.client import FIELD_MANAGER, Client, Object
from .._client.errors import ObjectRef
from .._wait.poll import WaitTimeout
from .application_state import REFRESH_ANNOTATION, Stage, State, judge, words, workloads_of
from .applicationset import PLACEMENT_LABEL, Element, application_ref, source_for
from .rounds import Hopeless, Rounds

SET_REFRESH_ANNOTATION = "argocd.argoproj.io/application-set-refresh"
PLACEMENT_API_VERSION = "cluster.open-cluster-management.io/v1beta1"

# Seconds that Argo CD has to look at a change by itself. It keeps errors of a repository back for minutes unless asked.
UNASKED = 5.0
# Seconds for an ApplicationSet that was asked to look again.
ASKED = 10.0
# Seconds for decisions and cluster Secrets to reach Argo CD; it looks at them every 20.
PATIENCE = 60.0
# Seconds for a cluster that Argo CD does not reach: an API server under load, or one that starts again.
RECOVERY = 90.0


NOT_LOOKED_AT = State(Stage.PENDING, "not looked at yet")


@dataclass
class Deployment:
    """One cluster's Application while it is waited for."""

    element: Element
    ref: ObjectRef
    state: State = NOT_LOOKED_AT
    application: Object | None = None
    looked: int = 0
    refreshed: bool = False
    synced_anew: str = ""
    """When the sync had begun that was seen to have failed, and was tried again."""
    since: float = 0.0
    """When the stage of `state` was reached."""
    missing_since: float | None = None


@dataclass
class Deploying:
    """A wait for some elements of an ApplicationSet."""

    rounds: Rounds
    client: Client
    live: Object
    deployments: Sequence[Deployment]
    refresh: bool = False
    _asked_set: float | None = field(default=None, init=False)

    def wait(self) -> None:
        """Wait until all of them are deployed.

        :raises WaitTimeout: time is up.
        :raises Hopeless: Argo CD can not deploy to one of them; the message has its own words.
        """
        names = ", ".join(each.element.cluster for each in self.deployments)
        try:
            self.rounds.until(f"Argo CD to deploy {self.live['metadata']['name']} to {names}", self._missing)
        except WaitTimeout as error:
            # Argo CD need not say which of them holds it up; their own clusters do.
            error.details["workloads"] = [
                workload
                for each in self.deployments
                if each.state.stage is not Stage.DONE and each.application
                for workload in workloads_of(each.application)
            ]
            raise

    def _missing(self) -> str:
        self.client.each(self._look, self.deployments)
        open_ones = [each for each in self.deployments if each.state.stage is not Stage.DONE]
        return "; ".join(f"{each.element.cluster}: {each.state.text}" for each in open_ones)

    def _look(self, one: Deployment) -> None:
        one.application = self.client.get(one.ref)
        if one.application is None:
            one.state = State(Stage.PENDING, self._why_none(one))
        else:
            one.missing_since = None
            state = judge(one.application, source_for(self.live, one.element))
            if state.stage is not one.state.stage:
                one.since = self.rounds.elapsed
            one.state = state
            self._act(one, one.application)
        one.looked += 1

    # -- an Application that is there --------------------------------------------------------------------------------

    def _act(self, one: Deployment, application: Object) -> None:
        stage = one.state.stage
        if stage is Stage.SYNC_FAILED:
            self._sync_failed(one, application)
        elif stage in (Stage.IN_ERROR, Stage.OUT_OF_REACH):
            if one.refreshed and (stage is Stage.IN_ERROR or self._lasts(one, RECOVERY)):
                raise Hopeless(f"Argo CD can not deploy to {one.element.cluster} ({one.ref}): {one.state.text}")
            if not one.refreshed:
                self._refresh(one, "hard")
        elif not one.refreshed and self._should_look_again(one):
            self._refresh(one, "normal")

    def _should_look_again(self, one: Deployment) -> bool:
        if self.refresh and one.state.stage is Stage.DONE:
            return True
        return one.state.stage is Stage.NOT_COMPARED and self._lasts(one, UNASKED)

    def _lasts(self, one: Deployment, seconds: float) -> bool:
        """Whether the stage has been the same for so long."""
        return self.rounds.elapsed - one.since >= seconds

    def _sync_failed(self, one: Deployment, application: Object) -> None:
        """Try a sync again that had failed before this wait; one that fails during it has been retried by Argo CD."""
        began = str(application["status"]["operationState"].get("startedAt", ""))
        if one.looked == 0:
            one.synced_anew = began
            self.client.merge_patch(one.ref, {"operation": _sync(application)})
            one.state = State(Stage.PENDING, f"tried again, as {one.state.text}")
        elif one.synced_anew != began:
            raise Hopeless(f"Argo CD can not deploy to {one.element.cluster} ({one.ref}): {one.state.text}")

    def _refresh(self, one: Deployment, how: str) -> None:
        self.client.merge_patch(one.ref, {"metadata": {"annotations": {REFRESH_ANNOTATION: how}}})
        one.refreshed = True
        one.state = State(Stage.PENDING, one.state.text if how == "hard" else "Argo CD looks at it anew")

    # -- an Application that is not there ----------------------------------------------------------------------------

    def _why_none(self, one: Deployment) -> str:
        """Why there is no Application.

        :raises Hopeless: it has not come for so long that it will not.
        """
        if one.missing_since is None:
            one.missing_since = self.rounds.elapsed
        waited = self.rounds.elapsed - one.missing_since
        live = self.client.get(ObjectRef.of(self.live)) or {}
        error = error_of_set(live)
        if error:
            if self._asked_set is None:
                self._ask_set()
            elif self.rounds.elapsed - self._asked_set >= ASKED:
                raise Hopeless(f"Argo CD can not work on {ObjectRef.of(self.live)}: {error}")
            return error
        if waited < UNASKED:
            return "the ApplicationSet has no Application for it yet"
        reason = self._why_not_decided(one)
        if waited >= PATIENCE:
            raise Hopeless(f"Argo CD does not deploy to {one.element.cluster}: {reason}")
        return reason

    def _ask_set(self) -> None:
        """Have the ApplicationSet looked at again: after an error that takes Argo CD minutes."""
        self._asked_set = self.rounds.elapsed
        self.client.merge_patch(
            ObjectRef.of(self.live), {"metadata": {"annotations": {SET_REFRESH_ANNOTATION: "true"}}}
        )

    def _why_not_decided(self, one: Deployment) -> str:
        placement = placement_of(self.live)
        namespace = self.live["metadata"]["namespace"]
        cluster = one.element.cluster
        decisions = self.client.list(
            PLACEMENT_API_VERSION,
            "PlacementDecision",
            namespace,
            label_selector=f"{PLACEMENT_LABEL}={placement}",
        )
        selected = {
            entry.get("clusterName")
            for decision in decisions
            for entry in (decision.get("status") or {}).get("decisions") or []
        }
        if cluster not in selected:
            others = ", ".join(sorted(filter(None, selected))) or "none"
            return f"Placement {namespace}/{placement} does not select it (it selects {others})"
        return (
            f"Placement {namespace}/{placement} selects it, but Argo CD knows no cluster of that name (a Secret in "
            f"{namespace} with label argocd.argoproj.io/secret-type=cluster), or its ApplicationSet controller does "
            "not run"
        )


def deployments_of(live: Object, elements: Sequence[Element]) -> list[Deployment]:
    """What is waited for."""
    ref = ObjectRef.of(live)
    return [Deployment(element, application_ref(ref, element.cluster)) for element in elements]


def placement_of(live: Object) -> str:
    """The Placement whose decisions an ApplicationSet takes."""
    decisions = live["spec"]["generators"][0]["merge"]["generators"][0]["clusterDecisionResource"]
    return str(decisions["labelSelector"]["matchLabels"][PLACEMENT_LABEL])


def error_of_set(live: Object) -> str:
    """What Argo CD says is wrong with an ApplicationSet; empty where nothing is."""
    for condition in (live.get("status") or {}).get("conditions") or []:
        if condition.get("type") == "ErrorOccurred" and condition.get("status") == "True":
            return words(condition.get("message"))
    return ""


def _sync(application: Object) -> dict[str, Any]:
    """A sync of what the Application is to be, as Argo CD itself would begin it (argo-cd util/argo/argo.go)."""
    policy = application["spec"].get("syncPolicy") or {}
    prune = bool((policy.get("automated") or {}).get("prune"))
    return {
        "initiatedBy": {"username": FIELD_MANAGER},
        "sync": {"prune": prune, "syncOptions": policy.get("syncOptions") or []},
    }
