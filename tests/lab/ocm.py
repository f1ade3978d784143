# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open Cluster Management's own controllers, agents and webhook as plain processes.

Flags: open-cluster-management.io/ocm@v1.2.1:pkg/common/options/options.go, pkg/cmd/hub, pkg/cmd/spoke.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.lab.controlplane import MASTERS, ControlPlane
from tests.lab.layout import private_dir, write_private
from tests.lab.part import Part, Probe

AGENT = "registration-agent"
HUB_NAMESPACE = "open-cluster-management-hub"
AGENT_NAMESPACE = "open-cluster-management-agent"
ADDON_NAMESPACE = "open-cluster-management-agent-addon"
BOOTSTRAP_USER = "lab:bootstrap"
"""Who an agent is on the hub until its own certificate is signed; its requests are approved without a human."""

HUB_IDENTITIES = {
    "ocm-placement": ("ocm:placement", MASTERS),
    "ocm-registration": ("ocm:registration", MASTERS),
    "ocm-webhook": ("ocm:webhook", MASTERS),
    "bootstrap": (BOOTSTRAP_USER, ()),
    "gitopscluster": ("lab:gitopscluster", MASTERS),
    "import-controller": ("lab:import-controller", MASTERS),
}
AGENT_IDENTITIES = {"ocm-agent": ("ocm:agent", MASTERS)}

LEASE_SECONDS = 5
"""ManagedCluster's spec.leaseDurationSeconds: the hub gives a cluster up after five times this, so that a test need not
wait the five minutes of the default."""
HEALTH_CHECK_SECONDS = 10


def hub_parts(hub: ControlPlane) -> list[Part]:
    """Controllers and webhook of the hub."""
    setup = f"{hub.cluster.name}/setup"
    placement = _controller(hub, "placement", "placement", "ocm-placement", (setup,), ())
    approval = ("--feature-gates=ManagedClusterAutoApproval=true", f"--auto-approved-csr-users={BOOTSTRAP_USER}")
    # The agents' and controllers' writes to ManagedClusters pass through the webhook from the first one on.
    admission = f"{hub.cluster.name}/admission"
    registration = _controller(hub, "registration", "registration", "ocm-registration", (admission,), approval)
    return [placement, registration, _webhook(hub)]


def agent_part(spoke: ControlPlane, hub: ControlPlane) -> Part:
    """The registration agent of one cluster: runs in the spoke's name, with the hub's bootstrap credentials."""
    name, key = AGENT, f"{spoke.cluster.name}/{AGENT}"
    agent = Agent(spoke.cluster.managed_as, spoke.cluster.name, hub.identity("bootstrap"), (spoke.url,))
    needs = (f"{spoke.cluster.name}/setup", f"{hub.cluster.name}/registration-controller")
    ready = spoke.probe(name, "/healthz")
    return Part(spoke.cluster.name, name, agent_command(spoke, agent), ready, needs, _temporary(spoke, key))


@dataclass(frozen=True)
class Agent:
    """What a Klusterlet says of the registration agent."""

    cluster_name: str
    id: str
    bootstrap_kubeconfig: str
    """Path."""
    server_urls: tuple[str, ...]
    """By which the hub reaches the cluster."""
    namespace: str = AGENT_NAMESPACE


def agent_command(spoke: ControlPlane, agent: Agent) -> tuple[str, ...]:
    """How to run a registration agent."""
    folder = private_dir(spoke.layout.work(f"{spoke.cluster.name}/{AGENT}") / "hub-kubeconfig")
    return (
        spoke.binaries["registration"],
        "agent",
        f"--spoke-cluster-name={agent.cluster_name}",
        f"--agent-id={agent.id}",
        f"--namespace={agent.namespace}",
        f"--bootstrap-kubeconfig={agent.bootstrap_kubeconfig}",
        f"--hub-kubeconfig-dir={folder}",
        f"--kubeconfig={spoke.identity('ocm-agent')}",
        f"--spoke-kubeconfig={spoke.identity('ocm-agent')}",
        *([f"--spoke-external-server-urls={','.join(agent.server_urls)}"] if agent.server_urls else []),
        f"--cluster-healthcheck-period={HEALTH_CHECK_SECONDS}s",
        "--feature-gates=AddonManagement=false",
        *_serving(spoke, AGENT),
    )


def prepare(plane: ControlPlane) -> None:
    """Make the identities that OCM's processes use in one cluster."""
    for name, (user, groups) in (HUB_IDENTITIES if plane.cluster.is_hub else {}).items():
        plane.add_identity(name, user, groups)
    for name, (user, groups) in AGENT_IDENTITIES.items():
        plane.add_identity(name, user, groups)


def webhook_url(hub: ControlPlane) -> str:
    return f"https://{hub.cluster.address}:{hub.port('ocm-webhook', 9443)}"


def _controller(
    hub: ControlPlane, program: str, name: str, identity: str, needs: tuple[str, ...], flags: tuple[str, ...]
) -> Part:
    part = f"{name}-controller"
    argv = (
        hub.binaries[program],
        "controller",
        f"--kubeconfig={hub.identity(identity)}",
        f"--namespace={HUB_NAMESPACE}",
        *flags,
        *_serving(hub, part),
    )
    environment = _temporary(hub, f"{hub.cluster.name}/{part}")
    return Part(hub.cluster.name, part, argv, hub.probe(part, "/healthz"), needs, environment)


def _serving(plane: ControlPlane, part: str) -> tuple[str, ...]:
    """Flags for the health endpoint, with a certificate of the lab: these programs sign their own otherwise."""
    file = plane.layout.work(f"{plane.cluster.name}/{part}") / "serving.json"
    serving = {"certFile": f"{plane.pki}/serving.crt", "keyFile": f"{plane.pki}/serving.key", "bindNetwork": "tcp4"}
    config = {"apiVersion": "operator.openshift.io/v1alpha1", "kind": "GenericOperatorConfig", "servingInfo": serving}
    write_private(file, json.dumps(config))
    return (
        f"--config={file}",
        f"--listen={plane.cluster.address}:{plane.port(part)}",
        "--disable-leader-election",
    )


def _webhook(hub: ControlPlane) -> Part:
    health = f"{hub.cluster.address}:{hub.port('ocm-webhook-health')}"
    certificates = hub.layout.work(f"{hub.cluster.name}/ocm-webhook")
    write_private(certificates / "tls.crt", (hub.pki / "serving.crt").read_bytes())
    write_private(certificates / "tls.key", (hub.pki / "serving.key").read_bytes())
    argv = (
        hub.binaries["ocm-webhook"],
        f"--kubeconfig={hub.identity('ocm-webhook')}",
        f"--host={hub.cluster.address}",
        f"--port={hub.port('ocm-webhook', 9443)}",
        f"--cert-dir={certificates}",
        f"--health-address={health}",
    )
    needs = (f"{hub.cluster.name}/setup",)
    return Part(hub.cluster.name, "ocm-webhook", argv, Probe(f"http://{health}/readyz"), needs, url=webhook_url(hub))


def _temporary(plane: ControlPlane, key: str) -> dict[str, str]:
    """Keep what a process leaves in TMPDIR inside the lab's folder, so that a wipe takes it along."""
    return {"TMPDIR": str(private_dir(plane.layout.work(key) / "tmp"))}
