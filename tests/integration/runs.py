# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running Ansible as a user does, as a process of its own, and reading what each task returned."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.environments import DEVELOPMENT, Core
from tests.lab import Lab
from tests.lab.podman import host
from tests.tree import CHECKOUT

COLLECTION = "multicluster.interconnect"
AS_MODULE = "MULTICLUSTER_INTERCONNECT_AS_MODULE"
BOTH = ("inventories/boutique", "inventories/lab")
RUN_SECONDS = 420.0

Step = dict[str, Any]


@dataclass(frozen=True)
class TaskRun:
    """One task on one host, as the callback plugin `record` has seen it."""

    host: str
    name: str
    action: str
    status: str
    """ok, ignored (failed, and the run went on), failed, skipped, unreachable."""
    began: str
    """RFC 3339, UTC, microseconds: the form in which the audit log has times."""
    ended: str
    result: dict[str, Any]

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def failed(self) -> bool:
        return self.status in ("failed", "ignored", "unreachable")

    @property
    def message(self) -> str:
        return str(self.result.get("msg", ""))

    def __getitem__(self, key: str) -> Any:
        return self.result[key]


@dataclass
class Run:
    """A run of ansible-playbook that has ended."""

    returncode: int
    output: str
    """What the user has seen."""
    tasks: list[TaskRun] = field(repr=False)

    def task(self, name: str, host: str = "") -> TaskRun:
        """The one task of this name (without the name of its role), on a host if several ran it."""
        found = [each for each in self.tasks if _plain(each.name) == name and host in ("", each.host)]
        assert len(found) == 1, f"{len(found)} tasks {name!r} on {host or 'any host'}\n{self.output}"
        return found[0]

    @cached_property
    def changed(self) -> list[tuple[str, str]]:
        """Host and name of each task that says that it changed, or would change, something, sorted."""
        return sorted((each.host, _plain(each.name)) for each in self.tasks if each.changed)

    @property
    def failures(self) -> list[TaskRun]:
        """Tasks that ended their host's run."""
        return [each for each in self.tasks if each.status in ("failed", "unreachable")]

    def succeeded(self) -> Run:
        """The run itself; the test fails with its output when it has not succeeded."""
        assert self.returncode == 0, self.output
        return self


def _plain(name: str) -> str:
    return name.rpartition(" : ")[2]


def step(
    name: str, module: str, /, *, check: bool = False, environment: Mapping[str, str] | None = None, **args: Any
) -> Step:
    """One task of a play that goes on whatever it returns."""
    return {
        "name": name,
        module if "." in module else f"{COLLECTION}.{module}": args,
        "check_mode": check,
        "environment": dict(environment or {}),
        "diff": True,
        "ignore_errors": True,
    }


def triple(name: str, module: str, /, **args: Any) -> list[Step]:
    """The same task in a check run, for real, and once more."""
    return [
        step(f"check {name}", module, check=True, **args),
        step(name, module, **args),
        step(f"{name} again", module, **args),
    ]


class Ansible:
    """Runs playbooks against the lab.

    :param folder: for playbooks that are made here, and for what Ansible itself writes.
    :param as_module: have the modules run as ordinary modules instead of in the controller's process.
    """

    def __init__(self, lab: Lab, folder: Path, core: Core = DEVELOPMENT, as_module: bool = False) -> None:
        folder.mkdir(exist_ok=True)
        self._lab, self._folder, self._core = lab, folder, core
        self.as_module = as_module
        self._count = 0

    def steps(
        self,
        *steps: Step,
        cluster: str = "ca-central",
        kubeconfig: Path | None = None,
        auth: Mapping[str, Any] | None = None,
        arguments: Sequence[str] = (),
    ) -> Run:
        """Run tasks one after the other, whether they fail or not, as `context: cluster` of a kubeconfig.

        :param auth: connection options in place of that.
        """
        options = auth or {"kubeconfig": str(kubeconfig or self._lab.kubeconfig), "context": cluster}
        return self._start_steps(steps, options, arguments).wait()

    def start_steps(self, *steps: Step, cluster: str = "ca-central") -> Running:
        """Start such tasks."""
        return self._start_steps(steps, {"kubeconfig": str(self._lab.kubeconfig), "context": cluster}, ())

    def _start_steps(self, steps: Sequence[Step], options: Mapping[str, Any], arguments: Sequence[str]) -> Running:
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
            "module_defaults": {f"group/{COLLECTION}.all": dict(options)},
            "tasks": list(steps),
        }
        playbook = self._fresh("yml")
        playbook.write_text(json.dumps([play]))
        return self.start(playbook, *arguments, inventories=("localhost,",))

    def playbook(
        self,
        playbook: str | Path,
        *arguments: str,
        variables: Mapping[str, Any] | None = None,
        inventories: Sequence[str | Path] = BOTH,
        environment: Mapping[str, str] | None = None,
    ) -> Run:
        """Run a playbook to its end, by default over the reference inventory on the lab."""
        return self.start(
            playbook, *arguments, variables=variables, inventories=inventories, environment=environment
        ).wait()

    def start(
        self,
        playbook: str | Path,
        *arguments: str,
        variables: Mapping[str, Any] | None = None,
        inventories: Sequence[str | Path] = BOTH,
        environment: Mapping[str, str] | None = None,
    ) -> Running:
        """Start a playbook."""
        if inventories == BOTH and not host.is_there(self._lab.layout):
            inventories, variables = self._without_bare_metal(), {"skupper_services": [], **(variables or {})}
        words = [str(self._core.bin() / "ansible-playbook"), str(playbook)]
        words += [word for each in inventories for word in ("-i", str(each))]
        words += ["-e", json.dumps(dict(variables))] if variables else []
        record = self._fresh("jsonl")
        record.touch()
        return Running([*words, *arguments], {**self._environment(record), **(environment or {})}, record)

    def _without_bare_metal(self) -> tuple[str | Path, ...]:
        """The reference inventory where the machine has no podman, as the lab has said loudly.

        Without its Redis the application could not work, as the preflight would say.
        """
        from tests.integration.inventories import without  # noqa: PLC0415 - it needs this module's names

        return without(self._folder, "bare-metal", "skupper_gateways", "redis_hosts", "boutique_sites")

    def _fresh(self, suffix: str) -> Path:
        self._count += 1
        return self._folder / f"{self._count}.{suffix}"

    def _environment(self, record: Path) -> dict[str, str]:
        """The machine's own environment without what would lead to other clusters."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "ANSIBLE_"))}
        inherited.pop("KUBECONFIG", None)
        return {
            **inherited,
            "LC_ALL": "C.UTF-8",
            "PATH": f"{self._core.bin()}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "LAB_DIR": str(self._lab.layout.root),
            "PWD": str(self._folder),  # where reports go
            AS_MODULE: "1" if self.as_module else "",
            "ANSIBLE_HOME": str(self._folder / "home"),
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "RECORD_FILE": str(record),
        }


class Running:
    """A run of ansible-playbook."""

    def __init__(self, words: list[str], environment: dict[str, str], record: Path) -> None:
        self._record = record
        self._output = record.with_suffix(".txt")
        with open(self._output, "wb") as output:
            self._process = subprocess.Popen(
                words,
                cwd=CHECKOUT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # workers and modules can be killed along with it
            )

    def wait(self, timeout: float = RUN_SECONDS) -> Run:
        """The run, once it has ended."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"not done after {timeout:.0f} s:\n{self._text()}") from None
        return Run(self._process.returncode, self._text(), self.tasks())

    def tasks(self) -> list[TaskRun]:
        """What has been done so far."""
        lines = self._record.read_text(encoding="utf-8").splitlines(keepends=True)
        return [TaskRun(**json.loads(line)) for line in lines if line.endswith("\n")]

    def wait_until(self, reached: str, timeout: float = 60) -> None:
        """Return as soon as a task of this name has ended on some host."""
        deadline = time.monotonic() + timeout
        while not any(_plain(each.name) == reached for each in self.tasks()):
            assert self._process.poll() is None, f"ended before {reached!r}:\n{self._text()}"
            assert time.monotonic() < deadline, f"{reached!r} not reached after {timeout:.0f} s:\n{self._text()}"
            time.sleep(0.01)

    def shows(self, text: str) -> bool:
        """Whether the user has been shown these words."""
        return text in self._text()

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it and all of its workers at once, as a machine that fails."""
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _text(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")
