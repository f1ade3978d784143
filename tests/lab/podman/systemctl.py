# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of systemd for a host that has none: ``systemctl`` that runs what is in the units, by the real podman.

Units of Quadlet become what its generator makes of them (podman-systemd.unit(5)): one ``podman run``. All that is asked
is written down. The program is this file, with the folder of its state in ``SYSTEMCTL_DOUBLE``.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

Section = dict[str, list[str]]
CHANGING = ("start", "stop", "restart", "enable", "disable", "daemon-reload")


def main() -> int:
    words = [each for each in sys.argv[1:] if not each.startswith("-") and each not in ("system", "user")]
    state = Path(os.environ["SYSTEMCTL_DOUBLE"])
    verb, unit = words[0], words[1] if len(words) > 1 else ""
    if verb in CHANGING:
        with open(state / "asked.jsonl", "a", encoding="utf-8") as asked:
            asked.write(json.dumps([verb, unit]) + "\n")
    name = unit.removesuffix(".service")
    if verb == "daemon-reload":
        for file in (state / "loaded").glob("*"):
            file.unlink()
        (state / "loaded").mkdir(exist_ok=True)
        for file in (state / "units").glob("*"):
            (state / "loaded" / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    elif verb == "show":
        loaded = _loaded(state, name) is not None
        active = "active" if _is_running(name) else "inactive"
        print(f"Id={unit}\nLoadState={'loaded' if loaded else 'not-found'}\nActiveState={active}")
    elif verb in ("is-enabled", "is-active"):
        good = (state / f"enabled-{name}").exists() if verb == "is-enabled" else _is_running(name)
        print(verb.removeprefix("is-") if good else "no")
        return 0 if good else 1
    elif verb == "enable":
        (state / f"enabled-{name}").touch()
    elif verb == "disable":
        (state / f"enabled-{name}").unlink(missing_ok=True)
    elif verb in ("start", "stop", "restart"):
        return _act(verb, name, _loaded(state, name))
    return 0


def _loaded(state: Path, name: str) -> Path | None:
    files = [state / "loaded" / f"{name}.{suffix}" for suffix in ("service", "container")]
    return next((each for each in files if each.exists()), None)


def _is_running(name: str) -> bool:
    answer = _podman("inspect", "--format", "{{.State.Running}}", name)
    return answer.stdout.strip() == "true"


def _act(verb: str, name: str, unit: Path | None) -> int:
    if unit is None:
        print(f"Unit {name}.service not found.", file=sys.stderr)
        return 5
    sections = parse(unit.read_text(encoding="utf-8"))
    if unit.suffix == ".container":
        # What Quadlet runs is removed when it ends.
        steps = [["rm", "--force", "--ignore", "--time=5", name]] if verb in ("stop", "restart") else []
        steps += [generated(sections["Container"])] if verb in ("start", "restart") else []
    else:
        service = sections["Service"]
        stop, start = (shlex.split(service[key][0])[2:] for key in ("ExecStop", "ExecStart"))
        steps = [stop] if verb in ("stop", "restart") else []
        steps += [[each for each in start if each != "--attach"]] if verb in ("start", "restart") else []
    for step in steps:
        answer = _podman(*step)
        if answer.returncode:
            print(answer.stderr, file=sys.stderr)
            return 1
    return 0


def parse(text: str) -> dict[str, Section]:
    sections: dict[str, Section] = {}
    for line in text.splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _equals, value = line.partition("=")
            current.setdefault(key, []).append(value)
    return sections


def generated(container: Section) -> list[str]:
    """As Quadlet's generator: options by their keys, PodmanArgs as they are, in the end image and command."""
    [name], [image] = container["ContainerName"], container["Image"]
    options = [f"--publish={each}" for each in container["PublishPort"]]
    options += [f"--volume={each}" for each in container["Volume"]]
    options += [f"--label={each}" for each in container["Label"]]
    options += [word for each in container["PodmanArgs"] for word in shlex.split(each)]
    command = [word.replace("$$", "$").replace("%%", "%") for word in shlex.split(container["Exec"][0])]
    return ["run", f"--name={name}", "--replace", "--rm", "--detach", *options, image, *command]


def _podman(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["podman", *words], capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
