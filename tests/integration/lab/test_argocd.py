# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extension ``argocd``: the real controllers bring a chart of the lab's repository to the clusters that are decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.lab.waiting import until
from tests.integration.scratch import CLUSTER_V1BETA1, Scratch
from tests.lab import Lab
from tests.lab.api import Object, path

HUB, TORONTO = "ca-central", "ca-toronto"
ARGO = "openshift-gitops"
ARGO_V1 = "argoproj.io/v1alpha1"
GITOPS_V1 = "apps.open-cluster-management.io/v1beta1"
CHART = "charts/greeting"
TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: greeting
data:
  text: {{ .Values.text | quote }}
  revision: %s
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: greeting
spec:
  selector: {matchLabels: {app: greeting}}
  template:
    metadata: {labels: {app: greeting}}
    spec:
      containers: [{name: greeting, image: greeting}]
"""
REQUEUE_SECONDS = 2
"""Between two looks of an ApplicationSet at the decisions."""
DELIVERED_SECONDS = 60.0


def chart(revision: str) -> dict[str, str | None]:
    """Files of a chart."""
    return {
        f"{CHART}/Chart.yaml": "{apiVersion: v2, name: greeting, version: 1.0.0}",
        f"{CHART}/templates/all.yaml": TEMPLATE % json.dumps(revision),
    }


def application_set(name: str, url: str, namespace: str, texts: dict[str, str]) -> Object:
    """One Application for each cluster that is decided and has a text."""
    decisions = {
        "configMapRef": "acm-placement",
        "labelSelector": {"matchLabels": {"cluster.open-cluster-management.io/placement": name}},
        "requeueAfterSeconds": REQUEUE_SECONDS,
    }
    elements = [
        {"name": cluster, "deliver": "yes", "helm": json.dumps({"text": text})} for cluster, text in texts.items()
    ]
    generator: dict[str, Any] = {
        "merge": {
            "mergeKeys": ["name"],
            "generators": [{"clusterDecisionResource": decisions}, {"list": {"elements": elements}}],
        },
        "selector": {"matchLabels": {"deliver": "yes"}},
    }
    template = {
        "metadata": {"name": f"{name}-{{{{.name}}}}"},
        "spec": {
            "project": "default",
            "source": {
                "repoURL": url,
                "targetRevision": "main",
                "path": CHART,
                "helm": {"values": "{{.helm}}"},
            },
            "destination": {"server": "{{.server}}", "namespace": namespace},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, "syncOptions": ["ServerSideApply=true"]},
        },
    }
    return {
        "apiVersion": ARGO_V1,
        "kind": "ApplicationSet",
        "metadata": {"name": name, "namespace": ARGO},
        "spec": {
            "goTemplate": True,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [generator],
            "template": template,
        },
    }


@pytest.fixture
def decided(lab: Lab, scratch: Scratch) -> Iterator[str]:
    """A Placement on the label of its name, whose clusters Argo CD knows; returns the name."""
    name, hub = scratch.id, lab.api(HUB)
    secrets = path("v1", "secrets", namespace=ARGO, labelSelector="argocd.argoproj.io/secret-type=cluster")
    for cluster in lab.managed_as.values():
        scratch.owns(HUB, path("v1", "secrets", f"{cluster}-application-manager-cluster-secret", ARGO))
    scratch.bind(ARGO, "global")
    selector = {"requiredClusterSelector": {"labelSelector": {"matchLabels": {name: "True"}}}}
    scratch.placement(ARGO, name, predicates=[selector], clusterSets=["global"])
    reference = {"kind": "Placement", "apiVersion": CLUSTER_V1BETA1, "name": name}
    server = {"cluster": "local-cluster", "argoNamespace": ARGO}
    instance = {
        "apiVersion": GITOPS_V1,
        "kind": "GitOpsCluster",
        "metadata": {"name": name, "namespace": ARGO},
        "spec": {"argoServer": server, "placementRef": reference},
    }
    scratch.make(HUB, path(GITOPS_V1, "gitopsclusters", namespace=ARGO), instance)
    for cluster in lab.managed_as.values():
        scratch.label(cluster, **{name: "True"})
    until(lambda: len(hub.items(secrets)) == len(lab.managed_as), "Argo CD knows the clusters")
    yield name
    applications = path(ARGO_V1, "applications", namespace=ARGO)
    hub.delete(path(ARGO_V1, "applicationsets", name, ARGO))
    until(lambda: not hub.items(applications), "the Applications are gone", DELIVERED_SECONDS)
    lab.push()


def test_an_application_set_delivers_to_a_cluster_and_takes_it_back(lab: Lab, scratch: Scratch, decided: str) -> None:
    hub, toronto, namespace = lab.api(HUB), lab.api(TORONTO), scratch.namespace(TORONTO)
    greeting = path("v1", "configmaps", "greeting", namespace)
    application = path(ARGO_V1, "applications", f"{decided}-{TORONTO}", ARGO)
    url = json.loads(lab.layout.git.read_text())["url"]
    commit = lab.push(chart("first"))

    def status() -> Object:
        found: Object = (hub.find(application) or {}).get("status", {})
        return found

    def is_delivered(wanted: str) -> bool:
        sync, health = status().get("sync", {}), status().get("health", {})
        return (sync.get("status"), sync.get("revision"), health.get("status")) == ("Synced", wanted, "Healthy")

    wanted = application_set(decided, url, namespace, {TORONTO: "hello"})
    hub.create(path(ARGO_V1, "applicationsets", namespace=ARGO), wanted)
    until(lambda: is_delivered(commit), "the chart is delivered", DELIVERED_SECONDS)
    assert toronto.get(greeting)["data"] == {"text": "hello", "revision": "first"}
    assert toronto.get(path("apps/v1", "deployments", "greeting", namespace))["status"]["readyReplicas"] == 1
    # The other clusters are decided too, but nobody has asked for anything there.
    assert [each["metadata"]["name"] for each in hub.items(path(ARGO_V1, "applications", namespace=ARGO))] == [
        f"{decided}-{TORONTO}"
    ]

    commit = lab.push(chart("second"))
    until(lambda: is_delivered(commit), "the next commit is delivered", DELIVERED_SECONDS)
    assert toronto.get(greeting)["data"]["revision"] == "second"

    scratch.label(TORONTO, **{decided: None})
    until(lambda: hub.find(application) is None, "the Application is gone", DELIVERED_SECONDS)
    assert toronto.find(greeting) is None
