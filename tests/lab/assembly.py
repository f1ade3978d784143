# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole lab as data: all parts of all clusters, and the files that they read."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from tests.lab import extensions, kubeconfig, ocm
from tests.lab.api import Api
from tests.lab.build import Binaries
from tests.lab.controlplane import ADMIN, ControlPlane
from tests.lab.errors import LabError
from tests.lab.extensions import Extension
from tests.lab.layout import CHECKOUT, Layout, private_dir
from tests.lab.part import Finish, Notice, Part, in_order
from tests.lab.pki import Pair
from tests.lab.ports import Ports
from tests.lab.topology import CLUSTERS, HUB, OPTIONAL

KUBELET_PORT = 10250


class Assembly:
    """The lab in one folder. Needs the programs to be known there (`Binaries.save`)."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._ports = Ports(layout.ports)
        binaries = Binaries.load(layout.binaries)
        self.planes = {each.name: ControlPlane(each, layout, binaries, self._ports) for each in (*CLUSTERS, *OPTIONAL)}
        self._extensions = {name: extensions.EXTENSIONS[name] for name in extensions.chosen(layout)}

    @property
    def hub(self) -> ControlPlane:
        return self.planes[HUB.name]

    def _planes_of(self, extension: Extension) -> dict[str, ControlPlane]:
        """Where an extension may run."""
        return {
            name: plane for name, plane in self.planes.items() if extension.in_optional or not plane.cluster.optional
        }

    def plane(self, cluster: str) -> ControlPlane:
        return self.planes[cluster]

    def api(self, cluster: str, identity: str = "admin") -> Api:
        """Open a cluster's API as one of its identities."""
        return Api.from_kubeconfig(Path(self.planes[cluster].identity(identity)), user_agent=f"lab-{identity}")

    def prepare(self, *optional: str) -> None:
        """Choose ports, make certificates, kubeconfigs and configuration files where they are not there yet.

        Of the optional clusters, for those that are named here, or have been before.
        """
        planes = [
            each
            for each in self.planes.values()
            if not each.cluster.optional or each.cluster.name in optional or each.is_prepared
        ]
        for plane in planes:
            plane.prepare()
            ocm.prepare(plane)
        for extension in self._extensions.values():
            for plane in self._planes_of(extension).values():
                if plane in planes:
                    extension.contents.prepare(plane)
        self.parts()
        self._ports.save()
        contexts = []
        for plane in planes:
            clients = plane.pki / "clients"
            pair = Pair((clients / "admin.crt").read_bytes(), (clients / "admin.key").read_bytes())
            contexts.append(plane.context(ADMIN, pair))
        kubeconfig.write(self.layout.kubeconfig, contexts)

    def require_free_ports(self) -> None:
        self._ports.require_free()

    def parts(self) -> dict[str, Part]:
        """All parts by key, each after what it needs."""
        parts: list[Part] = []
        for plane in self.planes.values():
            of_cluster = self._cluster_parts(plane)
            parts += map(_optional, of_cluster) if plane.cluster.optional else of_cluster
        hub = self.hub.cluster.name
        parts += ocm.hub_parts(self.hub)
        parts.append(own_part(self.hub, "admission", Finish(), (f"{hub}/ocm-webhook",), "setup", "admission", hub))
        parts.append(own_part(self.hub, "gitopscluster", Notice(), (f"{hub}/setup",), "gitops"))
        importer = own_part(self.hub, "import-controller", Notice(), (f"{hub}/setup",), "import_controller")
        parts.append(replace(importer, started_with="nothing"))
        for name in self._extensions:
            parts += self._extension_parts(name)
        by_key = {part.key: part for part in parts}
        return {key: by_key[key] for key in in_order(by_key)}

    def parts_of(self, extension: str, cluster: str) -> list[str]:
        """Keys of the parts that an extension has in a cluster. Raise LabError where it can not have any."""
        found = [part.key for part in self._extension_parts(extension) if part.cluster == cluster]
        if not found:
            raise LabError(f"the lab has no extension {extension} in {cluster}")
        return found

    def _extension_parts(self, name: str) -> list[Part]:
        """In an optional cluster they are started by their own names only."""
        if name not in self._extensions:
            return []
        extension = self._extensions[name]
        return [
            replace(part, started_with="nothing") if self.planes[part.cluster].cluster.optional else part
            for part in extension.contents.parts(self._planes_of(extension), self.hub)
        ]

    def _cluster_parts(self, plane: ControlPlane) -> list[Part]:
        name = plane.cluster.name
        parts = plane.parts()
        parts.append(own_part(plane, "setup", Finish(), (f"{name}/kube-apiserver",), "setup", "objects", name))
        kubelets = [
            f"--kubelet={node}={self._ports.of(f'{name}/kubelet-{node}', address, KUBELET_PORT)}"
            for node, address in plane.cluster.nodes.items()
        ]
        parts.append(own_part(plane, "nodes", Notice(), (f"{name}/setup",), "nodes", name, *kubelets))
        if plane.cluster.optional:
            operator = own_part(plane, "klusterlet-operator", Notice(), (f"{name}/setup",), "klusterlet", name)
            return [*parts, operator, self._agent_on_demand(plane)]
        needs = (f"{name}/registration-agent", f"{name}/kube-controller-manager")
        return [
            *parts,
            ocm.agent_part(plane, self.hub),
            own_part(plane, "join", Finish(), needs, "setup", "join", name),
        ]

    def _agent_on_demand(self, plane: ControlPlane) -> Part:
        """The registration agent of a cluster that is imported; the double of the klusterlet operator starts it."""
        part = ocm.agent_part(plane, self.hub)
        run = own_part(plane, part.name, Notice(), (), "klusterlet", plane.cluster.name, "--run-agent")
        return replace(part, argv=run.argv, env={**run.env, **part.env}, started_with="nothing")


def own_part(
    plane: ControlPlane, name: str, ready: Finish | Notice, needs: tuple[str, ...], module: str, *arguments: str
) -> Part:
    """A part that is one of the lab's own modules."""
    private_dir(plane.layout.cluster(plane.cluster.name))
    argv = (sys.executable, "-m", f"tests.lab.{module}", *arguments)
    environment = {"LAB_DIR": str(plane.layout.root), "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
    return Part(plane.cluster.name, name, argv, ready, needs, environment, grace_seconds=2)


def _optional(part: Part) -> Part:
    """A part that is started with its cluster at most."""
    return replace(part, started_with="cluster") if part.started_with == "all" else part
