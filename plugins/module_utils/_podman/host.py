# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host that the router runs on: who and where we are, what can be reached from it, which ports are taken."""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import pwd
import socket
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

MACHINE_ID_FILES = ("/var/lib/dbus/machine-id", "/etc/machine-id")
UNPRIVILEGED = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
REACH_SECONDS = 5.0


def facts(gateway_name: str | None) -> dict[str, Any]:
    """What a caller needs to know of the host to name things.

    The machine's id stays here: machine-id(5) asks not to tell it, only what is derived from it.
    """
    account = pwd.getpwuid(os.geteuid())
    hostname = socket.gethostname()
    user = account.pw_name
    name = gateway_name or default_gateway_name(hostname, user)
    return {
        "hostname": hostname,
        "user": user,
        "uid": account.pw_uid,
        "gid": account.pw_gid,
        "home": account.pw_dir,
        "data_home": os.environ.get("XDG_DATA_HOME") or os.path.join(account.pw_dir, ".local", "share"),
        "gateway_name": name,
        "resource_name": resource_name(machine_id(), name),
        "free_port": free_port(),
    }


def default_gateway_name(hostname: str, user: str) -> str:
    """As skupperproject/skupper client/gateway.go names a gateway."""
    return hostname + "-" + "".join(user.lower().split())


def resource_name(machine: str, gateway_name: str) -> str:
    """Name of a gateway's objects in the cluster (skupperproject/skupper client/gateway.go, 1.0 and later)."""
    return "skupper-gateway-" + hmac.new(machine.encode(), gateway_name.encode(), hashlib.sha1).hexdigest()


def machine_id(files: Iterable[str] = MACHINE_ID_FILES) -> str:
    """The machine's id; empty where there is none, as upstream has it."""
    for name in files:
        if os.access(name, os.R_OK):
            with open(name, encoding="ascii", errors="replace") as file:
                return file.read().strip()
    return ""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def unprivileged_from() -> int:
    """The lowest port that a user may listen at."""
    try:
        with open(UNPRIVILEGED, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return 1024


def reach(targets: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Connect to each host and port, all at once; what came of it, in order."""
    wanted = list(targets)
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(_reach, wanted))


def _reach(target: Mapping[str, Any]) -> dict[str, Any]:
    host, port = target["host"], int(target["port"])
    message = ""
    try:
        socket.create_connection((host, port), REACH_SECONDS).close()
    except socket.gaierror as error:
        message = f"the name does not resolve ({error.strerror})"
    except socket.timeout:
        message = f"no answer within {REACH_SECONDS:.0f} s"
    except (OSError, OverflowError) as error:
        message = getattr(error, "strerror", None) or str(error)
    return {"host": host, "port": port, "ok": not message, "message": message}


def ports(wanted: Iterable[Mapping[str, Any]], own: Iterable[tuple[str, int]], rootless: bool) -> list[dict[str, Any]]:
    """Whether each host and port can be listened at.

    :param own: where the router that runs listens already; these count as free.
    """
    ours = {(_address(host), port) for host, port in own}
    lowest = unprivileged_from() if rootless else 0
    return [_port(entry["host"] or "", int(entry["port"]), ours, lowest) for entry in wanted]


def _port(host: str, port: int, ours: set[tuple[str, int]], lowest: int) -> dict[str, Any]:
    address = _address(host)
    if any(port == taken and (not address or not where or address == where) for where, taken in ours):
        by = ""
    elif port < lowest:
        by = f"root only: a container without root listens at {lowest} and above (net.ipv4.ip_unprivileged_port_start)"
    else:
        by = _taken(address, port)
    return {"host": host, "port": port, "free": not by, "by": by}


def _address(host: str) -> str:
    """One text for one address; empty for all of the host."""
    return {"0.0.0.0": "", "::": "", "localhost": "127.0.0.1"}.get(host, host)


def _taken(host: str, port: int) -> str:
    """Why nobody can listen there; empty where one can."""
    try:
        family, kind, protocol, name, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        del name
        with socket.socket(family, kind, protocol) as probe:
            # What a connection that has ended leaves behind for a minute is in nobody's way.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            return "another program listens there"
        return getattr(error, "strerror", None) or str(error)
    return ""
