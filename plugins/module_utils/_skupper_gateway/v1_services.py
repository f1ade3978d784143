# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definition of a service in a v1 site's ConfigMap `skupper-services`, as a gateway needs it. Pure.

Each key is a service, whose value says who has defined it (`origin`): nobody in particular, annotations, or another
site. Format: skupperproject/skupper 1.9.6 api/types/types.go, ServiceInterface.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .._client.client import FIELD_MANAGER
from .._client.errors import InterconnectError
from .bindings import EXPOSE, Binding

SERVICES = "skupper-services"
"""ConfigMap."""
GATEWAY_LABEL = "internal.skupper.io/gateway"
"""Of a Service that a gateway has had made: the gateway's name."""


def parsed(config_map: Mapping[str, Any] | None, address: str) -> dict[str, Any] | None:
    """The definition of an address; None where there is none.

    :raises InterconnectError: what is there is no definition.
    """
    text = ((config_map or {}).get("data") or {}).get(address)
    if text is None:
        return None
    try:
        found: dict[str, Any] = {**json.loads(text)}
        found["ports"] = [int(port) for port in found.get("ports") or ()]
    except (ValueError, TypeError) as error:
        raise InterconnectError(
            f"ConfigMap {SERVICES} has no definition of a service under {address}, but something else: remove that key"
        ) from error
    return found


def wanted(bindings: Sequence[Binding]) -> dict[str, Any]:
    """The definition that a gateway makes of what it exposes, as upstream's does."""
    return {
        "address": bindings[0].address,
        "protocol": bindings[0].protocol,
        "ports": [binding.service_port for binding in bindings],
        "exposeIngress": "",
        "targets": None,
    }


def as_text(definition: Mapping[str, Any]) -> str:
    """The value of a key."""
    return json.dumps(definition, separators=(",", ":"))


def change(live: Mapping[str, Any] | None, bindings: Sequence[Binding], mode: str, place: str) -> str:
    """The value to write so that the service is there; empty where it is there already.

    :param place: the namespace and its cluster, for the message.
    :raises InterconnectError: the service is there and differs, or is not there and nobody asks for it to be made.
    """
    asked = wanted(bindings)
    address = asked["address"]
    if live is None:
        if mode != EXPOSE:
            raise InterconnectError(
                f"address: there is no service {address} in {place}, and mode: {mode} makes none: use mode: {EXPOSE}, "
                "or define the service first (skupper_services). Nothing was written"
            )
        return as_text(asked)
    differences = [key for key in ("protocol", "ports") if _comparable(live, key) != _comparable(asked, key)]
    if not differences:
        return ""
    if mode == EXPOSE and is_free(live):
        return as_text({**live, **{key: asked[key] for key in differences}})
    have = f"ports {', '.join(map(str, live['ports']))}, {live.get('protocol') or 'tcp'}"
    raise InterconnectError(
        f"{'ports' if 'ports' in differences else 'protocol'}: service {address} of {place} is there with {have} "
        f"({_owner(live, mode)}): give the same ports and protocol here, or change them there. Nothing was written"
    )


def _comparable(definition: Mapping[str, Any], key: str) -> Any:
    return sorted(definition["ports"]) if key == "ports" else definition.get(key) or "tcp"


def _owner(live: Mapping[str, Any], mode: str) -> str:
    origin = str(live.get("origin") or "")
    if origin == "annotation":
        return "from annotations of a workload"
    if origin:
        return f"from the site with id {origin}"
    return "it has other targets, too" if live.get("targets") else f"which mode: {mode} does not change"


def is_free(definition: Mapping[str, Any]) -> bool:
    """Whether nothing but gateways may be behind it: it was made here, and has no targets."""
    return not definition.get("origin") and not definition.get("targets")


def made_here(config_map: Mapping[str, Any] | None, address: str) -> bool:
    """Whether the key was written by a gateway of ours: by a patch, not by an apply as role skupper_network does it."""
    entries = ((config_map or {}).get("metadata") or {}).get("managedFields") or []
    return any(
        entry.get("manager") == FIELD_MANAGER
        and entry.get("operation") == "Update"
        and f"f:{address}" in ((entry.get("fieldsV1") or {}).get("f:data") or {})
        for entry in entries
    )
