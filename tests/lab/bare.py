# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One more control plane, of etcd and kube-apiserver only, for as long as a block of code runs."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.lab import build, crds, kubeconfig, objects
from tests.lab.api import Api
from tests.lab.audit import AuditLog
from tests.lab.controlplane import ADMIN, ControlPlane
from tests.lab.errors import LabError
from tests.lab.layout import Layout, private_dir
from tests.lab.part import Part, Probe
from tests.lab.pki import Pair
from tests.lab.ports import Ports
from tests.lab.probe import answers_now
from tests.lab.process import last_lines, spawn
from tests.lab.topology import Cluster

NUMBER = 9
"""Of the loopback block; several bare control planes share it and differ in their ports."""
READY_SECONDS = 90.0


@dataclass(frozen=True)
class Bare:
    """A running control plane without controllers, nodes or other clusters."""

    name: str
    url: str
    kubeconfig: Path
    """Admin kubeconfig with one context, called ``name``."""
    api: Api
    audit: AuditLog
    pids: dict[str, int]
    """Of etcd and kube-apiserver, for what they use."""


@contextmanager
def bare(name: str, folder: Path, *, with_crds: bool = True) -> Iterator[Bare]:
    """Run a control plane with its data in ``folder/name``, which is removed afterwards.

    ``with_crds``: apply the hub's CustomResourceDefinitions. Raise LabError when it does not get ready.
    """
    layout = Layout(private_dir(folder.absolute() / name))
    wanted = ("etcd", "kube-apiserver")
    plane = ControlPlane(
        Cluster(name, NUMBER, name), layout, build.ensure(wanted, report=lambda _: None), Ports(layout.ports)
    )
    plane.prepare()
    clients = plane.pki / "clients"
    admin = Pair((clients / "admin.crt").read_bytes(), (clients / "admin.key").read_bytes())
    kubeconfig.write(layout.kubeconfig, [plane.context(ADMIN, admin)])
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for part in (plane.etcd(), plane.kube_apiserver()):
            running[part.name] = _start(part, layout.log(part.key))
        api = Api.from_kubeconfig(layout.kubeconfig)
        if with_crds:
            objects.apply_crds(api, crds.load(plane.binaries, crds.HUB))
        audit = AuditLog(layout.audit_log(name), api)
        pids = {key: process.pid for key, process in running.items()}
        yield Bare(name, plane.url, layout.kubeconfig, api, audit, pids)
    finally:
        for process in reversed(running.values()):
            _end(process)
        shutil.rmtree(layout.root)
        with suppress(OSError):
            folder.rmdir()  # ours if it is empty now


def _start(part: Part, log: Path) -> subprocess.Popen[bytes]:
    assert isinstance(part.ready, Probe)
    process, _notice = spawn(part, log)
    deadline = time.monotonic() + READY_SECONDS
    while not answers_now(part.ready):
        if process.poll() is not None or time.monotonic() > deadline:
            _end(process)
            raise LabError(f"{part.key} did not get ready; end of its log:\n{last_lines(log)}")
        time.sleep(0.1)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
