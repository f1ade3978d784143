# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extension ``policy``: ACM's policy controllers as plain processes.

The propagator on the hub; framework add-on and config-policy-controller for each cluster, the hub's own included. Flags
and environment: main.go and tool/options.go of each, v0.19.0. Run as a script, it gives a cluster what they need.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from tests.lab import crds, objects
from tests.lab.api import Object
from tests.lab.assembly import Assembly, own_part
from tests.lab.controlplane import MASTERS, ControlPlane
from tests.lab.layout import Layout, private_dir
from tests.lab.ocm import ADDON_NAMESPACE
from tests.lab.part import Finish, Part, Probe

PROPAGATOR = "governance-policy-propagator"
FRAMEWORK = "governance-policy-framework-addon"
CONFIG_POLICY = "config-policy-controller"
MODULE = "open-cluster-management.io"

DEFINITIONS = {
    "hub": ((f"{MODULE}/{PROPAGATOR}", "deploy/crds/policy.open-cluster-management.io_*.yaml"),),
    "cluster": (
        (f"{MODULE}/{PROPAGATOR}", "deploy/crds/policy.open-cluster-management.io_policies.yaml"),
        (f"{MODULE}/{CONFIG_POLICY}", "deploy/crds/policy.open-cluster-management.io_configurationpolicies.yaml"),
    ),
}


def prepare(plane: ControlPlane) -> None:
    """Make the controllers' identities."""
    for name in (*([PROPAGATOR] if plane.cluster.is_hub else []), FRAMEWORK, CONFIG_POLICY):
        plane.add_identity(name, f"ocm:{name}", MASTERS)


def parts(planes: Mapping[str, ControlPlane], hub: ControlPlane) -> list[Part]:
    """Set-up and controllers of all clusters."""
    found = [_propagator(hub)]
    for plane in planes.values():
        # The namespaces that are called like the clusters are there once these have joined.
        needs = (f"{plane.cluster.name}/join",)
        found.append(own_part(plane, "policy-setup", Finish(), needs, "policy", plane.cluster.name))
        found += [_framework(plane, hub), _config_policy(plane)]
    return found


def _propagator(hub: ControlPlane) -> Part:
    argv = (
        hub.binaries[PROPAGATOR],
        f"--kubeconfig={hub.identity(PROPAGATOR)}",
        "--leader-elect=false",
        "--enable-webhooks=false",
        *_addresses(hub, PROPAGATOR),
    )
    environment = {"WATCH_NAMESPACE": "", "DISABLE_REPORT_METRICS": "true"}
    return _part(hub, PROPAGATOR, argv, environment)


def _framework(plane: ControlPlane, hub: ControlPlane) -> Part:
    argv = (
        plane.binaries[FRAMEWORK],
        f"--hub-cluster-configfile={hub.identity(FRAMEWORK)}",
        f"--managed-cluster-configfile={plane.identity(FRAMEWORK)}",
        f"--cluster-namespace={plane.cluster.managed_as}",
        f"--cluster-namespace-on-hub={plane.cluster.managed_as}",
        "--leader-elect=false",
        "--disable-gatekeeper-sync",
        *(["--on-multicluster-hub"] if plane.cluster.is_hub else []),
        *_addresses(plane, FRAMEWORK),
    )
    # It takes its own namespace from the pod's files unless it is told that there is no pod.
    return _part(plane, FRAMEWORK, argv, {"OSDK_FORCE_RUN_MODE": "local"})


def _config_policy(plane: ControlPlane) -> Part:
    argv = (
        plane.binaries[CONFIG_POLICY],
        "controller",
        f"--cluster-name={plane.cluster.managed_as}",
        "--leader-elect=false",
        "--enable-lease=false",
        "--enable-ocm-policy-namespace=false",
        *_addresses(plane, CONFIG_POLICY),
    )
    environment = {
        "KUBECONFIG": plane.identity(CONFIG_POLICY),
        "OSDK_FORCE_RUN_MODE": "local",
        "WATCH_NAMESPACE": plane.cluster.managed_as,
    }
    return _part(plane, CONFIG_POLICY, argv, environment)


def _addresses(plane: ControlPlane, part: str) -> tuple[str, str]:
    """The defaults of all three bind the same ports, some of them on all interfaces."""
    address = plane.cluster.address
    return (
        f"--metrics-bind-address={address}:{plane.port(f'{part}-metrics')}",
        f"--health-probe-bind-address={address}:{plane.port(part)}",
    )


def _part(plane: ControlPlane, name: str, argv: tuple[str, ...], environment: Mapping[str, str]) -> Part:
    ready = Probe(f"http://{plane.cluster.address}:{plane.port(name)}/readyz")
    temporary = {"TMPDIR": str(private_dir(plane.layout.work(f"{plane.cluster.name}/{name}") / "tmp"))}
    needs = (f"{plane.cluster.name}/policy-setup",)
    return Part(plane.cluster.name, name, argv, ready, needs, {**environment, **temporary})


def set_up(plane: ControlPlane) -> list[Object]:
    """Objects that the controllers of a cluster need.

    The framework add-on takes itself for uninstalled, and does nothing, where no Deployment of its name stands
    (its controllers/uninstall/watcher.go); the process runs outside of the cluster, so that one stands for it.
    """
    labels = {"app": FRAMEWORK}
    container = {"name": FRAMEWORK, "image": f"{FRAMEWORK}:lab"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": plane.cluster.managed_as}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": FRAMEWORK, "namespace": ADDON_NAMESPACE},
            "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
        },
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Set a cluster up for the policy controllers.")
    parser.add_argument("cluster")
    name = parser.parse_args().cluster
    assembly = Assembly(Layout.find())
    plane, api = assembly.plane(name), assembly.api(name, "setup")
    wanted = (*DEFINITIONS["cluster"], *(DEFINITIONS["hub"] if plane.cluster.is_hub else ()))
    definitions = {each["metadata"]["name"]: each for each in crds.load(plane.binaries, wanted)}
    objects.apply_crds(api, list(definitions.values()))
    objects.apply(api, set_up(plane))
    return 0


if __name__ == "__main__":
    sys.exit(main())
