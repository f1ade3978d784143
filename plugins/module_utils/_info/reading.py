# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads one cluster: one LIST for each kind. What can not be read is noted, not raised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .._client.client import Client, Object
from .._client.errors import ApiError, InterconnectError, MissingKind, ObjectRef, Unauthorized, Unreachable
from .._ocm.placement import PLACEMENT_LABEL
from .._skupper.names import LINK_LABEL
from .._skupper.sites import SITE_API, V1, V2
from .._skupper.v1 import vocabulary
from .._skupper_gateway.v2_cluster import GATEWAY_LABEL
from .model import Snapshot, Target

CLUSTER_SECRETS = "ClusterSecret"
"""The name under which the Secrets beside Argo CD are kept, apart from those of links."""
WORKLOADS = "Workload"
"""The name under which Deployments of applications are kept."""
APPLICATION_API = "argoproj.io/v1alpha1"
TOKENS_V1 = (vocabulary.TOKEN, vocabulary.CLAIM, vocabulary.GATEWAY_TOKEN)
READERS = 8
"""Requests to one cluster at the same time."""


class Question(NamedTuple):
    """One LIST."""

    kind: str
    """Under which its answer is kept."""
    api_version: str
    real_kind: str
    namespace: str | None = None
    label_selector: str = ""


def selected_by(selector: str) -> str:
    """The name under which the ManagedClusters are kept that a selector finds."""
    return f"ManagedCluster {selector}"


def questions(target: Target) -> list[Question]:
    """Everything that is to be read of a cluster."""
    return [*_of_site(target), *_of_hub(target)]


def _plain(kind: str, api_version: str, namespace: str, label_selector: str = "") -> Question:
    return Question(kind, api_version, kind, namespace, label_selector)


def _of_site(target: Target) -> Iterator[Question]:
    place = target.namespace
    if target.skupper_version == V2:
        for kind in ("Site", "Link", "Listener", "Connector", "Certificate"):
            yield _plain(kind, SITE_API, place)
        yield _plain("Secret", "v1", place, LINK_LABEL)
    elif target.skupper_version == V1:
        yield _plain("ConfigMap", "v1", place)
        yield _plain("Secret", "v1", place, f"{vocabulary.TYPE} in ({','.join(TOKENS_V1)})")
        yield _plain("Deployment", "apps/v1", place)
    if target.workloads:
        yield Question(WORKLOADS, "apps/v1", "Deployment", target.workloads)


def _of_hub(target: Target) -> Iterator[Question]:
    if not target.hub:
        return
    group = "cluster.open-cluster-management.io"
    yield Question("ManagedCluster", f"{group}/v1", "ManagedCluster")
    for selector in target.selectors:
        yield Question(selected_by(selector), f"{group}/v1", "ManagedCluster", None, selector)
    for namespace in target.placement_namespaces:
        yield _plain("PlacementDecision", f"{group}/v1beta1", namespace, PLACEMENT_LABEL)
    if target.argocd_namespace:
        selector = "argocd.argoproj.io/secret-type=cluster"
        yield Question(CLUSTER_SECRETS, "v1", "Secret", target.argocd_namespace, selector)
    if target.argocd_namespace and target.applications:
        yield _plain("Application", APPLICATION_API, target.argocd_namespace)


def read(client: Client, target: Target) -> Snapshot:
    """Look at a cluster once."""
    try:
        version = client.read_version()
        client.check_identity()
        answers = client.each(lambda question: (question, _ask(client, question)), questions(target), READERS)
    except InterconnectError as error:
        return Snapshot(target, server=client.server, error=error.message)
    objects: dict[str, tuple[Object, ...]] = {}
    problems: dict[str, str] = {}
    missing = frozenset(question.kind for question, answer in answers if isinstance(answer, MissingKind))
    for question, answer in answers:
        if isinstance(answer, ApiError):
            problems[question.kind] = answer.message
        else:
            objects[question.kind] = objects.get(question.kind, ()) + tuple(answer)
    if "Link" in objects:
        objects["Secret"] = objects.get("Secret", ()) + _unlabelled(client, target, objects)
    return Snapshot(target, client.server, version, "", objects, problems, missing)


def _ask(client: Client, question: Question) -> list[Object] | ApiError:
    """The objects; or why there are none to be seen.

    :raises ApiError: the cluster does not answer, or does not know us: that is no matter of one kind.
    """
    try:
        return client.list(
            question.api_version, question.real_kind, question.namespace, label_selector=question.label_selector
        )
    except (Unreachable, Unauthorized):
        raise
    except MissingKind as error:
        return error
    except ApiError as error:
        return error


def _unlabelled(client: Client, target: Target, objects: dict[str, tuple[Object, ...]]) -> tuple[Object, ...]:
    """Secrets of links that do not bear our label: of claims that were redeemed, and of gateways."""
    known = {secret["metadata"]["name"] for secret in objects.get("Secret", ())}
    wanted = {str((link.get("spec") or {}).get("tlsCredentials") or "") for link in objects["Link"]}
    for certificate in objects.get("Certificate", ()):
        if GATEWAY_LABEL in (certificate["metadata"].get("labels") or {}):
            wanted.add(certificate["metadata"]["name"])
    found: list[Object] = []
    for name in sorted(wanted - known - {""}):
        try:
            secret = client.get(ObjectRef("v1", "Secret", name, target.namespace))
        except ApiError:
            continue  # its certificate is not shown, that is all
        if secret is not None:
            found.append(secret)
    return tuple(found)
