# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Just enough of DER to see whom a certificate request, or a certificate, is for. Pure functions.

Python's standard library reads neither, and targets need not have `cryptography`. Signatures are not verified: the API
server has done that for a request before it stored it (k8s.io/kubernetes pkg/apis/certificates/validation), and a
certificate is only asked how long it is good for. Formats: RFC 2986 (request), RFC 5280 (certificate), X.690 (DER).
"""

from __future__ import annotations

import base64
import re
from datetime import datetime, timezone

_SEQUENCE, _SET, _OID, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0x31, 0x06, 0x17, 0x18
_VERSION = 0xA0  # [0] EXPLICIT, in certificates
_TEXTS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii"}
_ATTRIBUTES = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O"}

Element = tuple[int, bytes]
"""Tag and content."""


class Malformed(ValueError):
    """Not what it says it is."""


def request_subject(pem: str) -> list[tuple[str, str]]:
    """The attributes of a certificate request's subject, such as `("CN", "…")`, in their order.

    Attributes other than CN and O have their object identifier as name, in hexadecimal.

    :raises Malformed: no certificate request in PEM.
    """
    request = _sequence(_only(pem_content(pem, "CERTIFICATE REQUEST")))
    information = _sequence(request[0])
    return _name(information[1])  # behind the version


def valid_until(pem: str) -> datetime:
    """The end of a certificate's validity.

    :raises Malformed: no certificate in PEM.
    """
    fields = _sequence(_sequence(_only(pem_content(pem, "CERTIFICATE")))[0])
    # version, serial number, signature algorithm, issuer, validity
    validity = _sequence(fields[4 if fields[0][0] == _VERSION else 3])
    return _time(validity[1])


def pem_content(pem: str, label: str) -> bytes:
    """What stands in the first block of a label.

    :raises Malformed: there is none.
    """
    found = re.search(f"-----BEGIN {label}-----(.*?)-----END {label}-----", pem, re.DOTALL)
    if not found:
        raise Malformed(f"no {label} in PEM")
    try:
        return base64.b64decode("".join(found[1].split()), validate=True)
    except ValueError as error:
        raise Malformed(f"the {label} is not in base64") from error


def elements(data: bytes) -> list[Element]:
    """The elements that stand one after the other.

    :raises Malformed: something is missing, or a length is not in the definite form.
    """
    found: list[Element] = []
    position = 0
    while position < len(data):
        header = data[position : position + 2]
        if len(header) < 2 or header[0] & 0x1F == 0x1F:
            raise Malformed("an element is cut off, or has a long tag")
        position, length = position + 2, header[1]
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or len(data) < position + count:
                raise Malformed("a length is indefinite or too long")
            length = int.from_bytes(data[position : position + count], "big")
            position += count
        if len(data) < position + length:
            raise Malformed("an element is cut off")
        found.append((header[0], data[position : position + length]))
        position += length
    return found


def _only(data: bytes) -> Element:
    found = elements(data)
    if len(found) != 1:
        raise Malformed(f"{len(found)} elements instead of one")
    return found[0]


def _sequence(element: Element, tag: int = _SEQUENCE, least: int = 2) -> list[Element]:
    if element[0] != tag:
        raise Malformed(f"tag {element[0]:#x} instead of {tag:#x}")
    found = elements(element[1])
    if len(found) < least:
        raise Malformed("a part is missing")
    return found


def _name(element: Element) -> list[tuple[str, str]]:
    """The attributes of a Name: a sequence of sets of pairs of object identifier and value."""
    attributes = []
    for part in _sequence(element, least=0):
        for attribute in _sequence(part, _SET, least=1):
            (kind, identifier), (tag, value) = _sequence(attribute)[:2]
            if kind != _OID or tag not in _TEXTS:
                raise Malformed("an attribute of the subject is no text")
            try:
                text = value.decode(_TEXTS[tag])
            except UnicodeDecodeError as error:
                raise Malformed("an attribute of the subject is no text") from error
            attributes.append((_ATTRIBUTES.get(identifier, identifier.hex()), text))
    return attributes


def _time(element: Element) -> datetime:
    tag, value = element
    text = value.decode("ascii", "replace")
    formats = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}
    try:
        return datetime.strptime(text, formats[tag]).replace(tzinfo=timezone.utc)
    except (KeyError, ValueError) as error:
        raise Malformed(f"{text!r} is no time") from error
