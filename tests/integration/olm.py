# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of the Operator Lifecycle Manager and of the two operators that a hub is made of.

It stands for OLM (operator-framework/api pkg/operators/v1alpha1: a Subscription leads to a ClusterServiceVersion, which
brings CRDs and goes from Installing to Succeeded), for multiclusterhub-operator (stolostron/multiclusterhub-operator
api/v1/multiclusterhub_types.go: `status.phase` Installing, then Running) and for the operator of OpenShift GitOps
(argoproj-labs/argocd-operator api/v1beta1/argocd_types.go: `status.phase` Available; it makes the default ArgoCD in
openshift-gitops by itself). None of them can be had as a package. Only what one can wait for is there: no operator does
anything else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.integration.scratch import Scratch, wait_until
from tests.lab import Lab
from tests.lab.api import Api, ApiError, Object, path

OPERATORS = "operators.coreos.com"
ACM, GITOPS = "advanced-cluster-management", "openshift-gitops-operator"
HUB = ("operator.open-cluster-management.io", "v1", "MultiClusterHub", "multiclusterhubs")
ARGOCD = ("argoproj.io", "v1beta1", "ArgoCD", "argocds")
# What the operators define; others only run.
BROUGHT = {ACM: HUB, GITOPS: ARGOCD}
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ARGOCD_NAMESPACE = "openshift-gitops"


def crd(group: str, version: str, kind: str, plural: str) -> Object:
    """A CRD that takes any content and has a status of its own."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": anything}}
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "names": names,
            "scope": "Namespaced",
            "versions": [{**served, "subresources": {"status": {}}}],
        },
    }


@contextmanager
def olm(lab: Lab, scratch: Scratch) -> Iterator[None]:
    """OLM on the hub while the block runs; what it and the operators bring goes with the test."""
    api = lab.api(lab.hub)
    for version, kind, plural in (
        ("v1", "OperatorGroup", "operatorgroups"),
        ("v1alpha1", "Subscription", "subscriptions"),
        ("v1alpha1", "ClusterServiceVersion", "clusterserviceversions"),
    ):
        _define(api, scratch, lab.hub, crd(OPERATORS, version, kind, plural))
    ended = threading.Event()
    thread = threading.Thread(target=_reconcile, args=(lab, scratch, ended))
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _define(api: Api, scratch: Scratch, cluster: str, definition: Object) -> None:
    name = definition["metadata"]["name"]
    scratch.make(cluster, CRDS, definition)
    wait_until(f"{name} is served", lambda: _is_established(api.get(f"{CRDS}/{name}")))


def _is_established(definition: Object) -> bool:
    conditions = (definition.get("status") or {}).get("conditions") or []
    return any(entry["type"] == "Established" and entry["status"] == "True" for entry in conditions)


def _reconcile(lab: Lab, scratch: Scratch, ended: threading.Event) -> None:
    """Take everything one step further, a few times a second."""
    while not ended.wait(0.3):
        # What the API server refuses, for one as it has just begun to serve a CRD, is tried again as controllers do.
        with suppress(ApiError):
            _step(lab, scratch)


def _step(lab: Lab, scratch: Scratch) -> None:
    api = lab.api(lab.hub)
    for subscription in api.items(path(f"{OPERATORS}/v1alpha1", "subscriptions")):
        _install(api, scratch, lab.hub, subscription)
    for group, version, _kind, plural in (HUB, ARGOCD):
        if api.find(f"{CRDS}/{plural}.{group}"):
            _advance(api, f"{group}/{version}", plural)


def _install(api: Api, scratch: Scratch, cluster: str, subscription: Object) -> None:
    namespace, package = subscription["metadata"]["namespace"], subscription["spec"]["name"]
    version = f"{package}.v1.0.0"
    target = path(f"{OPERATORS}/v1alpha1", "clusterserviceversions", version, namespace)
    if api.find(target) is None:
        if package in BROUGHT:
            _define(api, scratch, cluster, crd(*BROUGHT[package]))
        collection = path(f"{OPERATORS}/v1alpha1", "clusterserviceversions", namespace=namespace)
        kind = {"apiVersion": f"{OPERATORS}/v1alpha1", "kind": "ClusterServiceVersion"}
        scratch.make(cluster, collection, {**kind, "metadata": {"name": version}})
        _set_status(api, target, {"phase": "Installing"})
        return
    _set_status(api, target, {"phase": "Succeeded"})
    _set_status(
        api,
        path(f"{OPERATORS}/v1alpha1", "subscriptions", subscription["metadata"]["name"], namespace),
        {"installedCSV": version, "currentCSV": version, "state": "AtLatestKnown"},
    )
    if package == GITOPS:
        collection = path(f"{ARGOCD[0]}/{ARGOCD[1]}", ARGOCD[3], namespace=ARGOCD_NAMESPACE)
        if api.find(f"{collection}/{ARGOCD_NAMESPACE}") is None:
            kind = {"apiVersion": f"{ARGOCD[0]}/{ARGOCD[1]}", "kind": ARGOCD[2]}
            scratch.make(cluster, collection, {**kind, "metadata": {"name": ARGOCD_NAMESPACE}})


def _advance(api: Api, version: str, plural: str) -> None:
    """From nothing over a phase that is not the end to the one that is."""
    final = "Running" if plural == HUB[3] else "Available"
    for obj in api.items(path(version, plural)):
        phase = (obj.get("status") or {}).get("phase")
        metadata = obj["metadata"]
        following = {None: "Installing", "Installing": final}.get(phase)
        if following:
            _set_status(api, path(version, plural, metadata["name"], metadata["namespace"]), {"phase": following})


def _set_status(api: Api, target: str, status: Object) -> None:
    api.merge(f"{target}/status", {"status": status})
