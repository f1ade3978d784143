# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The distribution of link tokens by an ACM Policy: what the hub needs for it, as objects. Pure.

One Policy for all clusters that link to the hub's site. Which tokens a cluster gets stands in a ConfigMap of its own,
which its host writes: no two hosts write to the same object, and the hub makes the replicated Policy anew by itself
whenever a ConfigMap, a Secret or the site that the templates have read changes. See
docs/decisions/0009-skupper-policy-distribution.md, and stolostron/go-template-utils for the functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.ownership import MANAGED_BY_LABEL
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import FIELD_MANAGER
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.names import LINK_LABEL

from ._skupper_links import policy_name

POLICY_API = "policy.open-cluster-management.io/v1"
CLUSTER_GROUP = "cluster.open-cluster-management.io"

# Keys go through `fromSecret`, which encrypts them in the replicated Policy. `lookup` would put them there in plain
# text: it is for what is no secret. Data comes first, so that a missing Secret is called missing.
_SECRET = """
- complianceType: musthave
  objectDefinition:
    apiVersion: v1
    kind: Secret
    type: '{{hub $secret.type hub}}'
    data:
      ca.crt: '{{hub fromSecret "@NAMESPACE@" $token "ca.crt" hub}}'
      tls.crt: '{{hub fromSecret "@NAMESPACE@" $token "tls.crt" hub}}'
      tls.key: '{{hub fromSecret "@NAMESPACE@" $token "tls.key" hub}}'
    metadata:
      name: '{{hub $token hub}}'
      namespace: '{{hub $link.data.namespace hub}}'
      labels:
        @LABELS@
"""

# One Link for each router of the site: of a site with `ha` there are two, told apart by the group of their endpoints.
_V2 = """
{{hub- range $router := $site.status.endpoints hub}}
{{hub- if eq $router.name "inter-router" hub}}
{{hub- $name := $token hub}}
{{hub- if ne $router.group "skupper-router" hub}}
{{hub- $name = printf "%s-%s" $token $router.group hub}}
{{hub- end hub}}
- complianceType: musthave
  objectDefinition:
    apiVersion: skupper.io/v2alpha1
    kind: Link
    metadata:
      name: '{{hub $name hub}}'
      namespace: '{{hub $link.data.namespace hub}}'
      labels:
        @LABELS@
    spec:
      tlsCredentials: '{{hub $token hub}}'
      cost: {{hub $link.data.cost hub}}
      endpoints:
        {{hub- range $each := $site.status.endpoints hub}}
        {{hub- if eq $each.group $router.group hub}}
        - name: '{{hub $each.name hub}}'
          host: '{{hub $each.host hub}}'
          port: '{{hub $each.port hub}}'
          group: '{{hub $each.group hub}}'
        {{hub- end hub}}
        {{hub- end hub}}
{{hub- end hub}}
{{hub- end hub}}
"""

# What a token of v1 says of its site stands in annotations; the type is set here and not copied, as the linking site
# would itself issue a Secret that is still a request.
_V1_ANNOTATIONS = (
    "edge-host",
    "edge-port",
    "inter-router-host",
    "inter-router-port",
    "skupper.io/generated-by",
    "skupper.io/site-version",
)
_V1 = (
    "        skupper.io/type: connection-token\n"
    "      annotations:\n"
    "        skupper.io/cost: '{{hub $link.data.cost hub}}'\n"
    + "".join(
        f"        {name}: '{{{{hub index $secret.metadata.annotations \"{name}\" hub}}}}'\n" for name in _V1_ANNOTATIONS
    )
)

_HEAD = """
{{hub- $link := lookup "v1" "ConfigMap" "@NAMESPACE@" (printf "@POLICY@.%s" .ManagedClusterName) hub}}
"""
# Of two sites in a namespace only one is active, and has endpoints.
_V2_SITE = """
{{hub- $site := "" hub}}
{{hub- range $each := (lookup "skupper.io/v2alpha1" "Site" "@NAMESPACE@" "").items hub}}
{{hub- if $each.status.endpoints hub}}{{hub- $site = $each hub}}{{hub- end hub}}
{{hub- end hub}}
"""
_BEGIN = """
{{hub- range $token := splitList "," $link.data.tokens hub}}
{{hub- $secret := lookup "v1" "Secret" "@NAMESPACE@" $token hub}}
"""
_END = "\n{{hub- end hub}}\n"


def hub_objects(
    issuer: str, namespace: str, version: str, cluster_set: str, tolerate: Sequence[str]
) -> list[dict[str, Any]]:
    """What the hub needs to bring tokens of its site to all clusters with the label.

    :param issuer: inventory host of the hub.
    :param namespace: of its site; Policies read templates in their own namespace only.
    :param tolerate: taints of clusters that stay selected: one that is not, loses its links when it comes back.
    """
    name = policy_name(issuer)
    metadata = {"name": name, "namespace": namespace}
    placement: dict[str, Any] = {
        "clusterSets": [cluster_set],
        "predicates": [{"requiredClusterSelector": {"labelSelector": {"matchLabels": cluster_labels(issuer)}}}],
    }
    if tolerate:
        placement["tolerations"] = [{"key": taint, "operator": "Exists"} for taint in tolerate]
    return [
        {
            "apiVersion": f"{CLUSTER_GROUP}/v1beta2",
            "kind": "ManagedClusterSetBinding",
            "metadata": {"name": cluster_set, "namespace": namespace},
            "spec": {"clusterSet": cluster_set},
        },
        {"apiVersion": f"{CLUSTER_GROUP}/v1beta1", "kind": "Placement", "metadata": metadata, "spec": placement},
        {
            "apiVersion": POLICY_API,
            "kind": "PlacementBinding",
            "metadata": metadata,
            "placementRef": {"apiGroup": CLUSTER_GROUP, "kind": "Placement", "name": name},
            "subjects": [{"apiGroup": POLICY_API.partition("/")[0], "kind": "Policy", "name": name}],
        },
        {"apiVersion": POLICY_API, "kind": "Policy", "metadata": metadata, "spec": _policy(name, namespace, version)},
    ]


def cluster_labels(issuer: str) -> dict[str, str]:
    """The label that a ManagedCluster has when it links to a site."""
    return {policy_name(issuer): "True"}


def assignment(link: Mapping[str, Any], tokens: Sequence[str]) -> dict[str, Any]:
    """The ConfigMap on the hub with the tokens that one cluster is to have.

    :param link: as `_skupper_links.normalised` has it.
    """
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": f"{policy_name(link['to'])}.{link['cluster']}",
            "namespace": link["issuer_namespace"],
            "labels": {LINK_LABEL: link["name"]},
        },
        "data": {
            "cost": str(link["cost"]),
            "link": link["name"],
            "namespace": link["namespace"],
            "tokens": ",".join(tokens),
        },
    }


def _policy(name: str, namespace: str, version: str) -> dict[str, Any]:
    template = {
        "apiVersion": POLICY_API,
        "kind": "ConfigurationPolicy",
        "metadata": {"name": name},
        "spec": {
            "remediationAction": "enforce",
            "severity": "medium",
            # What is not in the templates any more goes: an old generation, and everything when the label goes.
            # `DeleteIfCreated` would forget what it has created whenever a template could not be resolved.
            "pruneObjectBehavior": "DeleteAll",
            "object-templates-raw": template_of(version, name, namespace),
        },
    }
    # The hub would put our labels on what it makes of the Policy for each cluster.
    return {
        "disabled": False,
        "copyPolicyMetadata": False,
        "remediationAction": "enforce",
        "policy-templates": [{"objectDefinition": template}],
    }


def template_of(version: str, name: str, namespace: str) -> str:
    """The hub template: it writes the objects of each token that the cluster's ConfigMap lists."""
    parts = [_HEAD, _BEGIN, _SECRET, _V1, _END] if version == "v1" else [_HEAD, _V2_SITE, _BEGIN, _SECRET, _V2, _END]
    labels = f"{MANAGED_BY_LABEL}: {FIELD_MANAGER}\n        {LINK_LABEL}: '{{{{hub $link.data.link hub}}}}'"
    text = "".join(part.replace("\n", "", 1) if part.startswith("\n") else part for part in parts)
    return text.replace("@LABELS@", labels).replace("@NAMESPACE@", namespace).replace("@POLICY@", name)
