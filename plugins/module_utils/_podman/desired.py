# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The router that is wanted, from the module's options. Pure."""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._client.errors import InputError
from .router_config import RouterConfig, parse

DIGEST_LABEL = "multicluster.interconnect/config-digest"
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")  # containers/podman libpod/define/container.go, NameRegex
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Mount:
    """A folder of the router's home, as the container sees it."""

    source: str
    """Absolute path on the host."""
    target: str
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ":".join([self.source, self.target, *([",".join(self.options)] if self.options else [])])


@dataclass(frozen=True)
class Router:
    """Everything that is wanted of one router."""

    name: str
    home: str
    files: Mapping[str, str]
    """Content by path relative to `home`."""
    secret: frozenset[str]
    """Those of the files that hold keys."""
    managed: tuple[str, ...]
    """Folders of `home` without other files than these."""
    unread: frozenset[str]
    config_file: str
    config: RouterConfig
    image: str
    env: Mapping[str, str]
    mounts: tuple[Mount, ...]
    labels: Mapping[str, str]
    network: str
    user: str
    """`keep-id` or `root`."""

    def files_digest(self, contents: Mapping[str, str]) -> str:
        """What the router takes up of its files only when it starts, as one digest of these contents."""
        return _digest({path: self._start_part(path, text) for path, text in contents.items() if self.reads(path)})

    def reads(self, path: str) -> bool:
        """Whether the router reads a file."""
        return path in self.files and path not in self.unread

    def _start_part(self, path: str, text: str) -> str:
        if path != self.config_file:
            return text
        try:
            return parse(text, self.env).rest
        except ValueError:
            return text

    def digest(self, boot: str) -> str:
        """What a running container must have been made from."""
        return _digest(
            {
                "files": self.files_digest(self.files),
                "image": self.image,
                "env": dict(self.env),
                "mounts": [str(mount) for mount in self.mounts],
                "labels": dict(self.labels),
                "network": self.network,
                "user": self.user,
                "boot": boot,
            }
        )


def from_params(params: Mapping[str, Any], home: str) -> Router:
    """What the options of the module ask for.

    :param home: the router's folder, absolute.
    :raises InputError: an option is wrong.
    """
    files = _files(params)
    env = _env(params["env"] or {})
    config_file = check_path("config_file", params["config_file"] or "")
    if config_file not in files:
        raise InputError("config_file", f"{config_file} is not among files: give the file with the router's entities")
    try:
        config = parse(files[config_file], env)
    except ValueError as error:
        raise InputError(f"files.{config_file}", str(error)) from error
    return Router(
        name=check_name(params["name"]),
        home=home,
        files=files,
        secret=frozenset(check_path("secret_files", path) for path in params["secret_files"] or {}),
        managed=tuple(check_path("managed", path, folder=True) for path in params["managed"] or []),
        unread=frozenset(check_path("unread", path) for path in params["unread"] or []),
        config_file=config_file,
        config=config,
        image=_no_option("image", params["image"]),
        env=env,
        mounts=_mounts(params["mounts"] or [], home),
        labels=_labels(params["labels"] or {}),
        network=_no_option("network", params["network"]),
        user=params["user"],
    )


def check_name(name: Any) -> str:
    """A container's name.

    :raises InputError: podman takes no such name.
    """
    if not NAME.fullmatch(str(name or "")):
        raise InputError("name", f"{name!r} is no name of a container: use letters, digits, `.`, `_` and `-`")
    return str(name)


def check_home(home: str | None) -> str:
    """The absolute path of the router's folder.

    :raises InputError: it is missing, relative, or a folder that others need: it is removed with the router.
    """
    if not home:
        raise InputError("home", "is missing: give the router's folder on the host")
    path = posixpath.normpath(home)
    if not posixpath.isabs(path):
        raise InputError("home", f"{home} is not absolute: give the router's folder, such as /var/lib/skupper/gateway")
    if path.count("/") < 2 or path in {*_SHARED, *map(os.path.expanduser, _SHARED_BY_USER)}:
        raise InputError("home", f"{path} is not for one router alone: give a folder that may be removed with it")
    return path


_SHARED = ("/usr/local", "/usr/share", "/var/lib", "/var/opt", "/var/lib/skupper", "/etc/containers")
_SHARED_BY_USER = ("~", "~/.config", "~/.local", "~/.local/share", "~/.local/share/skupper")


def check_path(option: str, path: str, folder: bool = False) -> str:
    """A path below the router's folder, normalized.

    :raises InputError: it leads elsewhere.
    """
    normal = posixpath.normpath(path) if path else ""
    if folder and normal == ".":
        return normal
    if not normal or normal == "." or posixpath.isabs(normal) or normal.split("/")[0] == ".." or "\0" in normal:
        raise InputError(option, f"{path!r} is no path below home: give one such as config/skrouterd.json")
    return normal


def _files(params: Mapping[str, Any]) -> dict[str, str]:
    files: dict[str, str] = {}
    for option in ("files", "secret_files"):
        for path, content in (params[option] or {}).items():
            normal = check_path(option, str(path))
            if normal in files:
                raise InputError(option, f"{path} is given twice: keep one of the two")
            files[normal] = _text(content)
    for path in files:
        parent = posixpath.dirname(path)
        while parent:
            if parent in files:
                raise InputError("files", f"{parent} would be both a file and the folder of {path}")
            parent = posixpath.dirname(parent)
    return files


def _text(content: Any) -> str:
    """Ansible turns text that looks like JSON into data, where a template has been rendered."""
    return json.dumps(content) if isinstance(content, (dict, list)) else str(content)


def _env(env: Mapping[str, Any]) -> dict[str, str]:
    for name, value in env.items():
        if not VARIABLE.fullmatch(str(name)) or "\n" in str(value):
            raise InputError(f"env.{name}", "is no environment variable: letters, digits and `_`, value on one line")
    return {str(name): str(value) for name, value in env.items()}


def _labels(labels: Mapping[str, Any]) -> dict[str, str]:
    for name, value in labels.items():
        if name == DIGEST_LABEL or "=" in str(name) or "\n" in f"{name}{value}":
            raise InputError(f"labels.{name}", "can not be set: use a name without `=`, value on one line")
    return {str(name): str(value) for name, value in labels.items()}


def _mounts(mounts: Sequence[Mapping[str, Any]], home: str) -> tuple[Mount, ...]:
    found = []
    for number, mount in enumerate(mounts):
        source = posixpath.normpath(posixpath.join(home, check_path(f"mounts[{number}].source", mount["source"], True)))
        if not posixpath.isabs(mount["target"]) or re.search(r"[:\s]", source + mount["target"]):
            raise InputError(
                f"mounts[{number}]", f"{source}:{mount['target']} needs absolute paths without `:` or blank"
            )
        found.append(Mount(source, mount["target"], tuple(mount["options"] or ())))
    return tuple(found)


def _no_option(option: str, value: Any) -> str:
    if not value or str(value).startswith("-") or re.search(r"\s", str(value)):
        raise InputError(option, f"{value!r} is nothing that podman takes: give a name without blanks")
    return str(value)


def _digest(data: Mapping[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
