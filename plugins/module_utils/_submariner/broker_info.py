# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file broker-info.subm, by which clusters join a broker: its format. Pure functions.

Upstream: subctl pkg/broker/file.go, info.go. URL-safe base64 of a JSON object whose keys are the names of Go's fields,
as most of upstream's struct tags do not parse; Go reads them in any letter case, and so do we.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._client.errors import InterconnectError
from .names import PSK_KEY, PSK_SECRET, SERVICE_DISCOVERY

TOKEN_TYPE = "kubernetes.io/service-account-token"


class BrokerInfoError(InterconnectError):
    """What was read is no broker-info.subm."""


@dataclass(frozen=True)
class BrokerInfo:
    """What a cluster needs to join a broker. All of it is secret but the URL and the namespace."""

    broker_url: str
    namespace: str
    """Of the broker, on its cluster."""
    token: str
    ca_pem: bytes
    """The CA of the broker's API server; empty where that is one that systems trust."""
    psk: bytes
    """The key of the tunnels."""
    components: tuple[str, ...] = ()
    """Sorted."""
    custom_domains: tuple[str, ...] = ()
    token_secret: str = ""
    """Name of the Secret that the token is from."""

    @property
    def secrets(self) -> set[str]:
        """Values that must not be shown."""
        values = {self.token, _base64(self.token.encode()), _base64(self.psk), self.encode()}
        return {value for value in values if value}

    def encode(self) -> str:
        """The content of the file."""
        return base64.urlsafe_b64encode(json.dumps(self._document()).encode()).decode()

    def _document(self) -> dict[str, Any]:
        data = {"namespace": _base64(self.namespace.encode()), "token": _base64(self.token.encode())}
        if self.ca_pem:
            data["ca.crt"] = _base64(self.ca_pem)
        metadata = {"name": self.token_secret, "namespace": self.namespace}
        document: dict[str, Any] = {
            "brokerURL": self.broker_url,
            "ClientToken": {"metadata": metadata, "data": data, "type": TOKEN_TYPE},
            "IPSecPSK": {"metadata": {"name": PSK_SECRET}, "data": {PSK_KEY: _base64(self.psk)}},
            # What versions before components read.
            "ServiceDiscovery": SERVICE_DISCOVERY in self.components,
            "CustomDomains": list(self.custom_domains) or None,
        }
        return {**document, "Components": list(self.components)} if self.components else document


def decode(text: str, source: str) -> BrokerInfo:
    """Read the content of a broker-info.subm of any version.

    :param source: what was read, for messages.
    :raises BrokerInfoError: it is none; what is wrong is named, and nothing of the content shown.
    """
    document = _document_in(text, source)
    token_secret = _mapping(document, "ClientToken", source)
    metadata = _entry(token_secret, "metadata")
    data = _mapping(token_secret, "data", source, "ClientToken.")
    psk = _entry(_mapping(document, "IPSecPSK", source), "data")
    broker_url = _entry(document, "brokerURL")
    if not isinstance(broker_url, str) or not broker_url:
        raise BrokerInfoError(f"{source} has no brokerURL: it is no broker-info.subm")
    components = set(_texts(document, "Components", source))
    if _entry(document, "ServiceDiscovery") is True:
        components.add(SERVICE_DISCOVERY)
    return BrokerInfo(
        broker_url=broker_url,
        namespace=_data(data, "namespace", source).decode(),
        token=_data(data, "token", source).decode(),
        ca_pem=_data(data, "ca.crt", source) if data.get("ca.crt") else b"",
        psk=_data(psk if isinstance(psk, Mapping) else {}, PSK_KEY, source),
        components=tuple(sorted(components)),
        custom_domains=tuple(_texts(document, "CustomDomains", source)),
        token_secret=str(_entry(metadata, "name") or "") if isinstance(metadata, Mapping) else "",
    )


def _document_in(text: str, source: str) -> Mapping[str, Any]:
    packed = "".join(text.split()).replace("+", "-").replace("/", "_").rstrip("=")
    try:
        decoded = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        document = json.loads(decoded)
    except ValueError as error:  # of base64, UTF-8 and JSON
        raise BrokerInfoError(f"{source} is no broker-info.subm: it is not base64 of a JSON object") from error
    if not isinstance(document, Mapping):
        raise BrokerInfoError(f"{source} is no broker-info.subm: it is not base64 of a JSON object")
    return document


def _entry(document: Mapping[str, Any], name: str) -> Any:
    """The value of a field of Go, whatever the case of its letters; of several the last, as Go takes it."""
    found = [value for key, value in document.items() if key.lower() == name.lower()]
    return found[-1] if found else None


def _mapping(document: Mapping[str, Any], name: str, source: str, within: str = "") -> Mapping[str, Any]:
    found = _entry(document, name)
    if not isinstance(found, Mapping):
        raise BrokerInfoError(f"{source} has no {within}{name}: it is no broker-info.subm, or not all of one")
    return found


def _texts(document: Mapping[str, Any], name: str, source: str) -> list[str]:
    found = _entry(document, name) or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise BrokerInfoError(f"{source}: {name} is no list of texts")
    return found


def _data(data: Mapping[str, Any], key: str, source: str) -> bytes:
    """A value of a Secret; its keys are no fields of Go, so that case matters."""
    try:
        value = base64.b64decode(data[key], validate=True)
        if key in ("namespace", "token"):
            value.decode()
    except (KeyError, TypeError, binascii.Error, UnicodeDecodeError) as error:
        raise BrokerInfoError(
            f"{source} has no readable {key}: it is no broker-info.subm, or not all of one"
        ) from error
    return value


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
