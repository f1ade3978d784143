# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes through a gateway, and the names that it has. Pure.

Upstream: skupperproject/skupper 1.9.6 client/gateway.go, cmd/skupper/skupper_kube_gateway.go.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._client.errors import InputError

V1, V2 = "v1", "v2"
EXPOSE, BIND, FORWARD = "expose", "bind", "forward"
PROTOCOLS = {V1: ("tcp", "http", "http2"), V2: ("tcp",)}

PRIVILEGED = 1024
"""Ports below it can not be listened at without root's rights."""

# Upstream's rule; a container and the value of a label have to bear the name, too.
_GATEWAY = re.compile(r"[a-z]([a-z0-9.-]*[a-z0-9])?")
# DNS-1035: a Service of the cluster gets that name (k8s.io/apimachinery pkg/util/validation).
_ADDRESS = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_HOST_LABEL = re.compile(r"[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?", re.IGNORECASE)


class Binding(NamedTuple):
    """One port of a service of the network, and where it is on the side of the host."""

    address: str
    """Name of the service."""
    service_port: int
    host: str
    port: int
    protocol: str = "tcp"
    forwards: bool = False
    """Whether the host reaches the service through the gateway, instead of offering it."""

    def as_result(self) -> dict[str, Any]:
        """As a module's result has it."""
        return {
            "address": self.address,
            "service_port": self.service_port,
            "host": self.host,
            "port": self.port,
            "protocol": self.protocol,
            "mode": FORWARD if self.forwards else EXPOSE,
        }


def bindings(params: Mapping[str, Any]) -> list[Binding]:
    """What the options ask for.

    :raises InputError: an address, host, port or protocol that can not be.
    """
    address, host = str(params["address"]), str(params["host"])
    check_address(address)
    check_host(host)
    version, protocol = params["version"], params["protocol"]
    if protocol not in PROTOCOLS[version]:
        raise InputError("protocol", f"{protocol} is not known to Skupper {version}: use {PROTOCOLS[version][0]}")
    if not params["ports"]:
        raise InputError("ports", "is empty: name the service's port, or several")
    forwards = params["mode"] == FORWARD
    found = [Binding(address, *_port(text, index), protocol, forwards) for index, text in enumerate(params["ports"])]
    numbers = [binding.service_port for binding in found]
    for number in numbers:
        if numbers.count(number) > 1:
            raise InputError("ports", f"has port {number} of the service more than once")
    return [binding._replace(host=host) for binding in found]


def _port(text: str, index: int) -> tuple[int, str, int]:
    """Port of the service, a host to be filled in, port on the host's side."""
    field = f"ports[{index}]"
    service, colon, target = str(text).partition(":")
    if not service.isdigit() or (colon and not target.isdigit()):
        raise InputError(field, f"is {text!r}: give a port such as '6379', or service:target such as '6379:6380'")
    numbers = (int(service), int(target or service))
    for number in numbers:
        if not 0 < number < 65536:
            raise InputError(field, f"is {text!r}: a port is a number from 1 to 65535")
    return numbers[0], "", numbers[1]


def check_address(address: str) -> None:
    """Refuse what can not be the name of a service.

    :raises InputError: says the rule.
    """
    if len(address) > 63 or not _ADDRESS.fullmatch(address):
        raise InputError(
            "address",
            f"{address!r} can not be the name of a service: use lower case letters, digits and hyphens, begin with a "
            "letter, end with a letter or digit, 63 characters at most (DNS-1035 label), as a Service gets that name",
        )


def check_host(host: str) -> None:
    """Refuse what is neither a name nor an address.

    :raises InputError: says the rule.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.rstrip(".").split(".")
        looks_like_address = all(label.isdigit() for label in labels)
        if len(host) <= 253 and not looks_like_address and all(map(_HOST_LABEL.fullmatch, labels)):
            return
        raise InputError(
            "host", f"{host!r} is neither a DNS name nor an IP address; ports go into the option ports"
        ) from None


def check_name(name: str, is_default: bool = False) -> None:
    """Refuse what can not be the name of a gateway.

    :param is_default: made from the names of host and user.
    :raises InputError: says the rule.
    """
    if len(name) <= 63 and _GATEWAY.fullmatch(name):
        return
    made = " (made of the names of host and user)" if is_default else ""
    raise InputError(
        "name",
        f"{name!r}{made} can not be the name of a gateway: use lower case letters, digits, hyphens and dots, begin "
        "with a letter, end with a letter or digit, 63 characters at most",
    )


def default_name(hostname: str, user: str) -> str:
    """The name that upstream gives to the gateway of a user on a host."""
    return f"{hostname}-{''.join(user.lower().split())}"


def with_bindings(known: Sequence[Binding], wanted: Sequence[Binding]) -> list[Binding]:
    """All bindings of a gateway, those of the wanted address and direction replaced."""
    replaced = {(binding.address, binding.forwards) for binding in wanted}
    return [*(each for each in known if (each.address, each.forwards) not in replaced), *wanted]


def without_address(known: Sequence[Binding], address: str) -> list[Binding]:
    """All bindings of a gateway but those of an address."""
    return [binding for binding in known if binding.address != address]
