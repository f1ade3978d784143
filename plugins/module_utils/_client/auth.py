# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the authentication options to a configuration of the Python client `kubernetes`.

The options have the names that users of kubernetes.core know. Two things differ on purpose: TLS is always verified,
and there is no fall-back to the credentials of the pod that Ansible happens to run in.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies_environment

from .errors import InputError, InterconnectError
from .kubeconfig import read_kubeconfig

if TYPE_CHECKING:
    from kubernetes.client import Configuration

# Options that carry credentials: given outright they replace all that the kubeconfig's user has.
_CREDENTIALS = ("api_key", "username", "client_cert")

# Options and the attributes of the configuration that they set.
_ATTRIBUTES = {
    "host": "host",
    "username": "username",
    "password": "password",
    "ca_cert": "ssl_ca_cert",
    "client_cert": "cert_file",
    "client_key": "key_file",
    "proxy": "proxy",
    "no_proxy": "no_proxy",
    "tls_server_name": "tls_server_name",
}


class MissingLibrary(InterconnectError):
    """The Python package `kubernetes` is not there."""


def kubernetes_package() -> Any:
    """The imported package `kubernetes`.

    :raises MissingLibrary: it is not installed for this Python.
    """
    try:
        import kubernetes.client
        import kubernetes.config
    except ImportError as error:
        import sys

        raise MissingLibrary(
            f"the Python package kubernetes is missing for {sys.executable} ({error}): pip install 'kubernetes>=28.1.0'"
        ) from error
    return kubernetes


def load_configuration(options: Mapping[str, Any], temporary_directory: str) -> Configuration:
    """The client configuration that `options` ask for.

    :param options: module parameters of the fragment `auth`; None means not given.
    :param temporary_directory: where inline certificates and keys of a kubeconfig are written (0600); the caller
        removes it.
    :raises InputError: no credentials, no such file or context, contradictory sources, or TLS verification off.
    """
    kubernetes = kubernetes_package()
    if options.get("host"):
        _check_server(options["host"])
    configuration: Configuration = kubernetes.client.Configuration()
    by_kubeconfig = bool(not options.get("host") or options.get("kubeconfig") or options.get("context"))
    if by_kubeconfig:
        read_kubeconfig(kubernetes, configuration, options, temporary_directory)
        _refuse_stray_host(configuration, options)
    elif not any(options.get(option) for option in _CREDENTIALS):
        raise InputError("host", "comes without credentials: give api_key, or client_cert and client_key, too")
    _override(configuration, options)
    _check_server(configuration.host)
    if not configuration.verify_ssl and not options.get("ca_cert"):
        raise InputError(
            "kubeconfig",
            f"context {options.get('context') or '(current)'} has insecure-skip-tls-verify: give the cluster's CA "
            "(certificate-authority-data, or ca_cert) instead; TLS is always verified",
        )
    if configuration.proxy is None:  # as kubectl; older releases of the library leave it out
        environment: Mapping[str, str] = getproxies_environment()
        configuration.proxy = environment.get("https")
        configuration.no_proxy = configuration.no_proxy or environment.get("no")
    return configuration


def _refuse_stray_host(configuration: Configuration, options: Mapping[str, Any]) -> None:
    """Refuse to be led away from the cluster of a context by a variable that was set for something else.

    Job runners export K8S_AUTH_HOST for a whole job; every host of the inventory would end at that one cluster.
    """
    host = options.get("host")
    if host and host == os.environ.get("K8S_AUTH_HOST") and host.rstrip("/") != configuration.host.rstrip("/"):
        raise InputError(
            "host",
            f"K8S_AUTH_HOST says {host}, but context {options.get('context') or '(current)'} of the kubeconfig leads "
            f"to {configuration.host}: unset one of them",
        )


def _override(configuration: Configuration, options: Mapping[str, Any]) -> None:
    """Set what is given outright."""
    for option in ("ca_cert", "client_cert", "client_key"):
        if options.get(option) and not os.path.isfile(options[option]):
            raise InputError(option, f"no such file: {options[option]}")
    if options.get("client_key") and not options.get("client_cert"):
        raise InputError("client_key", "needs client_cert")
    if any(options.get(option) for option in _CREDENTIALS):
        # An API server looks at a client certificate first: one of the kubeconfig would win over a given token.
        configuration.api_key = {}
        configuration.refresh_api_key_hook = None
        configuration.cert_file = configuration.key_file = None
    for option, attribute in _ATTRIBUTES.items():
        if options.get(option) is not None:
            setattr(configuration, attribute, options[option])
    if options.get("api_key"):
        configuration.api_key = {"authorization": f"Bearer {options['api_key'].strip()}"}


def _check_server(url: str) -> None:
    from urllib3.exceptions import HTTPError
    from urllib3.util import parse_url

    try:
        parts = parse_url(url)
    except HTTPError as error:
        raise InputError("host", f"{url} is not a URL") from error
    if parts.auth:
        raise InputError("host", "holds credentials: give them as api_key, or username and password")
    if parts.scheme != "https" or not parts.host:
        raise InputError("host", f"{url} is not an https URL: credentials are sent over verified TLS only")


def impersonation_headers(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Headers that make the API server act as another user (kubernetes.io: user impersonation)."""
    user = options.get("impersonate_user")
    groups = options.get("impersonate_groups") or []
    if groups and not user:
        raise InputError("impersonate_groups", "needs impersonate_user")
    headers = [("Impersonate-User", user)] if user else []
    return headers + [("Impersonate-Group", group) for group in groups]
