# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Server and credentials from a kubeconfig, read by the Python client `kubernetes`, with messages of our own.

The library's exceptions can hold whole entries of the file, and it only logs that a credential plugin has failed.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .errors import InputError

if TYPE_CHECKING:
    from kubernetes.client import Configuration

DEFAULT_KUBECONFIG = "~/.kube/config"
_LONGEST_COMPLAINT = 300
_LOADING = threading.Lock()
"""The library remembers, in one place for all threads, which file holds which certificate, before it has written it."""


def read_kubeconfig(kubernetes: Any, configuration: Configuration, options: Mapping[str, Any], directory: str) -> None:
    """Fill `configuration` from the kubeconfig and context that `options` name.

    :param kubernetes: the package.
    :param directory: where inline certificates and keys are written.
    :raises InputError: no such file or context, not a kubeconfig, or no credentials from its plugin.
    """
    given = options.get("kubeconfig") or os.environ.get("KUBECONFIG") or DEFAULT_KUBECONFIG
    files = [os.path.expanduser(part) for part in given.split(os.pathsep) if part]
    if not any(map(os.path.exists, files)):
        raise InputError(
            "kubeconfig",
            f"no such file: {os.pathsep.join(files)}. Set kubeconfig (or K8S_AUTH_KUBECONFIG), or host and api_key; "
            "credentials of the pod that Ansible runs in are never used",
        )
    path = os.pathsep.join(files)
    context = options.get("context") or None
    try:
        with _LOADING, _files_forgotten(kubernetes, directory), _plugin_complaints() as complaints:
            kubernetes.config.load_kube_config(
                config_file=path,
                context=context,
                client_configuration=configuration,
                persist_config=bool(options.get("persist_config")),
                temp_file_path=directory,
            )
    except kubernetes.config.ConfigException as error:
        raise _problem(kubernetes, path, context, error) from error
    except Exception as error:  # a file that is no YAML, or no kubeconfig: the library raises whatever it meets
        raise InputError("kubeconfig", f"{path} can not be read as a kubeconfig ({type(error).__name__})") from error
    if complaints and not configuration.api_key and not configuration.cert_file:
        raise InputError(
            "kubeconfig",
            f"{path}: the user of context {context or '(current)'} gets no credentials: "
            f"{complaints[0][:_LONGEST_COMPLAINT]}",
        )


def _problem(kubernetes: Any, path: str, context: str | None, error: Exception) -> InputError:
    """Why a kubeconfig does not serve, with the contexts that it has."""
    try:
        names = context_names(kubernetes, path)
    except Exception:  # noqa: BLE001  # the file's form is the problem: the first error says more
        names = []
    if context and context not in names:
        return InputError("context", f"{context} is not a context of {path}; it has {', '.join(names) or 'none'}")
    if not context and names and "current-context" in str(error):
        return InputError("context", f"is missing: {path} has no current context; it has {', '.join(names)}")
    # Where it names an entry, the library puts in the whole of it, with tokens and keys.
    words = str(error).partition("{")[0].strip()
    return InputError("context" if context else "kubeconfig", f"{path} can not be used: {words}")


def context_names(kubernetes: Any, path: str) -> list[str]:
    """The names of all contexts of a kubeconfig, or of several joined by `:`."""
    merged = kubernetes.config.kube_config.KubeConfigMerger(path).config
    return sorted(str(entry["name"]) for entry in merged.value["contexts"])


@contextlib.contextmanager
def _plugin_complaints() -> Iterator[list[str]]:
    """Collect what the library logs about a credential plugin, which gets no terminal to ask questions at."""
    complaints: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: complaints.append(" ".join(record.getMessage().split()))  # type: ignore[method-assign]
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield complaints
    finally:
        root.removeHandler(handler)


@contextlib.contextmanager
def _files_forgotten(kubernetes: Any, directory: str) -> Iterator[None]:
    """Take our files from the library's memory, or the next client would be given those that this one removes."""
    try:
        yield
    finally:
        known: dict[str, str] = getattr(kubernetes.config.kube_config, "_temp_files", {})
        for content in [content for content, path in known.items() if path.startswith(directory)]:
            del known[content]
