# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs that several modules share; their documentation is in the doc fragments `auth` and `wait`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._client.errors import InputError

ArgumentSpec = dict[str, dict[str, Any]]


def _from_environment(*names: str) -> tuple[Any, list[str]]:
    """Fall-back to environment variables, in the form that argument specs take."""
    from ansible.module_utils.basic import env_fallback

    return (env_fallback, list(names))


def auth_args(environment: bool = True) -> ArgumentSpec:
    """Options that lead to one cluster.

    :param environment: fall back to the `K8S_AUTH_*` variables; off for a second cluster of the same task, which must
        be named outright.
    """
    spec: ArgumentSpec = {
        "kubeconfig": {"type": "path"},
        "context": {"type": "str"},
        "host": {"type": "str"},
        "api_key": {"type": "str", "no_log": True},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
        "client_cert": {"type": "path", "aliases": ["cert_file"]},
        "client_key": {"type": "path", "aliases": ["key_file"], "no_log": False},
        "tls_server_name": {"type": "str"},
        "proxy": {"type": "str"},
        "no_proxy": {"type": "str"},
        "persist_config": {"type": "bool"},
        "impersonate_user": {"type": "str"},
        "impersonate_groups": {"type": "list", "elements": "str"},
        "cluster_id": {"type": "str"},
        "cluster_api_url": {"type": "str"},
    }
    if environment:
        for option, variables in _ENVIRONMENT.items():
            spec[option]["fallback"] = _from_environment(*variables)
    return spec


_ENVIRONMENT = {
    "kubeconfig": ["K8S_AUTH_KUBECONFIG"],
    "context": ["K8S_AUTH_CONTEXT"],
    "host": ["K8S_AUTH_HOST"],
    "api_key": ["K8S_AUTH_API_KEY"],
    "username": ["K8S_AUTH_USERNAME"],
    "password": ["K8S_AUTH_PASSWORD"],
    "ca_cert": ["K8S_AUTH_SSL_CA_CERT"],
    "client_cert": ["K8S_AUTH_CERT_FILE"],
    "client_key": ["K8S_AUTH_KEY_FILE"],
    "proxy": ["K8S_AUTH_PROXY"],
    "no_proxy": ["K8S_AUTH_NO_PROXY"],
    "persist_config": ["K8S_AUTH_PERSIST_CONFIG"],
    "impersonate_user": ["K8S_AUTH_IMPERSONATE_USER"],
    "impersonate_groups": ["K8S_AUTH_IMPERSONATE_GROUPS"],
}


def hub_args() -> ArgumentSpec:
    """The option that leads to the hub, of modules that work on a cluster and on its hub."""
    return {
        "hub": {
            "type": "dict",
            "required": True,
            "options": auth_args(environment=False),
            "required_one_of": [("context", "kubeconfig", "host")],
        }
    }


def hub_options(params: Mapping[str, Any]) -> dict[str, Any]:
    """How to reach the hub."""
    return other_options(params, "hub")


def other_options(params: Mapping[str, Any], option: str) -> dict[str, Any]:
    """How to reach another cluster: by the kubeconfig of the task's own where only another context of it is named."""
    other = dict(params[option])
    if not other.get("host") and not other.get("kubeconfig"):
        other["kubeconfig"] = params["kubeconfig"]
    return other


def wait_args() -> ArgumentSpec:
    """Options of every module that can wait. Times are in seconds."""
    return {
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 300},
        "wait_sleep": {"type": "int", "default": 2},
    }


def check_wait_args(params: Mapping[str, Any]) -> None:
    """Refuse times that can not be waited for before anything is written, not only when the wait begins.

    :raises InputError: a time out of range.
    """
    if params.get("wait_timeout") is not None and params["wait_timeout"] < 0:
        raise InputError("wait_timeout", f"is {params['wait_timeout']}: give seconds, 0 or more")
    if params.get("wait_sleep") is not None and params["wait_sleep"] <= 0:
        raise InputError("wait_sleep", f"is {params['wait_sleep']}: give seconds, 1 or more")
