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

from .errors import InputError, InterconnectError

if TYPE_CHECKING:
    from kubernetes.client import Configuration

DEFAULT_KUBECONFIG = "~/.kube/config"

# Options that name the server and the credentials by themselves, without a kubeconfig.
_EXPLICIT = ("host", "api_key", "username", "password", "ca_cert", "client_cert", "client_key", "proxy", "no_proxy")


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
    :raises InputError: no credentials, no such file or context, or TLS verification switched off.
    """
    kubernetes = kubernetes_package()
    configuration: Configuration = kubernetes.client.Configuration()
    if not options.get("host") or options.get("kubeconfig") or options.get("context"):
        _load_kubeconfig(kubernetes, configuration, options, temporary_directory)
    _override(configuration, options)
    if not configuration.host.startswith("https://"):
        raise InputError(
            "host", f"{configuration.host} is not an https URL: credentials are sent over verified TLS only"
        )
    if not configuration.verify_ssl:
        raise InputError(
            "kubeconfig",
            f"context {options.get('context') or '(current)'} has insecure-skip-tls-verify: give the cluster's CA "
            "(certificate-authority-data, or ca_cert) instead; TLS is always verified",
        )
    return configuration


def _load_kubeconfig(kubernetes: Any, configuration: Configuration, options: Mapping[str, Any], directory: str) -> None:
    path = os.path.expanduser(options.get("kubeconfig") or os.environ.get("KUBECONFIG") or DEFAULT_KUBECONFIG)
    present = [part for part in path.split(os.pathsep) if os.path.exists(part)]
    if not present:
        raise InputError(
            "kubeconfig",
            f"no such file: {path}. Set kubeconfig (or K8S_AUTH_KUBECONFIG), or host and api_key; credentials of the "
            "pod that Ansible runs in are never used",
        )
    context = options.get("context")
    try:
        kubernetes.config.load_kube_config(
            config_file=path,
            context=context,
            client_configuration=configuration,
            persist_config=bool(options.get("persist_config")),
            temp_file_path=directory,
        )
    except kubernetes.config.ConfigException as error:
        raise InputError(
            "context" if context else "kubeconfig", _kubeconfig_problem(kubernetes, path, context, error)
        ) from error
    except Exception as error:  # a file that is no YAML, or no kubeconfig: the library raises whatever it meets
        raise InputError("kubeconfig", f"{path} can not be read as a kubeconfig ({type(error).__name__})") from error


def _kubeconfig_problem(kubernetes: Any, path: str, context: str | None, error: Exception) -> str:
    """Why a kubeconfig does not serve, with the contexts that it has."""
    try:
        contexts, _active = kubernetes.config.list_kube_config_contexts(config_file=path)
        names = sorted(str(entry["name"]) for entry in contexts)
    except kubernetes.config.ConfigException:
        names = []
    if context and names and context not in names:
        return f"{context} is not a context of {path}; it has {', '.join(names)}"
    return f"{path}: {error}"


def _override(configuration: Configuration, options: Mapping[str, Any]) -> None:
    given = {key: options[key] for key in _EXPLICIT if options.get(key) is not None}
    for option in ("ca_cert", "client_cert", "client_key"):
        if option in given and not os.path.isfile(given[option]):
            raise InputError(option, f"no such file: {given[option]}")
    attributes = {
        "host": "host",
        "username": "username",
        "password": "password",
        "ca_cert": "ssl_ca_cert",
        "client_cert": "cert_file",
        "client_key": "key_file",
        "proxy": "proxy",
        "no_proxy": "no_proxy",
    }
    for option, attribute in attributes.items():
        if option in given:
            setattr(configuration, attribute, given[option])
    if options.get("tls_server_name"):
        configuration.tls_server_name = options["tls_server_name"]
    if "api_key" in given:
        configuration.api_key = {"authorization": f"Bearer {given['api_key']}"}
        configuration.refresh_api_key_hook = None


def impersonation_headers(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Headers that make the API server act as another user (kubernetes.io: user impersonation)."""
    user = options.get("impersonate_user")
    groups = options.get("impersonate_groups") or []
    if groups and not user:
        raise InputError("impersonate_groups", "needs impersonate_user")
    headers = [("Impersonate-User", user)] if user else []
    return headers + [("Impersonate-Group", group) for group in groups]
