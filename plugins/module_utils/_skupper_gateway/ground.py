# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host of a gateway: who and where one is there, and what stands in the way. Nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Callable

from .._client.errors import InputError, InterconnectError
from .._skupper.model import Endpoint
from .bindings import PRIVILEGED, Binding, check_name
from .host import Answer
from .job import GatewayJob

NOTHING = "Nothing was written"
USUAL_DATA = ".local/share"
"""Where a user's programs keep data, unless the environment of the host says otherwise."""


@dataclass(frozen=True)
class Ground:
    """What was found on the host."""

    answer: Answer
    name: str
    """Of the gateway."""
    home: str
    """Directory of the gateway's files."""

    @property
    def resource(self) -> str:
        """Name of the gateway's objects in the cluster; it tells apart gateways of one name on several hosts."""
        return str(self.answer.host.get("resource_name") or "")

    @property
    def user(self) -> str:
        """As whom the router runs in its container, so that nobody else need be let read the files."""
        return "keep-id" if self.answer.is_rootless else "root"


def look(
    job: GatewayJob, home_in: Callable[[str, Answer], str], container: Callable[[str], str] = str, /, **questions: Any
) -> Ground:
    """Look at the host; once where its directory can be told beforehand, else twice.

    :param home_in: the gateway's directory, of its name and of what is known of the host, with an Answer that knows
        nothing where that is to be guessed; empty where it can not be.
    :param container: the container's name, of the gateway's.
    :param questions: `read`, `reach` and the like of skupper_router.
    """
    name = str(job.params["name"] or "")
    if name:
        check_name(name)
    guess = home_in(name, Answer()) if name else ""
    given = {"name": container(name), "gateway_name": name} if name else {}
    answer = job.ask(state="probed", **given, **({"home": guess} if guess else {}), **questions)
    own = name or str(answer.host.get("gateway_name") or "")
    check_name(own, is_default=not name)
    home = home_in(own, answer)
    if _expanded(guess, answer) != home:
        answer = job.ask(state="probed", name=container(own), gateway_name=own, home=home, **questions)
    job.link = own
    return Ground(answer, own, home)


def _expanded(path: str, answer: Answer) -> str:
    return str(answer.host.get("home") or "") + path[1:] if path.startswith("~/") else path


def data_home(job: GatewayJob, answer: Answer) -> str:
    """Where the user's programs keep data on the host."""
    return str(job.params["data_home"] or answer.host.get("data_home") or f"~/{USUAL_DATA}").rstrip("/")


def refuse_host(job: GatewayJob, ground: Ground, edge: Endpoint | None, wanted: Sequence[Binding]) -> None:
    """Refuse what can not work on that host.

    In a check run podman may be installed by an earlier task, and the service be started by one: no error then.

    :raises InterconnectError: says what is in the way, and what to do.
    """
    answer = ground.answer
    if answer.problems:
        message = f"on the host: {'; '.join(answer.problems)}. {NOTHING}"
        if not job.check_mode:
            raise InterconnectError(message)
        job.task.warn(message)
    why = answer.unreachable(edge.host, edge.port) if edge else ""
    if edge and why:
        raise InterconnectError(
            f"the host does not reach the site at {edge.host}:{edge.port} ({why}): open that port for it, or give the "
            f"site an ingress that the host can reach (skupper_site_ingress). {NOTHING}"
        )
    for binding in wanted:
        if binding.forwards:
            _refuse_port(ground, binding)
        elif answer.unreachable(binding.host, binding.port) and not job.check_mode:
            job.task.warn(
                f"nothing answers at {binding.host}:{binding.port} on the host yet "
                f"({answer.unreachable(binding.host, binding.port)}): {binding.address} leads there"
            )


def _refuse_port(ground: Ground, binding: Binding) -> None:
    if binding.port < PRIVILEGED and ground.answer.is_rootless:
        raise InputError(
            "ports",
            f"{binding.port} is a port that only root can listen at, and podman is rootless for user "
            f"{ground.answer.host.get('user')}: choose a port from {PRIVILEGED} on, as in "
            f"'{binding.service_port}:{binding.service_port + 8000}', or use become. {NOTHING}",
        )
    taken = ground.answer.taken_by(binding.port)
    if taken:
        raise InputError("ports", f"{binding.port} is in use on the host by {taken}: choose another port. {NOTHING}")


def questions(edge: Endpoint | None, wanted: Sequence[Binding], ports: Sequence[int] = ()) -> dict[str, Any]:
    """What the host is asked: whether it reaches the site and the services, and which ports are free.

    :param ports: further ones of the loopback address.
    """
    reach = [{"host": edge.host, "port": int(edge.port)}] if edge else []
    reach += [{"host": each.host, "port": each.port} for each in wanted if not each.forwards]
    free = [{"host": each.host, "port": each.port} for each in wanted if each.forwards]
    return {"reach": reach, "ports_free": free + [{"host": "127.0.0.1", "port": port} for port in ports]}
