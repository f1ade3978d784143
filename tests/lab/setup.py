# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab's controllers need to find in a cluster: run as one-shot parts, each as often as one likes.

``objects``: definitions and objects of a cluster. ``admission``: OCM's webhooks, once they answer. ``join``: wait until
the hub calls the cluster available, and give it what ACM's own add-ons would.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import sys
import time
from collections.abc import Callable

from tests.lab import crds, objects, ocm
from tests.lab.api import Api, Object, path
from tests.lab.assembly import Assembly
from tests.lab.controlplane import ControlPlane
from tests.lab.errors import LabError
from tests.lab.layout import Layout

MEMBER = crds.OWN / "member.yaml"
CLUSTER_API = "cluster.open-cluster-management.io/v1"
LEASE_API = "coordination.k8s.io/v1"
JOIN_SECONDS = 180.0
AGENT_SECONDS = 5.0
TOKEN_SECONDS = 30.0


def set_up_objects(plane: ControlPlane, api: Api) -> None:
    """Apply the definitions and objects that the cluster starts with."""
    wanted: tuple[tuple[str, str], ...] = crds.SPOKE
    if plane.cluster.is_hub:
        wanted = crds.HUB + crds.SPOKE
    elif plane.cluster.optional:
        wanted = crds.SPOKE + crds.OPERATOR
    definitions = {each["metadata"]["name"]: each for each in crds.load(plane.binaries, wanted)}
    objects.apply_crds(api, list(definitions.values()))
    files = ["cluster.yaml", "hub.yaml"] if plane.cluster.is_hub else ["cluster.yaml"]
    for file in files:
        objects.apply(api, objects.manifests(crds.OWN / file))
    if not plane.cluster.optional:
        set_up_member(api)


def set_up_member(api: Api) -> None:
    """Apply what a managed cluster has besides: the namespaces of its agents, and what ACM's add-ons bring."""
    objects.apply(api, objects.manifests(MEMBER))
    objects.apply(api, claims(api))


def claims(api: Api) -> list[Object]:
    """ClusterClaims as ACM's work-manager add-on makes them for a cluster that is not OpenShift."""
    values = {
        "id.k8s.io": str(api.get(path("v1", "namespaces", "kube-system"))["metadata"]["uid"]),
        "kubeversion.open-cluster-management.io": str(api.get("/version")["gitVersion"]),
        "platform.open-cluster-management.io": "Other",
        "product.open-cluster-management.io": "Other",
    }
    version = "cluster.open-cluster-management.io/v1alpha1"
    return [
        {"apiVersion": version, "kind": "ClusterClaim", "metadata": {"name": name}, "spec": {"value": value}}
        for name, value in values.items()
    ]


def set_up_admission(hub: ControlPlane, api: Api) -> None:
    """Register OCM's webhooks by URL."""
    ca = base64.b64encode((hub.pki / "ca.crt").read_bytes()).decode()
    wanted = objects.manifests(crds.OWN / "admission.yaml")
    for configuration in wanted:
        for webhook in configuration["webhooks"]:
            webhook["clientConfig"]["url"] = ocm.webhook_url(hub) + webhook["clientConfig"]["url"]
            webhook["clientConfig"]["caBundle"] = ca
    objects.apply(api, wanted)


def join(plane: ControlPlane, api: Api, hub_api: Api) -> None:
    """Wait until the cluster is available on the hub; label it, and hand over the credentials for Argo CD."""
    began = datetime.datetime.now(datetime.UTC)
    name = plane.cluster.managed_as
    target = path(CLUSTER_API, "managedclusters", name)
    ensure_managed(plane, hub_api)
    _wait_for(hub_api, name, _joined)
    spec = {"leaseDurationSeconds": ocm.LEASE_SECONDS}
    live = hub_api.merge(target, {"spec": spec})
    missing = {k: v for k, v in acm_labels(plane, api).items() if k not in live["metadata"].get("labels", {})}
    if missing:
        hub_api.merge(target, {"metadata": {"labels": missing}})
    hand_over_token(api, hub_api, name)
    _wait_for(hub_api, name, lambda live: is_available(hub_api, live, began))
    print(f"ManagedCluster {name} has joined and is available", flush=True)


def ensure_managed(plane: ControlPlane, hub_api: Api) -> None:
    """Make the ManagedCluster that the agent should have made, when it has not after ``AGENT_SECONDS``.

    An agent of OCM v1.2.1 whose certificate is signed while it still asks for its ManagedCluster for the first time
    abandons the making, and then waits for the object for good.
    """
    target = path(CLUSTER_API, "managedclusters", plane.cluster.managed_as)
    deadline = time.monotonic() + AGENT_SECONDS
    while hub_api.find(target) is None:
        if time.monotonic() > deadline:
            ca = base64.b64encode((plane.pki / "ca.crt").read_bytes()).decode()
            client = {"url": plane.url, "caBundle": ca}
            metadata = {"name": plane.cluster.managed_as}
            spec = {"hubAcceptsClient": True, "managedClusterClientConfigs": [client]}
            manifest = {"apiVersion": CLUSTER_API, "kind": "ManagedCluster", "metadata": metadata, "spec": spec}
            hub_api.apply(target, manifest)
            print(f"made ManagedCluster {plane.cluster.managed_as}, as its agent has not", flush=True)
        time.sleep(0.2)


def acm_labels(plane: ControlPlane, api: Api) -> dict[str, str]:
    """Labels that ACM's controllers put on a ManagedCluster (the hub's own by the multiclusterhub-operator).

    No ``feature.open-cluster-management.io/addon-*``: OCM's own controller removes those of add-ons that do not exist.
    """
    labels = {
        "name": plane.cluster.managed_as,
        "cloud": "Other",
        "vendor": "Other",
        "clusterID": str(api.get(path("v1", "namespaces", "kube-system"))["metadata"]["uid"]),
    }
    return labels | ({"local-cluster": "true"} if plane.cluster.is_hub else {})


def hand_over_token(api: Api, hub_api: Api, name: str) -> None:
    """Copy the application-manager's token to the cluster's namespace on the hub.

    There a ManagedServiceAccount of that name would have reported it.
    """
    source = path("v1", "secrets", "application-manager-token", ocm.ADDON_NAMESPACE)
    deadline = time.monotonic() + TOKEN_SECONDS
    while not (data := api.get(source).get("data", {})).get("token"):
        if time.monotonic() > deadline:
            raise LabError(f"{api.server}: Secret application-manager-token got no token from the controller-manager")
        time.sleep(0.2)
    labels = {"authentication.open-cluster-management.io/is-managed-serviceaccount": "true"}
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "application-manager", "namespace": name, "labels": labels},
        "data": {"token": data["token"], "ca.crt": data["ca.crt"]},
    }
    hub_api.apply(objects.target(secret), secret)


def is_available(hub_api: Api, live: Object, since: datetime.datetime) -> bool:
    """Whether the hub calls a ManagedCluster available, and its agent has renewed its lease since then.

    The condition alone may be left over from before the hub, or the agent, was stopped.
    """
    if objects.condition(live, "ManagedClusterConditionAvailable") != "True" or live["spec"].get("taints"):
        return False
    lease = hub_api.find(path(LEASE_API, "leases", "managed-cluster-lease", live["metadata"]["name"]))
    renewed = str(lease["spec"].get("renewTime", "")) if lease else ""
    return bool(renewed) and datetime.datetime.fromisoformat(renewed) > since


def _joined(live: Object) -> bool:
    wanted = ("HubAcceptedManagedCluster", "ManagedClusterJoined")
    return all(objects.condition(live, each) == "True" for each in wanted)


def _wait_for(hub_api: Api, name: str, met: Callable[[Object], bool]) -> None:
    deadline = time.monotonic() + JOIN_SECONDS
    while True:
        live = hub_api.find(path(CLUSTER_API, "managedclusters", name))
        if live and met(live):
            return
        if time.monotonic() > deadline:
            seen = live.get("status", {}).get("conditions") if live else "no such object"
            raise LabError(f"ManagedCluster {name} has not joined after {JOIN_SECONDS:.0f} s; last seen: {seen}")
        time.sleep(0.3)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["objects", "admission", "join"])
    parser.add_argument("cluster")
    arguments = parser.parse_args()
    assembly = Assembly(Layout.find())
    plane = assembly.plane(arguments.cluster)
    api = assembly.api(arguments.cluster, "setup")
    try:
        if arguments.step == "objects":
            set_up_objects(plane, api)
        elif arguments.step == "admission":
            set_up_admission(plane, api)
        else:
            join(plane, api, assembly.api(assembly.hub.cluster.name, "setup"))
    except (LabError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
