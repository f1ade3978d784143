# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents of the extension ``skupper``: in every cluster the real controller 2.0.0, as a plain process; doubles of v1.

In each cluster stands what upstream's manifest installs (config/base/manager.yaml): namespace ``skupper``, Deployment
``skupper-controller``. Its pod is pretended; the process runs beside it and takes the pod's name for its own, because
it configures its grant server from its pod and owns what it makes through its Deployment (internal/kube/grants
autoconfigure.go, internal/kube/controller controller.go). The process is run by the supervisor, so a controller that
is away is tested with ``stop ca-toronto/skupper-controller``, not by scaling the Deployment.

The grant server can not be told an address: it listens on its port on all interfaces (internal/kube/grants config.go),
with TLS, and answers only who knows a grant's code.

Beside it stand the objects of Skupper v1's site-controller, and its double (`tests.lab.skupper.v1.site_controller`).

Run as a script: ``setup`` applies definitions and objects, ``run`` becomes the controller, ``grants`` waits until
AccessGrants can be redeemed.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from tests.lab import crds, objects
from tests.lab.api import Api, Object, path
from tests.lab.assembly import Assembly, own_part
from tests.lab.controlplane import MASTERS, ControlPlane
from tests.lab.errors import LabError
from tests.lab.layout import Layout
from tests.lab.part import Finish, Notice, Part
from tests.lab.process import say_ready
from tests.lab.skupper.v1.service_controller import IDENTITY as V1_SERVICE_CONTROLLER
from tests.lab.skupper.v1.site_controller import IDENTITY as V1_SITE_CONTROLLER

NAMESPACE = "skupper"
NAME = "skupper-controller"
GROUP = "skupper.io/v2alpha1"
GRANT_SERVER = "skupper-grant-server"
DEFINITIONS = (("github.com/skupperproject/skupper", "api/types/crds/*.yaml"),)
V1_MANIFEST = Path(__file__).parents[1] / "manifests" / "skupper-site-controller.yaml"
WAIT_SECONDS = 90.0
T = TypeVar("T")


def prepare(plane: ControlPlane) -> None:
    """Make the identities of the controller and the load balancers."""
    plane.add_identity(NAME, "skupper:controller", MASTERS)
    plane.add_identity("load-balancer", "lab:load-balancer", MASTERS)
    plane.add_identity(V1_SITE_CONTROLLER, "skupper:site-controller", MASTERS)
    plane.add_identity(V1_SERVICE_CONTROLLER, "skupper:service-controller", MASTERS)
    grant_port(plane)


def grant_port(plane: ControlPlane) -> int:
    """Of the grant server, which listens on all interfaces: one that is free on each, and no other cluster's."""
    return plane.ports.of(f"{plane.cluster.name}/{GRANT_SERVER}", "0.0.0.0")


def parts(planes: Mapping[str, ControlPlane], _hub: ControlPlane) -> list[Part]:
    """Set-up, load balancers and controller of each cluster."""
    found = []
    for plane in planes.values():
        name = plane.cluster.name
        module = "skupper.controller"
        ready = (f"{name}/skupper-setup", f"{name}/nodes", f"{name}/kube-scheduler", f"{name}/kube-controller-manager")
        found += [
            own_part(plane, "load-balancer", Notice(), (f"{name}/setup",), "load_balancer", name),
            own_part(plane, "skupper-setup", Finish(), (f"{name}/setup",), module, "setup", name),
            own_part(plane, NAME, Notice(), ready, module, "run", name),
            own_part(
                plane, "skupper-grants", Finish(), (f"{name}/{NAME}", f"{name}/load-balancer"), module, "grants", name
            ),
            own_part(
                plane, V1_SITE_CONTROLLER, Notice(), (f"{name}/skupper-setup",), "skupper.v1.site_controller", name
            ),
        ]
    return found


def deployment() -> list[Object]:
    """Namespace and Deployment of the controller."""
    labels = {
        "app.kubernetes.io/name": NAME,
        "app.kubernetes.io/part-of": "skupper",
        "application": NAME,
        "skupper.io/component": "controller",
    }
    container = {"name": "controller", "image": "skupper/controller:2.0.0"}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": NAME, "namespace": NAMESPACE},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"application": NAME}},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            },
        },
    ]


def set_up(plane: ControlPlane, api: Api) -> None:
    """Apply what upstream's manifest installs."""
    objects.apply_crds(api, crds.load(plane.binaries, DEFINITIONS))
    objects.apply(api, deployment())
    objects.apply(api, objects.manifests(V1_MANIFEST))


def run(plane: ControlPlane, api: Api) -> None:
    """Become the controller, in the name of its pod. Does not return."""
    pods = path("v1", "pods", namespace=NAMESPACE, labelSelector=f"application={NAME}")

    def running() -> str | None:
        live = [each for each in api.items(pods) if "deletionTimestamp" not in each["metadata"]]
        return next((each["metadata"]["name"] for each in live if objects.condition(each, "Ready") == "True"), None)

    pod = _wait_for(running, f"{NAMESPACE}/{NAME} has no ready pod")
    environment = os.environ | {"HOSTNAME": pod, "NAMESPACE": NAMESPACE, "CONTROLLER_NAME": NAME}
    argv = (
        NAME,
        f"-kubeconfig={plane.identity(NAME)}",
        "-enable-grants",
        "-grant-server-autoconfigure",
        f"-grant-server-port={grant_port(plane)}",
    )
    say_ready()  # it has no health endpoint; `grants` waits for what it does
    os.execve(plane.binaries[NAME], argv, environment)


def wait_for_grants(api: Api) -> None:
    """Return when the grant server has an address and accepts connections there."""
    target = path(GROUP, "securedaccesses", GRANT_SERVER, NAMESPACE)

    def serving() -> bool | None:
        live = api.find(target)
        endpoints = live.get("status", {}).get("endpoints") if live else None
        if not endpoints:
            return None
        try:
            socket.create_connection((endpoints[0]["host"], int(endpoints[0]["port"])), 2).close()
        except OSError:
            return None
        return True

    _wait_for(serving, f"SecuredAccess {GRANT_SERVER} can not be reached")


def _wait_for(ask: Callable[[], T | None], problem: str) -> T:
    deadline = time.monotonic() + WAIT_SECONDS
    while (answer := ask()) is None:
        if time.monotonic() > deadline:
            raise LabError(f"{problem} after {WAIT_SECONDS:.0f} s")
        time.sleep(0.3)
    return answer


def main() -> int:
    parser = argparse.ArgumentParser(description="Skupper's controller in one cluster of the lab.")
    parser.add_argument("step", choices=["setup", "run", "grants"])
    parser.add_argument("cluster")
    arguments = parser.parse_args()
    assembly = Assembly(Layout.find())
    plane, api = assembly.plane(arguments.cluster), assembly.api(arguments.cluster, "setup")
    try:
        if arguments.step == "setup":
            set_up(plane, api)
        elif arguments.step == "run":
            run(plane, api)
        else:
            wait_for_grants(api)
    except (LabError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
