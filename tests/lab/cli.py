# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's commands."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import time
from typing import Any

from tests.lab import control, extensions
from tests.lab.build import WANTED, ensure
from tests.lab.errors import LabError
from tests.lab.lab import Lab
from tests.lab.layout import Layout
from tests.lab.podman import host, without
from tests.lab.process import last_lines
from tests.lab.tables import duration, megabytes, table
from tests.lab.topology import OPTIONAL

LOG_LINES = 40
SHORT_LOG_LINES = 5
"""Of each part, when no part is named."""


def main() -> int:
    arguments = _parser().parse_args()
    try:
        return int(arguments.run(arguments) or 0)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (LabError, OSError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def build(arguments: argparse.Namespace) -> None:
    began = time.monotonic()
    _clusters, chosen = _split(arguments.with_)
    wanted = (*WANTED, *extensions.programs(chosen))
    for name, file in ensure(wanted, _say, extensions.modules(chosen)).programs.items():
        print(f"{name}: {file}")
    print(f"programs ready after {duration(time.monotonic() - began)}")


def up(arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    layout = Layout.find()
    clusters, wanted = _split(arguments.with_)
    new = set(wanted) - set(extensions.chosen(layout))
    is_up = control.is_running(layout) and all(each["state"] in ("ready", "done") for each in Lab(layout).status())
    if is_up and not clusters and not new:
        print(f"the lab is up; KUBECONFIG={layout.kubeconfig}")
        return 0
    lab = Lab.up(_say, with_=wanted)
    for cluster in clusters:
        lab.add(cluster)
    parts = lab.status()
    print()
    print(table(("part", "ready after", "memory"), _summary(parts)))
    print()
    stages = [(name, duration(seconds)) for name, seconds in lab.timings.items()]
    print(table(("stage", "time"), [*stages, ("all", duration(time.monotonic() - began))]))
    print(f"\nthe lab is up; KUBECONFIG={lab.kubeconfig}")
    return 0


def down(_arguments: argparse.Namespace) -> None:
    layout = Layout.find()
    was_up = control.is_running(layout)
    Lab.down(layout)
    print("the lab is down; its data is kept" if was_up else "the lab was not running")


def wipe(_arguments: argparse.Namespace) -> None:
    layout = Layout.find()
    Lab.wipe(layout)
    print(f"nothing of the lab is running, and {layout.root} is gone")


def status(_arguments: argparse.Namespace) -> int:
    parts = Lab.running().status()
    header = ("part", "state", "pid", "for", "restarts", "memory", "cpu", "url")
    print(table(header, [_row(each) for each in parts]))
    for each in parts:
        if each["error"] and each["state"] not in ("ready", "done"):
            print(f"\n{each['part']} {each['error']}")
    return 0 if all(each["healthy"] for each in parts) else 1


def start(arguments: argparse.Namespace) -> None:
    Lab.running().start(*arguments.part)


def stop(arguments: argparse.Namespace) -> None:
    Lab.running().stop(*arguments.part, now=arguments.now)


def remove(arguments: argparse.Namespace) -> None:
    Lab.running().remove(arguments.cluster)


def restart(arguments: argparse.Namespace) -> None:
    Lab.running().restart(*arguments.part)


def logs(arguments: argparse.Namespace) -> int:
    layout = Layout.find()
    files = {"supervisor": layout.supervisor_log}
    for file in sorted((layout.root / "logs").glob("*/*.log")):
        files[f"{file.parent.name}/{file.stem}"] = file
    chosen = {key: file for key, file in files.items() if arguments.part in (None, key) and file.exists()}
    if not chosen:
        raise LabError(f"no log of {arguments.part or 'anything'}; there are: {', '.join(files)}")
    if arguments.follow:
        command = ["tail", "-n", str(LOG_LINES), "-F", *(str(file) for file in chosen.values())]
        return subprocess.run(command, check=False).returncode
    for key, file in chosen.items():
        if arguments.part:
            print(last_lines(file, LOG_LINES))
        else:
            print(f"==> {key} <==\n{last_lines(file, SHORT_LOG_LINES)}\n")
    return 0


def env(_arguments: argparse.Namespace) -> None:
    layout = Layout.find()
    for name, value in (("KUBECONFIG", layout.kubeconfig), ("LAB_DIR", layout.root)):
        print(f"export {name}={shlex.quote(str(value))}")


def limit(_arguments: argparse.Namespace) -> None:
    layout = Layout.find()
    if not host.is_there(layout):
        print(*without.arguments(layout))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description="Real control planes as plain processes.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(run: Any, explanation: str) -> argparse.ArgumentParser:
        command = commands.add_parser(run.__name__, help=explanation, description=explanation)
        command.set_defaults(run=run)
        return command

    building = add(build, "build the programs that are not in the cache yet")
    starting = add(up, "start what is not running, and wait until all of it is ready")
    optional = [each.name for each in OPTIONAL]
    explanation = (
        f"besides, extensions ({', '.join(extensions.EXTENSIONS)}), which the lab keeps until it is wiped, and "
        f"optional clusters ({', '.join(optional)}), which the hub does not manage yet; may be repeated"
    )
    for command in (building, starting):
        command.add_argument(
            "--with", dest="with_", action="extend", default=[], type=_names, metavar="NAME,…", help=explanation
        )
    add(remove, "end an optional cluster and remove its data").add_argument("cluster", choices=optional)
    add(down, "end all processes; keep the data")
    add(status, "show each part; exit 1 when one is not healthy")
    add(wipe, "end all processes and remove all data")
    add(env, "print shell commands that set KUBECONFIG")
    add(limit, "print the options by which ansible-playbook leaves out what this machine can not have")
    show = add(logs, "show the end of a part's log, or of all logs")
    show.add_argument("part", nargs="?", help="cluster/part, or supervisor")
    show.add_argument("-f", "--follow", action="store_true", help="go on as the log grows")
    changing = {
        start: "start parts and what they need",
        stop: "end parts; they stay down until they are started",
        restart: "stop and start parts",
    }
    for run, explanation in changing.items():
        command = add(run, explanation)
        command.add_argument("part", nargs="+", help="cluster/part, a whole cluster, or all")
        if run is stop:
            command.add_argument("--now", action="store_true", help="kill them, as a lost machine would")
    return parser


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _split(names: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Optional clusters and extensions among the names. LabError for one that is neither."""
    optional = [each.name for each in OPTIONAL]
    return [name for name in names if name in optional], extensions.checked(set(names) - set(optional))


def _summary(parts: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    rows = [(each["part"], duration(each["seconds"]), megabytes(each["rss"])) for each in parts]
    return [*rows, ("all", "", megabytes(sum(each["rss"] for each in parts)))]


def _row(part: dict[str, Any]) -> tuple[object, ...]:
    state = part["state"] if part["healthy"] or part["state"] != "ready" else "not answering"
    return (
        part["part"],
        state,
        part["pid"] or "-",
        duration(part["uptime"]),
        part["restarts"],
        megabytes(part["rss"]),
        duration(part["cpu"]) if part["pid"] else "-",
        part["url"],
    )


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)
