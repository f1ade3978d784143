# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the chart makes of its values, and which values it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.boutique.charts import (
    CHART,
    NAMESPACE,
    PARTS,
    VALUES,
    Refused,
    container,
    environment,
    of_kind,
    on,
    render,
    run,
)

APP_VERSION = "v0.10.5"
CONSUMING = {name: part["consumes"] for name, part in VALUES["services"].items() if part.get("consumes")}


def test_no_part_runs_unless_it_is_switched_on() -> None:
    assert render() == []


@pytest.mark.parametrize("values", [{}, on(*PARTS)], ids=["defaults", "everything"])
def test_helm_has_nothing_against_the_chart(values: Any) -> None:
    printed = run("lint", "--strict", str(CHART), values=values)
    assert "1 chart(s) linted, 0 chart(s) failed" in printed


def test_every_part_is_a_deployment_with_an_account_of_its_own() -> None:
    objects = render(on(*PARTS))
    assert sorted(of_kind(objects, "Deployment")) == PARTS
    assert sorted(of_kind(objects, "ServiceAccount")) == PARTS
    for name, deployment in of_kind(objects, "Deployment").items():
        pod = deployment["spec"]["template"]
        assert deployment["spec"]["selector"]["matchLabels"] == {"app": name}
        assert pod["metadata"]["labels"]["app"] == name
        assert pod["spec"]["serviceAccountName"] == name
        assert pod["spec"]["automountServiceAccountToken"] is False
    assert {obj["metadata"]["namespace"] for obj in objects} == {NAMESPACE}


def test_only_parts_that_are_switched_on_are_made() -> None:
    objects = render(on("cartservice", "adservice"))
    assert sorted(of_kind(objects, "Deployment")) == ["adservice", "cartservice"]
    assert {obj["kind"] for obj in objects} == {"Deployment", "ServiceAccount"}


def test_the_frontend_alone_has_a_service() -> None:
    services = of_kind(render(on(*PARTS)), "Service")
    assert sorted(services) == ["frontend"]
    (port,) = services["frontend"]["spec"]["ports"]
    assert (port["port"], port["name"]) == (80, "http")


def test_a_part_has_a_service_where_no_network_makes_one() -> None:
    objects = render(on("emailservice", service=True))
    service = of_kind(objects, "Service")["emailservice"]["spec"]
    (port,) = container(of_kind(objects, "Deployment")["emailservice"])["ports"]
    assert service["selector"] == {"app": "emailservice"}
    assert service["ports"] == [{"name": "grpc", "port": 5000, "targetPort": port["name"]}]
    assert port["containerPort"] == 8080


@pytest.mark.parametrize("name", sorted(CONSUMING))
def test_a_part_is_told_the_addresses_that_it_consumes(name: str) -> None:
    told = environment(of_kind(render(on(name)), "Deployment")[name])
    assert {variable: told[variable] for variable in CONSUMING[name]} == CONSUMING[name]


def test_every_consumed_address_is_that_of_a_part() -> None:
    parts = {f"{name}:{part['port']}" for name, part in VALUES["services"].items() if "port" in part}
    assert {address for consumed in CONSUMING.values() for address in consumed.values()} <= parts


def test_a_part_listens_where_its_service_and_its_probes_look() -> None:
    for name, deployment in of_kind(render(on(*PARTS)), "Deployment").items():
        server = container(deployment)
        if name == "loadgenerator":
            assert "ports" not in server
            assert "readinessProbe" not in server
            continue
        (port,) = {each["containerPort"] for each in server["ports"]}
        assert environment(deployment)["PORT"] == str(port)
        for probe in ("readinessProbe", "livenessProbe"):
            (asked,) = (server[probe][kind] for kind in ("grpc", "httpGet", "tcpSocket") if kind in server[probe])
            assert asked["port"] == port


def test_pods_meet_the_restricted_pod_security_standard() -> None:
    for deployment in of_kind(render(on(*PARTS)), "Deployment").values():
        pod, server = deployment["spec"]["template"]["spec"], container(deployment)
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert server["securityContext"]["allowPrivilegeEscalation"] is False
        assert server["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert server["securityContext"]["readOnlyRootFilesystem"] is True
        assert {"requests", "limits"} == set(server["resources"])


@pytest.mark.parametrize("openshift", [False, True], ids=["elsewhere", "openshift"])
def test_openshift_chooses_the_user_itself(openshift: bool) -> None:
    values = {"global": {"openshift": openshift}, **on("cartservice")}
    context = of_kind(render(values), "Deployment")["cartservice"]["spec"]["template"]["spec"]["securityContext"]
    assert ({"runAsUser", "runAsGroup", "fsGroup"} & set(context) == set()) is openshift


@pytest.mark.parametrize(
    ("of_all", "of_part", "image"),
    [
        ({}, {}, f"us-central1-docker.pkg.dev/google-samples/microservices-demo/adservice:{APP_VERSION}"),
        ({"repository": "registry.example.com/shop", "tag": "v1"}, {}, "registry.example.com/shop/adservice:v1"),
        ({"tag": "v1"}, {"image": "registry.example.com/ad@sha256:0"}, "registry.example.com/ad@sha256:0"),
    ],
    ids=["upstream", "mirror", "own"],
)
def test_images_are_those_of_upstream_or_the_users_own(of_all: Any, of_part: Any, image: str) -> None:
    objects = render({"global": of_all, **on("adservice", **of_part)})
    assert container(of_kind(objects, "Deployment")["adservice"])["image"] == image


def test_a_part_takes_what_a_site_says_of_it() -> None:
    overrides = {
        "replicas": 3,
        "env": {"EXTRA": 1, "FLAG": True},
        "podAnnotations": {"a": "b"},
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "gpu", "operator": "Exists"}],
        "resources": {"limits": {"memory": "1Gi"}},
    }
    deployment = of_kind(render(on("cartservice", **overrides)), "Deployment")["cartservice"]
    pod = deployment["spec"]["template"]
    assert deployment["spec"]["replicas"] == 3
    assert pod["metadata"]["annotations"] == {"a": "b"}
    assert pod["spec"]["nodeSelector"] == {"disk": "ssd"}
    assert pod["spec"]["tolerations"] == overrides["tolerations"]
    assert pod["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"] == {"app": "cartservice"}
    assert container(deployment)["resources"]["limits"] == {"cpu": "300m", "memory": "1Gi"}
    told = environment(deployment)
    assert (told["EXTRA"], told["FLAG"], told["REDIS_ADDR"]) == ("1", "true", "redis-cart:6379")


def test_redis_writes_to_a_volume_as_its_root_is_read_only() -> None:
    deployment = of_kind(render(on("redis-cart")), "Deployment")["redis-cart"]
    assert container(deployment)["volumeMounts"] == [{"name": "data", "mountPath": "/data"}]
    assert deployment["spec"]["template"]["spec"]["volumes"] == [{"name": "data", "emptyDir": {}}]


def test_the_frontend_is_shown_by_a_route_or_an_ingress() -> None:
    ingress = {"enabled": True, "className": "nginx", "host": "shop.example.com", "tlsSecret": "shop"}
    objects = render(on("frontend", route={"enabled": True, "host": "shop.example.com"}, ingress=ingress))
    (port,) = of_kind(objects, "Service")["frontend"]["spec"]["ports"]
    route = of_kind(objects, "Route")["frontend"]["spec"]
    assert route["host"] == "shop.example.com"
    assert (route["to"]["name"], route["port"]["targetPort"]) == ("frontend", port["name"])
    shown = of_kind(objects, "Ingress")["frontend"]["spec"]
    (rule,) = shown["rules"]
    (path,) = rule["http"]["paths"]
    assert (shown["ingressClassName"], rule["host"]) == ("nginx", "shop.example.com")
    assert path["backend"]["service"] == {"name": "frontend", "port": {"number": port["port"]}}
    assert shown["tls"] == [{"secretName": "shop", "hosts": ["shop.example.com"]}]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"services": {"cartservices": {"enabled": True}}}, "cartservices"),
        ({"service": {}}, "service"),
        ({"global": {"openShift": True}}, "openShift"),
        (on("cartservice", replica=2), "replica"),
        (on("cartservice", replicas="two"), "replicas"),
        (on("cartservice", port=70707), "port"),
        (on("cartservice", consumes={"REDIS_ADDR": "redis-cart"}), "REDIS_ADDR"),
        (on("cartservice", resources={"limits": {"memory": "1 GB"}}), "memory"),
        (on("cartservice", probe={"kind": "exec"}), "kind"),
        (on("frontend", service=False, route={"enabled": True}), "services.frontend: route and ingress"),
        (on("loadgenerator", service=True), "services.loadgenerator: a part without port"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(values: Any, said: str) -> None:
    with pytest.raises(Refused, match=said):
        render(values)
