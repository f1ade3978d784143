# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS profiles: files that come from Secrets, read anew for every handshake.

So a certificate that is replaced counts from the next handshake on, and connections that stand are left alone, as the
router does when it is told to reload a profile (skupperproject/skupper internal/kube/adaptor/config_sync.go,
skupperproject/skupper-router sslProfile). Names are verified against DNS names only, never against IP addresses of a
certificate (skupperproject/skupper doc/tls/README.md); that is why v2's certificates name an address twice. Where no
DNS name fits, the common name is looked at (apache/qpid-proton c/src/ssl/openssl.c): v1 puts an address there.
"""

from __future__ import annotations

import base64
import shutil
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.layout import write_private


class Credentials:
    """Files of all profiles, in the pod's volume."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, profile: str, data: Mapping[str, str]) -> bool:
        """Write a Secret's data (base64) where it differs; return whether it did. As upstream, nothing is removed."""
        changed = False
        for key, encoded in data.items():
            file, content = self._folder / profile / key, base64.b64decode(encoded)
            if not file.exists() or file.read_bytes() != content:
                write_private(file, content)
                changed = True
        return changed

    def write_missing(self, profile: str, data: Mapping[str, str]) -> bool:
        """Write files that are not there, and leave the others as they are; return whether there were any."""
        missing = {key: each for key, each in data.items() if not (self._folder / profile / key).exists()}
        return self.write(profile, missing)

    def remove(self, profile: str) -> None:
        """Remove a profile's files."""
        shutil.rmtree(self._folder / profile, ignore_errors=True)

    def client(self, profile: str) -> ssl.SSLContext:
        """For dialling. Verifies the other's chain and dates; `name_matches` is for its name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        return self._loaded(context, profile)

    def server(self, profile: str) -> ssl.SSLContext:
        """For being dialled by routers: who has no certificate of the profile's authority is refused."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.verify_mode = ssl.CERT_REQUIRED
        return self._loaded(context, profile)

    def service(self, profile: str) -> ssl.SSLContext:
        """For TLS towards a service's clients, who need no certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        return self._loaded(context, profile)

    def _loaded(self, context: ssl.SSLContext, profile: str) -> ssl.SSLContext:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        files = self._folder / profile
        if (files / "ca.crt").exists():
            context.load_verify_locations(files / "ca.crt")
        if (files / "tls.key").exists():
            context.load_cert_chain(files / "tls.crt", files / "tls.key")
        return context


def name_matches(certificate: Mapping[str, Any] | None, host: str) -> bool:
    """Whether a verified certificate (as `ssl` decodes it) names the host; the first label may be a wildcard."""
    decoded = certificate or {}
    names = [value for kind, value in decoded.get("subjectAltName", ()) if kind == "DNS"]
    names += [value for part in decoded.get("subject", ()) for kind, value in part if kind == "commonName"]
    wanted = host.lower().rstrip(".")
    for name in (each.lower().rstrip(".") for each in names):
        if name == wanted or (name.startswith("*.") and wanted.partition(".")[2] == name[2:]):
            return True
    return False
