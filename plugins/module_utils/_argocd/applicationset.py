# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An ApplicationSet in which each site is an element of its own. Pure functions.

Upstream: argo-cd pkg/apis/application/v1alpha1/applicationset_types.go; applicationset/generators/merge.go,
duck_type.go and generator_spec_processor.go.

What a Placement decides is merged with what the sites ask for. A cluster gets an Application where it is in both: the
selector lets only those through that bear the mark of an element, and an element alone has no decision to be merged
into. So a site joins and leaves by its own element, and a cluster that leaves the Placement loses its Application.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._apply.ownership import MANAGED_BY_LABEL
from .._client.client import FIELD_MANAGER, Object
from .._client.errors import InterconnectError, ObjectRef

API_VERSION = "argoproj.io/v1alpha1"
PLACEMENT_LABEL = "cluster.open-cluster-management.io/placement"
# Which ApplicationSet made an Application.
SET_LABEL = "multicluster.interconnect/applicationset"
# Has Argo CD prune what it deployed before the Application goes.
FINALIZER = "resources-finalizer.argocd.argoproj.io"

_MARK = "deliver"
_MARKED = "yes"

# A sync that fails is tried again after 5, 10 and 20 s.
_RETRY = {"limit": 3, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "1m"}}


class Element(NamedTuple):
    """A site as the ApplicationSet knows it."""

    cluster: str
    helm: str
    """The chart's values, as text."""

    def as_entry(self) -> dict[str, str]:
        return {"name": self.cluster, _MARK: _MARKED, "helm": self.helm}


def values_text(values: Mapping[str, Any]) -> str:
    """Helm values as text that is the same for the same values. JSON is YAML."""
    return json.dumps(values, indent=2, sort_keys=True) + "\n"


@dataclass(frozen=True)
class ApplicationSet:
    """All of an ApplicationSet but its elements."""

    name: str
    namespace: str
    project: str
    repo_url: str
    target_revision: str
    path: str
    destination_namespace: str
    placement: str
    config_map: str
    """Tells Argo CD where decisions stand in a PlacementDecision."""
    sync_options: Sequence[str] = ()
    prune: bool = True
    """Whether Argo CD removes what it deployed, where the chart no longer has it or its cluster leaves."""
    requeue_after: int = 20
    """Seconds until Argo CD looks at the decisions again."""

    def as_object(self, elements: Sequence[Element]) -> Object:
        """The object with its elements."""
        return {
            "apiVersion": API_VERSION,
            "kind": "ApplicationSet",
            "metadata": {"name": self.name, "namespace": self.namespace},
            "spec": {
                "goTemplate": True,
                "goTemplateOptions": ["missingkey=error"],
                "generators": [self._generator(elements)],
                "template": self._template(),
                # Without it, Argo CD gives each Application the finalizer that is left out below.
                **({} if self.prune else {"syncPolicy": {"preserveResourcesOnDeletion": True}}),
            },
        }

    def _generator(self, elements: Sequence[Element]) -> dict[str, Any]:
        decisions = {
            "configMapRef": self.config_map,
            "labelSelector": {"matchLabels": {PLACEMENT_LABEL: self.placement}},
            "requeueAfterSeconds": self.requeue_after,
        }
        sites = {"elements": [element.as_entry() for element in sorted(elements)]}
        return {
            "merge": {
                "mergeKeys": ["name"],
                "generators": [{"clusterDecisionResource": decisions}, {"list": sites}],
            },
            "selector": {"matchLabels": {_MARK: _MARKED}},
        }

    def _template(self) -> dict[str, Any]:
        return {
            "metadata": {
                "name": application_name(self.name, "{{.name}}"),
                "labels": {SET_LABEL: self.name, MANAGED_BY_LABEL: FIELD_MANAGER},
                **({"finalizers": [FINALIZER]} if self.prune else {}),
            },
            "spec": {
                "project": self.project,
                "source": {
                    "repoURL": self.repo_url,
                    "targetRevision": self.target_revision,
                    "path": self.path,
                    "helm": {"releaseName": self.name, "values": "{{.helm}}"},
                },
                "destination": {"server": "{{.server}}", "namespace": self.destination_namespace},
                "syncPolicy": {
                    "automated": {"prune": self.prune, "selfHeal": True},
                    "syncOptions": list(self.sync_options),
                    "retry": _RETRY,
                },
            },
        }


def application_name(set_name: str, cluster: str) -> str:
    """The name of a cluster's Application."""
    return f"{set_name}-{cluster}"


def application_ref(ref: ObjectRef, cluster: str) -> ObjectRef:
    """The Application that an ApplicationSet makes for a cluster."""
    return ObjectRef(API_VERSION, "Application", application_name(ref.name, cluster), ref.namespace)


def elements_of(live: Object) -> list[Element]:
    """The elements of an ApplicationSet.

    :raises InterconnectError: it is not one that `ApplicationSet.as_object` has made.
    """
    try:
        entries = _sites(live["spec"]["generators"]).get("elements") or []
        return [Element(entry["name"], entry["helm"]) for entry in entries]
    except (KeyError, IndexError, TypeError) as error:
        raise InterconnectError(
            f"{ObjectRef.of(live)} has been changed by others so that it has no place for single clusters: run the "
            "play for the hub again, which restores it"
        ) from error


def _sites(generators: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    sites: dict[str, Any] = generators[0]["merge"]["generators"][1]["list"]
    return sites


def with_elements(live: Object, elements: Sequence[Element]) -> Object:
    """An ApplicationSet as it is, with other elements."""
    spec = json.loads(json.dumps(live["spec"]))
    _sites(spec["generators"])["elements"] = [element.as_entry() for element in sorted(elements)]
    metadata = {key: live["metadata"][key] for key in ("name", "namespace")}
    metadata["labels"] = {MANAGED_BY_LABEL: FIELD_MANAGER}
    return {"apiVersion": API_VERSION, "kind": "ApplicationSet", "metadata": metadata, "spec": spec}


def joined(elements: Sequence[Element], wanted: Sequence[Element]) -> list[Element]:
    """Elements with those of some clusters put in, or replaced."""
    names = {element.cluster for element in wanted}
    return [element for element in elements if element.cluster not in names] + list(wanted)


def left(elements: Sequence[Element], clusters: Sequence[str]) -> list[Element]:
    """Elements without those of some clusters."""
    return [element for element in elements if element.cluster not in clusters]


def source_for(live: Object, element: Element) -> dict[str, Any]:
    """The source that an element's Application has to have."""
    source = json.loads(json.dumps(live["spec"]["template"]["spec"]["source"]))
    source["helm"]["values"] = element.helm
    return dict(source)
