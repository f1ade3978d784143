# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of the program ``skmanage`` in a router's container (skupperproject/skupper-router tools/skmanage)."""

from __future__ import annotations

import argparse
import json
import socket
import ssl
import sys
import urllib.parse
from typing import Any

BUS = "amqp://0.0.0.0"
PORTS = {"amqp": 5672, "amqps": 5671}


class Failed(Exception):
    """What the program says before it ends."""


def main() -> int:
    arguments = _parser().parse_intermixed_args()
    try:
        result = _ask(arguments, _request(arguments))
    except (Failed, OSError, ValueError) as error:
        said = str(error) if isinstance(error, Failed) else f"ConnectionException: {error}"
        print(said, file=sys.stderr)
        return 1
    if arguments.operation != "DELETE":
        print(json.dumps(result, indent=None if arguments.indent < 0 else arguments.indent))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="skmanage")
    parser.add_argument("operation", type=str.upper)
    parser.add_argument("attributes", nargs="*", metavar="ATTR[=VALUE]")
    parser.add_argument("--type")
    parser.add_argument("--name")
    parser.add_argument("--indent", type=int, default=2)
    parser.add_argument("--stdin", action="store_true")
    parser.add_argument("-b", "--bus", default=BUS)
    parser.add_argument("-t", "--timeout", type=float, default=5)
    parser.add_argument("--ssl-certificate")
    parser.add_argument("--ssl-key")
    parser.add_argument("--ssl-trustfile")
    parser.add_argument("--ssl-disable-peer-name-verify", action="store_true")
    return parser


def _request(arguments: argparse.Namespace) -> dict[str, Any]:
    request = {"operation": arguments.operation, "type": arguments.type, "name": arguments.name, "attributes": {}}
    if arguments.stdin:
        request["attributes"] = json.load(sys.stdin)
        request["type"] = request["type"] or request["attributes"].pop("type", None)
    elif arguments.operation == "CREATE":
        for each in arguments.attributes:
            key, equals, value = each.partition("=")
            if not equals:
                raise Failed(f"ArgumentError: {each}: attributes are given as NAME=VALUE")
            request["attributes"][key] = value
    if not request["type"]:
        raise Failed("ArgumentError: no --type")
    if arguments.operation == "DELETE" and not request["name"]:
        raise Failed("ArgumentError: no --name")
    return request


def _ask(arguments: argparse.Namespace, request: dict[str, Any]) -> Any:
    bus = urllib.parse.urlsplit(arguments.bus if "//" in arguments.bus else f"//{arguments.bus}", scheme="amqp")
    host = bus.hostname or "127.0.0.1"
    address = (host, bus.port or PORTS.get(bus.scheme, PORTS["amqp"]))
    with socket.create_connection(address, arguments.timeout) as plain:
        connection: socket.socket = plain
        if bus.scheme == "amqps":
            connection = _context(arguments).wrap_socket(plain, server_hostname=host)
        connection.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(connection.makefile().read())
    if "problem" in answer:
        raise Failed(answer["problem"])
    result = answer["result"]
    if request["operation"] == "QUERY" and arguments.attributes:
        return [{key: each.get(key) for key in arguments.attributes} for each in result]
    return result


def _context(arguments: argparse.Namespace) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=arguments.ssl_trustfile)
    context.check_hostname = not arguments.ssl_disable_peer_name_verify
    if arguments.ssl_certificate:
        context.load_cert_chain(arguments.ssl_certificate, arguments.ssl_key)
    return context


if __name__ == "__main__":
    sys.exit(main())
