# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of the control planes: found, or built once from Go modules and kept.

A build is kept under the hash of what it was made from: the module's lock files and own sources, the Go version and
the link flags. Programs land in a temporary file that is renamed, and a lock keeps a second builder waiting, so that a
cache folder never shows half a program.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.gotool import ENVIRONMENT, Go
from tests.lab.process import die_with_parent

SOURCES = Path(__file__).resolve().parent / "go"
HEARTBEAT_SECONDS = 20.0

Report = Callable[[str], None]


@dataclass(frozen=True)
class Program:
    """One program that the lab can run."""

    module: str
    """Folder below ``go/``."""
    package: str
    usual_seconds: int
    """Cold build on two cores, for the progress lines."""
    stamp: str = ""
    """Module whose version is stamped into the program, as upstream's own build does."""
    ready_made: bool = False
    """May be taken from KUBEBUILDER_ASSETS or PATH."""
    extension: str = field(default="", repr=False)
    """Part of the lab that needs it, when not all of the lab does. Such programs are kept in a folder of their own, so
    that they do not change the hash of the others."""
    define: str = field(default="", repr=False)
    """``package.variable=value`` for the linker, as upstream's own build sets them, with spaces between."""


_KUBERNETES = "k8s.io/kubernetes"
_OCM = "open-cluster-management.io/ocm/cmd"
_POLICY = {
    "governance-policy-propagator": 310,
    "config-policy-controller": 24,
    "governance-policy-framework-addon": 22,
}
_SKUPPER = "github.com/skupperproject/skupper"
_VERSION = f"{_SKUPPER}/internal/version.Version=2.0.0"
"""The commit of the module's pseudo-version is tag 2.0.0; upstream's Makefile stamps the tag."""
_HELM = "helm.sh/helm/v3"
_HELM_VERSIONS = (
    f"{_HELM}/internal/version.version=v3.19.4 "
    f"{_HELM}/pkg/chartutil.k8sVersionMajor=1 {_HELM}/pkg/chartutil.k8sVersionMinor=34"
)
"""As upstream's Makefile sets them: the tag, and the Kubernetes of client-go, which charts are rendered for."""
PROGRAMS = {
    "etcd": Program("control", "go.etcd.io/etcd/server/v3", 25, ready_made=True),
    "kube-apiserver": Program("control", f"{_KUBERNETES}/cmd/kube-apiserver", 500, _KUBERNETES, ready_made=True),
    "kube-controller-manager": Program("control", f"{_KUBERNETES}/cmd/kube-controller-manager", 140, _KUBERNETES),
    "kube-scheduler": Program("control", f"{_KUBERNETES}/cmd/kube-scheduler", 15, _KUBERNETES),
    "placement": Program("control", f"{_OCM}/placement", 145),
    "registration": Program("control", f"{_OCM}/registration", 20),
    "ocm-webhook": Program("control", "./ocm-webhook", 10),
    **{name: Program("policy", f"open-cluster-management.io/{name}", seconds) for name, seconds in _POLICY.items()},
    "skupper-controller": Program("control", f"{_SKUPPER}/cmd/controller", 15, extension="skupper", define=_VERSION),
    "skupper": Program("control", f"{_SKUPPER}/cmd/skupper", 25, extension="skupper", define=_VERSION),
    "argocd": Program("control", "./argocd", 185, extension="argocd"),
    "helm": Program("helm", f"{_HELM}/cmd/helm", 60, define=_HELM_VERSIONS),
}
WANTED = tuple(name for name, program in PROGRAMS.items() if program.module == "control" and not program.extension)
"""What every lab needs. What an extension needs besides: `tests.lab.extensions`."""
MODULES = {"open-cluster-management.io/api": "control"}
"""Modules whose CRDs every lab applies, straight from the module cache, and the folder whose lock names the version."""


@dataclass(frozen=True)
class Binaries:
    """Where the programs and the sources of the CRDs are."""

    programs: dict[str, str]
    modules: dict[str, str]

    def save(self, path: Path) -> None:
        path.write_text(json.dumps({"programs": self.programs, "modules": self.modules}, indent=2))

    @classmethod
    def load(cls, path: Path) -> Binaries:
        return cls(**json.loads(path.read_text()))

    def __getitem__(self, program: str) -> str:
        return self.programs[program]


def cache_root() -> Path:
    """Folder of all kept builds."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "multicluster-interconnect" / "bin"


def cache_dir(module: str, go_version: str, extension: str = "") -> Path:
    """Folder of one Go module's programs (of one extension): named by the hash of all that they are made from."""
    digest = hashlib.sha256(go_version.encode())
    folder = SOURCES / module
    for source in sorted([folder / "go.mod", folder / "go.sum", *folder.glob("**/*.go")]):
        digest.update(f"\n{source.relative_to(folder)}\n".encode() + source.read_bytes())
    for name, program in sorted(PROGRAMS.items()):
        if (program.module, program.extension) == (module, extension):
            digest.update(f"\n{name} {program}{program.define}\n".encode())
    return cache_root() / digest.hexdigest()[:16]


def ready_made(name: str) -> str | None:
    """A program that the user brings: in KUBEBUILDER_ASSETS, else on PATH."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets and os.access(Path(assets) / name, os.X_OK):
        return str(Path(assets) / name)
    return shutil.which(name)


def link_flags(program: Program) -> str:
    """Flags for Go's linker. Kubernetes' programs say their version as in a release; else it would be v0.0.0."""
    flags = "-s -w" + "".join(f" -X {each}" for each in program.define.split())
    if program.stamp:
        lock = (SOURCES / program.module / "go.mod").read_text()
        found = re.search(rf"^\s*{re.escape(program.stamp)} v((\d+)\.(\d+)\.\S+)", lock, re.MULTILINE)
        if not found:
            raise LabError(f"{SOURCES / program.module / 'go.mod'} does not require {program.stamp}")
        values = {"gitVersion": f"v{found[1]}", "gitMajor": found[2], "gitMinor": found[3], "gitTreeState": "clean"}
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version"):
            flags += "".join(f" -X {package}.{key}={value}" for key, value in values.items())
    return flags


def ensure(
    wanted: Iterable[str] = WANTED, report: Report = print, modules: Mapping[str, str] | None = None
) -> Binaries:
    """Find or build the wanted programs, and find the sources of ``modules`` besides `MODULES`.

    Raise LabError when one can not be had.
    """
    programs: dict[str, str] = {}
    missing: dict[tuple[str, str], list[str]] = {}
    for name in wanted:
        brought = ready_made(name) if PROGRAMS[name].ready_made else None
        if brought:
            report(f"{name}: using {brought}")
            programs[name] = brought
        else:
            missing.setdefault((PROGRAMS[name].module, PROGRAMS[name].extension), []).append(name)
    go = Go()
    for (module, extension), names in missing.items():
        folder = cache_dir(module, go.version, extension)
        folder.mkdir(parents=True, exist_ok=True)
        if not all((folder / name).exists() for name in names):
            with _locked(folder, report):
                _build(go, [name for name in names if not (folder / name).exists()], folder, report)
        programs |= {name: str(folder / name) for name in names}
    return Binaries(programs, _modules(go, MODULES | dict(modules or {})))


def _modules(go: Go, wanted: Mapping[str, str]) -> dict[str, str]:
    """Folders of the modules with CRDs, remembered beside the programs."""
    remembered = cache_dir("control", go.version) / "modules.json"
    known: dict[str, str] = json.loads(remembered.read_text()) if remembered.exists() else {}
    missing = [module for module in wanted if not Path(known.get(module, "/nonexistent")).is_dir()]
    if not missing:
        return known
    known |= {module: go.module_dir(module, SOURCES / wanted[module]) for module in missing}
    remembered.parent.mkdir(parents=True, exist_ok=True)
    temporary = remembered.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps(known))
    temporary.replace(remembered)
    return known


@contextmanager
def _locked(folder: Path, report: Report) -> Iterator[None]:
    with open(folder / ".lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("another build of the same programs is under way; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(go: Go, names: list[str], folder: Path, report: Report) -> None:
    if not names:
        return
    usual = sum(PROGRAMS[name].usual_seconds for name in names)
    report(f"building {', '.join(names)} with {go.version}: about {usual} s on two cores when nothing is cached; once")
    for name in names:
        _build_one(go, name, folder / name, report)


def _build_one(go: Go, name: str, target: Path, report: Report) -> None:
    program, started = PROGRAMS[name], time.monotonic()
    temporary = target.with_name(f".{name}.{os.getpid()}.tmp")
    command = [go.program, "build", "-ldflags", link_flags(program), "-o", str(temporary), program.package]
    process = subprocess.Popen(
        command,
        cwd=SOURCES / program.module,
        env=os.environ | ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - one call into the C library, loaded beforehand
    )
    output: list[str] = []
    reader = threading.Thread(target=lambda: output.extend(process.stdout or ()), daemon=True)
    reader.start()
    try:
        while True:
            try:
                process.wait(HEARTBEAT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                elapsed, usual = time.monotonic() - started, program.usual_seconds
                late = "; the first program takes longest, it compiles what the others share" if elapsed > usual else ""
                report(f"{name}: {elapsed:.0f} s, usually about {usual} s on two cores{late}")
        reader.join()
        if process.returncode:
            raise LabError(f"building {name} failed:\n{''.join(output)[-4000:]}")
        temporary.replace(target)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        temporary.unlink(missing_ok=True)
    report(f"{name}: built in {time.monotonic() - started:.0f} s, {target.stat().st_size / 1e6:.0f} MB")
