# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done, from what is wanted and what was found. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .desired import Router
from .files import FileChanges
from .management import BindingChanges, RouterState, compare
from .podman import Container


@dataclass(frozen=True)
class Found:
    """What was found on the host."""

    container: Container | None
    present: Mapping[str, str]
    """Contents of the wanted files, as far as they are there."""
    files: FileChanges
    state: RouterState | None
    """The running router; None where none runs."""
    has_image: bool = True
    units: Mapping[str, str] = field(default_factory=dict)
    """Units of ours that are there: content by path."""
    enabled: bool = True
    lingers: bool = True


@dataclass(frozen=True)
class Plan:
    """What is to be done."""

    container: str = ""
    """`created`, `replaced`, `started`, `restarted`, or nothing."""
    why: str = ""
    """Why, in words, where it is not plain."""
    pull: bool = False
    files: FileChanges = field(default_factory=FileChanges)
    units: Mapping[str, str] = field(default_factory=dict)
    """Units to be written: content by path."""
    stale_units: tuple[str, ...] = ()
    enable: bool = False
    linger: bool = False
    bindings: BindingChanges = field(default_factory=BindingChanges)
    """To be done to the router while it runs; one that starts reads them from its file."""

    @property
    def actions(self) -> list[str]:
        """One word for each kind of change."""
        done = {
            "pulled": self.pull,
            "wrote": bool(self.files.write or self.files.protect),
            "removed": bool(self.files.remove),
            "unit": bool(self.units or self.stale_units or self.enable),
            "linger": self.linger,
            self.container: bool(self.container),
            "unbound": bool(self.bindings.unbind),
            "bound": bool(self.bindings.bind),
        }
        return [word for word, is_so in done.items() if is_so]


def plan(router: Router, found: Found, boot: str, units: Mapping[str, str], restart: bool = False) -> Plan:
    """Decide.

    :param boot: how the router is to survive a reboot, one of `units.BOOTS`.
    :param units: the units that there should be: content by path.
    :param restart: restart the router whatever was found.
    """
    action, why = _container(router, found, boot)
    if restart and not action:
        action, why = "restarted", "asked for"
    live = not action and found.state is not None and found.state.answers
    return Plan(
        container=action,
        why=why,
        pull=action in ("created", "replaced") and not found.has_image,
        files=found.files,
        units={path: text for path, text in units.items() if found.units.get(path) != text},
        stale_units=tuple(path for path in found.units if path not in units),
        enable=boot == "unit" and not found.enabled,
        linger=boot in ("quadlet", "unit") and not found.lingers,
        bindings=compare(router.config.bindings, found.state.bindings) if live and found.state else BindingChanges(),
    )


def _container(router: Router, found: Found, boot: str) -> tuple[str, str]:
    container = found.container
    if container is None:
        return "created", ""
    if container.digest != router.digest(boot):
        return "replaced", "its configuration differs" if container.digest else "it was made by another program"
    if not container.running:
        # What has never run was made when something was wrong with the host, and may bear traces of that.
        return ("started", "") if container.has_run else ("replaced", "it has never run")
    if router.files_digest(found.present) != router.files_digest(router.files):
        # Nobody can tell whether the router has read what somebody else had written there.
        return "restarted", "its files were changed"
    if found.state is not None and not found.state.answers:
        return "restarted", "it does not answer"
    return "", ""
