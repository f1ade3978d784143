# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What we emit fits the schemas of the CRDs and kinds that live API servers have, with no field that they do not know.

An API server drops a field that it does not know, or refuses it, depending on who asks and how: here it is an error.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml

from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.objects import Account, ArgoCluster
from tests.integration.runs import Ansible, step
from tests.lab import Lab
from tests.lab.api import APPLY_PATCH, Api, ApiError, Object, path
from tests.tree import CHECKOUT
from tests.unit.boutique import charts

HUB_ROLE = CHECKOUT / "roles" / "hub"
TEMPLATES = [HUB_ROLE / "templates" / name for name in ("selection.yml.j2", "gitopscluster.yml.j2")]
INVENTORY = yaml.safe_load((CHECKOUT / "inventories/boutique/group_vars/hub.yml").read_text(encoding="utf-8"))

# The reference inventory, the least that the role takes, and everything that it takes.
VARIANTS: dict[str, dict[str, Any]] = {
    "boutique": {**INVENTORY, "application": "online-boutique", "argocd_namespace": "openshift-gitops"},
    "least": {"hub_gitopscluster": {"name": "all", "placement": "all"}},
    "most": {
        "hub_cluster_set": "yes",  # what YAML reads as something else must be quoted by the templates
        "hub_binding_namespaces": ["1", "two"],
        "hub_gitopscluster": {"name": "on", "placement": "off"},
        "hub_tolerate": [],
        "hub_placements": [
            {"name": "true", "namespace": "1", "number_of_clusters": 2, "match_labels": {"tier": "1", "on": "yes"}},
            {"name": "any", "namespace": "two"},
        ],
    },
}


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """A CRD's structural schema in which fields that it does not name are errors."""
    result = {key: value for key, value in schema.items() if key not in ("format", "default")}
    for key in ("properties", "items", "additionalProperties"):
        if isinstance(result.get(key), dict):
            result[key] = _strict_children(key, result[key])
    if "properties" in result and not schema.get("x-kubernetes-preserve-unknown-fields"):
        result.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        result["type"] = ["integer", "string"]
    return result


def _strict_children(key: str, value: dict[str, Any]) -> dict[str, Any]:
    return {name: strict(child) for name, child in value.items()} if key == "properties" else strict(value)


def schema_of(api: Api, obj: Object) -> dict[str, Any] | None:
    """The strict schema of an object's kind from its CRD; None for a kind of Kubernetes itself."""
    group, _slash, version = obj["apiVersion"].rpartition("/")
    for crd in api.items(path("apiextensions.k8s.io/v1", "customresourcedefinitions")):
        if (crd["spec"]["group"], crd["spec"]["names"]["kind"]) == (group, obj["kind"]):
            (served,) = (each for each in crd["spec"]["versions"] if each["name"] == version and each["served"])
            schema = strict(served["schema"]["openAPIV3Schema"])
            schema["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": METADATA}
            return schema
    return None


PLURALS = {"Ingress": "ingresses"}
# A CRD leaves the metadata to Kubernetes.
METADATA = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "namespace": {"type": "string"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def fits(api: Api, obj: Object) -> None:
    """Raise ValidationError or ApiError unless the object is complete, of known fields, and of the right types."""
    schema = schema_of(api, obj)
    if schema is not None:
        jsonschema.validate(obj, schema)
        return
    plural, metadata = PLURALS.get(obj["kind"], f"{obj['kind'].lower()}s"), obj["metadata"]
    target = path(obj["apiVersion"], plural, metadata["name"], metadata.get("namespace", ""))
    api.request("PATCH", f"{target}?dryRun=All&fieldValidation=Strict&fieldManager=lab", obj, APPLY_PATCH)


def rendered(ansible: Ansible, variables: dict[str, Any]) -> list[Object]:
    """All objects of the role's templates, with its defaults and some variables."""
    run = ansible.steps(
        step("defaults", "ansible.builtin.include_vars", file=str(HUB_ROLE / "defaults" / "main.yml")),
        *(
            step(
                template.name,
                "ansible.builtin.debug",
                msg="{{ lookup('ansible.builtin.template', '" + str(template) + "') | from_yaml_all | select | list }}",
            )
            for template in TEMPLATES
        ),
        arguments=("-e", json.dumps(variables)),
    )
    assert not any(each.failed for each in run.tasks), run.output
    return [obj for template in TEMPLATES for obj in run.task(template.name)["msg"]]


@pytest.mark.parametrize("variant", VARIANTS)
def test_objects_of_the_role_hub_fit_their_crds(ansible: Ansible, lab: Lab, variant: str) -> None:
    api, objects = lab.api(lab.hub), rendered(ansible, VARIANTS[variant])
    kinds = {obj["kind"] for obj in objects}
    assert kinds >= {"Namespace", "ManagedClusterSet", "ManagedClusterSetBinding", "GitOpsCluster"}
    assert ("Placement" in kinds) == (variant != "least")
    for obj in objects:
        fits(api, obj)


def test_objects_of_argocds_access_fit_their_kinds(lab: Lab) -> None:
    account = Account("argocd-manager", "kube-system")
    for obj in (*account.objects(), account.token_secret(1)):
        fits(lab.api("us-philly"), obj)
    cluster = ArgoCluster("us-philly", "openshift-gitops", lab.url("us-philly"), lab.ca("us-philly"), labels={"a": "b"})
    fits(lab.api(lab.hub), cluster.secret("token"))


def test_objects_of_the_chart_fit_their_kinds(lab: Lab) -> None:
    values = charts.on(*charts.PARTS, replicas=2, podAnnotations={"a": "b"}, tolerations=[{"operator": "Exists"}])
    ingress = {"enabled": True, "className": "nginx", "host": "shop.example.com", "tlsSecret": "shop"}
    values["services"]["frontend"] |= {"serviceType": "LoadBalancer", "ingress": ingress}
    values["global"] = {"imagePullSecrets": [{"name": "pull"}], "serviceAccountAnnotations": {"a": "b"}}
    objects = charts.render(values, namespace="default")
    assert {obj["kind"] for obj in objects} == {"Deployment", "Ingress", "Service", "ServiceAccount"}
    for obj in objects:
        fits(lab.api(lab.hub), obj)


@pytest.mark.parametrize(
    ("place", "value"),
    [(("clusterSet",), "one"), (("clusterSets",), "one"), (("tolerations", 0, "operater"), "Exists")],
    ids=["unknown field", "wrong type", "unknown field, deep"],
)
def test_what_does_not_fit_is_found(lab: Lab, place: tuple[str | int, ...], value: Any) -> None:
    placement: Object = {
        "apiVersion": "cluster.open-cluster-management.io/v1beta1",
        "kind": "Placement",
        "metadata": {"name": "x", "namespace": "default"},
        "spec": {"clusterSets": ["one"], "tolerations": [{"key": "k", "operator": "Exists"}]},
    }
    fits(lab.api(lab.hub), placement)
    part: Any = placement["spec"]
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        fits(lab.api(lab.hub), placement)


def test_a_kind_of_kubernetes_that_does_not_fit_is_found(lab: Lab) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "x", "namespace": "default"}}
    fits(lab.api(lab.hub), account)
    with pytest.raises(ApiError, match="field not declared in schema"):
        fits(lab.api(lab.hub), account | {"tokens": []})
