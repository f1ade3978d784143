# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials as a kubeconfig of their own, for a component that is to reach the same server.

Format: `Config`, k8s.io/client-go tools/clientcmd/api/v1/types.go. JSON is YAML, so no YAML writer is needed.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .errors import InterconnectError

if TYPE_CHECKING:
    from kubernetes.client import Configuration


def kubeconfig(
    server: str,
    ca_pem: bytes | None,
    user: Mapping[str, Any],
    name: str = "cluster",
    tls_server_name: str | None = None,
) -> dict[str, Any]:
    """A kubeconfig with one context, everything embedded.

    :param user: the fields of `AuthInfo`, such as `token`.
    :param name: of the cluster in it.
    """
    cluster: dict[str, Any] = {"server": server}
    if ca_pem:
        cluster["certificate-authority-data"] = _base64(ca_pem)
    if tls_server_name:
        cluster["tls-server-name"] = tls_server_name
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": "user", "user": dict(user)}],
        "contexts": [{"name": "default", "context": {"cluster": name, "user": "user"}}],
        "current-context": "default",
    }


def credentials_of(
    configuration: Configuration, authorization: str | None, impersonation: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """The fields of `AuthInfo` for what `configuration` authenticates with; files are embedded.

    :param authorization: value of the header Authorization, where one is sent.
    :param impersonation: headers of user impersonation.
    :raises InterconnectError: there is nothing to hand on.
    """
    user: dict[str, Any] = {}
    if authorization and authorization.startswith("Bearer "):
        user["token"] = authorization[len("Bearer ") :].strip()
    elif authorization:
        name, _colon, password = base64.b64decode(authorization.partition(" ")[2]).decode().partition(":")
        user.update(username=name, password=password)
    if configuration.cert_file:
        user["client-certificate-data"] = _base64(_content(configuration.cert_file))
        user["client-key-data"] = _base64(_content(configuration.key_file or configuration.cert_file))
    if not user:
        raise InterconnectError(
            f"{configuration.host}: there is no token, client certificate or password that could be handed on"
        )
    for header, value in impersonation:
        if header == "Impersonate-User":
            user["as"] = value
        else:
            user.setdefault("as-groups", []).append(value)
    return user


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
