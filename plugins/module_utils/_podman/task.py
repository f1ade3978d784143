# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of skupper_router: look, refuse or act, and tell what is there."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any, Callable

from .._client.errors import InputError
from .._task.task import Task
from . import files, units
from .carrying_out import Host, apply, remove_unit, trouble, wait_until_up
from .command import Command, execute
from .desired import Router, check_home, check_name, check_path, from_params
from .look import Look, Refused, kinds
from .management import Manager, RouterState
from .plan import Found, Plan, plan
from .podman import Podman, this_user
from .router_config import DEFAULT_MANAGEMENT


def run(task: Task) -> dict[str, Any]:
    """What the module does; plugins/modules/skupper_router.py says what it takes and returns."""
    return run_through(task, this_user(execute), execute)


def run_through(
    task: Task,
    podman: Podman,
    command: Command,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """The same, by given ways to the host."""
    host = Host(podman, units.Systemd(command, podman.rootless), task.warn, sleep, now)
    look = Look(task.params, host)
    state = task.params["state"]
    if state == "probed":
        return _probed(task, look, host)
    if state == "absent":
        return _absent(task, look, host)
    return _present(task, look, host)


def _probed(task: Task, look: Look, host: Host) -> dict[str, Any]:
    params = task.params
    home = check_home(params["home"]) if params["home"] else None
    config_file = check_path("config_file", params["config_file"]) if params["config_file"] else None
    config = look.config_on_disk(home, config_file, {str(k): str(v) for k, v in (params["env"] or {}).items()})
    state = None
    if params["name"] and config_file:
        manager = Manager(host.podman, params["name"], config.management if config else DEFAULT_MANAGEMENT)
        state = look.state(manager, kinds(config))
    return {**_told(task, look, state, home), "changed": False, "actions": [], "ports": look.ports(config)}


def _present(task: Task, look: Look, host: Host) -> dict[str, Any]:
    params = task.params
    router = from_params(params, check_home(params["home"]))
    ports, reached = _refuse(look, router)
    boot = look.offered.choose(params["boot"])
    manager = Manager(host.podman, router.name, router.config.management)
    found = look.found(router, boot)
    path, text = look.places.of(boot, router.name), units.wanted_text(router, boot, host.podman)
    wanted_units = {path: text} if path and text else {}
    todo = plan(router, found, boot, wanted_units, restart=params["state"] == "restarted")
    if boot == "policy" and todo.actions:
        task.warn(
            f"{look.where} has no systemd: router {router.name} is started after a reboot only where something runs "
            "`podman start --all --filter restart-policy=always`, as podman-restart.service does"
        )
    state = found.state
    if not task.check_mode:
        if todo.actions:
            task.progress(f"router {router.name}: {', '.join(todo.actions)}")
            apply(todo, router, boot, host, manager)
        state = _settled(task, router, host, manager, todo, found)
        if todo.actions:
            look.container = host.podman.container(router.name)
    result = {
        **_told(task, look, state, router.home, reached),
        "changed": bool(todo.actions),
        "actions": todo.actions,
        "ports": ports,
    }
    if task.diff_mode:
        result["diff"] = _diff(router, found, todo, boot)
    return result


def _settled(task: Task, router: Router, host: Host, manager: Manager, todo: Plan, found: Found) -> RouterState | None:
    """The router at the end: waited for where that is asked for, else as it is now."""
    asked = kinds(router.config)
    if not todo.actions and found.state is not None and not trouble(router, found.state):
        return found.state
    if task.params["wait"]:
        return wait_until_up(router, asked, host, manager, task.params["wait_timeout"], task.params["wait_sleep"])
    return manager.state(asked) if todo.actions else found.state


def _refuse(look: Look, router: Router) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Refuse what can not work, before anything is written."""
    if look.problems:
        raise Refused("; ".join(look.problems), problems=look.problems)
    look.refuse_foreign(router.name)
    ports = look.ports(look.config_on_disk(router.home, router.config_file, router.env))
    for port in ports:
        if not port["free"]:
            raise Refused(
                f"ports_free: {look.where} can not listen at {port['host'] or '*'}:{port['port']}: {port['by']}; "
                "give another port, or end what uses it",
                ports=ports,
            )
    reached = look.reach()
    for target in reached:
        if not target["ok"]:
            raise Refused(
                f"reach: {look.where} does not reach {target['host']}:{target['port']}: {target['message']}; open the "
                "way (DNS, route, firewall) from that host",
                reach=reached,
            )
    return ports, reached


def _absent(task: Task, look: Look, host: Host) -> dict[str, Any]:
    params = task.params
    name, home = check_name(params["name"]), check_home(params["home"])
    look.refuse_foreign(name)
    stale, container = look.own_units(name), look.container
    there = os.path.lexists(home)
    if look.version is None and there:
        task.warn(f"{look.where} has no podman that works: if container {name} is there, it remains")
    if not task.check_mode:
        for path in stale:
            remove_unit(path, host)
        if stale:
            host.systemd.control("daemon-reload")
        if container is not None:
            host.podman.remove(name)
        files.remove_home(home)
        look.container = None
    done = {"stopped": container is not None, "unit": bool(stale), "removed": there}
    actions = [word for word, is_so in done.items() if is_so]
    result = {**_told(task, look, None, None), "changed": bool(actions), "actions": actions, "ports": []}
    if task.diff_mode:
        before = {"container": container.as_dict() if container else None, "home": home if there else None}
        result["diff"] = {"before": _shown(before), "after": _shown({"container": None, "home": None})}
    return result


def _told(
    task: Task,
    look: Look,
    state: RouterState | None,
    home: str | None,
    reached: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """What every state returns."""
    paths = [check_path("read", path) for path in task.params["read"] or []]
    for path in paths:
        if path.endswith(".key"):
            raise InputError("read", f"{path} is a key, which is not told")
    return {
        "container": look.container.as_dict() if look.container else None,
        "router": state.as_dict() if state else None,
        "host": look.facts,
        "podman": look.podman(),
        "problems": look.problems,
        "reach": look.reach() if reached is None else reached,
        "read": {path: files.read(home, path) if home else None for path in paths},
    }


def _diff(router: Router, found: Found, todo: Plan, boot: str) -> dict[str, str]:
    """Names of files with digests, never contents."""
    container, state = found.container, found.state
    before: dict[str, Any] = {
        "files": {**files.digests(found.present), **dict.fromkeys(found.files.remove, "not wanted")},
        "container": {"image": container.image, "digest": container.digest, "running": container.running}
        if container
        else None,
    }
    after: dict[str, Any] = {
        "files": files.digests(router.files),
        "container": {"image": router.image, "digest": router.digest(boot), "running": True},
    }
    if container and not todo.container:
        after["container"]["image"] = container.image
    if todo.bindings and state:
        before["bindings"] = {" ".join(binding.key): None for binding in todo.bindings.bind}
        before["bindings"].update({" ".join(each.key): _kept(each, router) for each in todo.bindings.unbind})
        after["bindings"] = {" ".join(binding.key): dict(binding.attributes) for binding in todo.bindings.bind}
    return {"before": _shown(before), "after": _shown(after)}


def _kept(running: Any, router: Router) -> Mapping[str, str]:
    """Of what a router tells of a binding, the attributes that bindings are given."""
    given = {name for binding in router.config.bindings for name in binding.attributes} | {"address", "host", "port"}
    return {name: value for name, value in running.attributes.items() if name in given}


def _shown(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=2, sort_keys=True) + "\n"
