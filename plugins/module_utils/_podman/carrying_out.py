# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out a plan. Each step leaves a state that the next run goes on from: an image is pulled before the running
router is touched, files are written while none runs that would read half of them, and the container's label says what
it was made from.
"""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Callable

from .._client.errors import InterconnectError
from .command import CommandError
from .desired import Router
from .files import FileError, carry_out, write_text
from .management import Manager, RouterState, compare, down
from .plan import Plan
from .podman import Container, Podman
from .units import Systemd, service

GIVE_UP_AFTER_RESTARTS = 3
UNIT_MODE = 0o644
LINGER_SECONDS = 10.0


class RouterDown(InterconnectError):
    """The router does not come up."""


@dataclass(frozen=True)
class Host:
    """Through what the host is changed, and how time passes there."""

    podman: Podman
    systemd: Systemd
    warn: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic


def apply(plan: Plan, router: Router, boot: str, host: Host, manager: Manager) -> None:
    """Carry out a plan.

    :raises InterconnectError: a step failed.
    """
    if plan.pull:
        host.podman.pull(router.image)
    if plan.linger:
        enable_linger(host)
    if plan.container in ("replaced", "restarted"):
        _end(plan, router, boot, host)
    carry_out(router.home, router.files, plan.files, [mount.source for mount in router.mounts])
    write_units(plan, host)
    if plan.container:
        _begin(plan, router, boot, host)
    if plan.enable or (boot == "unit" and plan.units):
        host.systemd.control("enable", "--now", service(router.name))
    if plan.bindings:
        manager.apply(plan.bindings)


def _end(plan: Plan, router: Router, boot: str, host: Host) -> None:
    if boot == "quadlet" and not plan.units:
        host.systemd.control("stop", service(router.name))
    if plan.container == "replaced":
        host.podman.remove(router.name)
    elif boot != "quadlet":
        host.podman.stop(router.name)


def _begin(plan: Plan, router: Router, boot: str, host: Host) -> None:
    if boot == "quadlet":
        host.systemd.control("restart", service(router.name))
    elif plan.container in ("created", "replaced"):
        host.podman.run(router, boot)
    else:
        host.podman.start(router.name)


def write_units(plan: Plan, host: Host) -> None:
    """Write and remove units, and have systemd read them.

    :raises FileError: the host does not allow it.
    """
    try:
        for path in plan.stale_units:
            remove_unit(path, host)
        for path, text in plan.units.items():
            write_text(path, text, UNIT_MODE)
    except OSError as error:
        raise FileError(f"{error.filename} can not be written: {error.strerror}; use become, or boot: none") from error
    if plan.units or plan.stale_units:
        host.systemd.control("daemon-reload")


def remove_unit(path: str, host: Host) -> None:
    """Stop and remove one unit; systemd is to read its units afterwards."""
    unit = os.path.basename(path)
    if unit.endswith(".service"):
        host.systemd.control("disable", "--now", unit)
    else:
        host.systemd.control("stop", unit.replace(".container", ".service"))
    os.unlink(path)


def enable_linger(host: Host) -> None:
    """Have the user's systemd run without a session, and wait until it does; warn where that is not allowed."""
    user = pwd.getpwuid(host.podman.uid).pw_name
    if not host.systemd.enable_linger(user):
        host.warn(
            f"user {user} may not have his services run without a session: run `loginctl enable-linger "
            f"{user}` as root, or the router is not started after a reboot"
        )
        return
    end = host.now() + LINGER_SECONDS
    while host.now() < end and not os.path.exists(f"/run/user/{host.podman.uid}/systemd/private"):
        host.sleep(0.2)


def wait_until_up(
    router: Router, entities: Iterable[str], host: Host, manager: Manager, timeout: float, pause: float
) -> RouterState:
    """Wait until the router answers, is connected to all that it should be, and has its bindings.

    :raises RouterDown: the time is up, or the container does not stay up; with what was seen last.
    """
    wanted = list(entities)
    begun = host.now()
    before = host.podman.container(router.name)
    while True:
        state = manager.state(wanted)
        lacks = trouble(router, state)
        if not lacks:
            return state
        container = host.podman.container(router.name)
        ends = container.restarts - before.restarts if container and before else 0
        left = begun + timeout - host.now()
        if container is None or ends >= GIVE_UP_AFTER_RESTARTS or left <= 0:
            message = f"router {router.name} is not up after {host.now() - begun:.0f} s: {'; '.join(lacks)}"
            raise RouterDown(message + _why(container, ends, host), router=state.as_dict())
        host.sleep(min(pause, max(0.1, left)))


def _why(container: Container | None, ends: int, host: Host) -> str:
    if container is None:
        return "; its container is gone"
    if container.running and not ends:
        return ""
    try:
        said = host.podman.last_words(container.id)
    except CommandError:
        said = ""
    return f"; its container does not stay up{f', and last said: {said}' if said else ''}"


def trouble(router: Router, state: RouterState) -> list[str]:
    """What the router lacks, in words."""
    if not state.answers:
        return [state.message]
    missing = compare(router.config.bindings, state.bindings)
    bindings = [f"{binding.entity} {binding.name} is not there" for binding in missing.bind]
    return [*down(state, router.config.dials), *bindings]
