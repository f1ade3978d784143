# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file broker-info.subm on the machine where the task runs: kept, written, put aside, removed."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from dataclasses import dataclass, replace
from typing import Any

from .._apply.redact import HIDDEN, HIDDEN_CHANGED
from .._client.errors import InputError, InterconnectError
from .broker_info import BrokerInfo, BrokerInfoError, decode

MODE = 0o600
OPTION = "broker_info_path"

CREATED, UPDATED, UNCHANGED, DELETED, KEPT, ABSENT = "created", "updated", "unchanged", "deleted", "kept", "absent"


@dataclass(frozen=True)
class FileOutcome:
    """What was done to the file, or would be done to it."""

    path: str
    action: str
    before: BrokerInfo | None
    after: BrokerInfo | None
    is_private: bool = True
    """Whether nobody else could read it before."""
    backup: str | None = None

    @property
    def changed(self) -> bool:
        return self.action in (CREATED, UPDATED, DELETED)

    def as_result(self) -> dict[str, Any]:
        """The file in the module's result."""
        return {"path": self.path, "action": self.action, "backup": self.backup}

    def as_diff(self) -> dict[str, Any]:
        """The entry of a module's diff: no secret is shown, only which of them change."""
        before = _shown(self.before, self.before, self.is_private)
        return {
            "before_header": self.path,
            "after_header": self.path,
            "before": before,
            "after": _shown(self.after, self.before, True),
        }


def _shown(info: BrokerInfo | None, before: BrokerInfo | None, is_private: bool) -> dict[str, Any]:
    if info is None:
        return {}
    known = before or info
    return {
        "mode": f"{MODE:04o}" if is_private else "readable for others",
        "broker_url": info.broker_url,
        "namespace": info.namespace,
        "components": list(info.components),
        "custom_domains": list(info.custom_domains),
        "token": HIDDEN if info.token == known.token else HIDDEN_CHANGED,
        "ca": "the same" if info.ca_pem == known.ca_pem else "changed",
        "psk": HIDDEN if info.psk == known.psk else HIDDEN_CHANGED,
    }


def checked_path(path: str, option: str) -> str:
    """A path that means the same wherever Ansible was started.

    :raises InputError: a relative path, or one in a folder that is not there.
    """
    if not os.path.isabs(path):
        raise InputError(option, f"{path!r} is relative: give an absolute path, such as {{{{ playbook_dir }}}}/{path}")
    if not os.path.isdir(os.path.dirname(path)):
        raise InputError(option, f"there is no folder {os.path.dirname(path)}")
    return os.path.realpath(path)


def read(path: str, option: str) -> BrokerInfo | None:
    """The content of a file; None where there is none.

    :raises InputError: it can not be read, or is no broker-info.subm.
    """
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return decode(file.read(), path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(option, f"{path} can not be read: {error.strerror}") from error
    except BrokerInfoError as error:
        raise InputError(option, error.message) from None  # it says all that there is to say


def require_replaceable(path: str) -> None:
    """Find out before anything is written whether a file could be.

    :raises InputError: the folder does not allow it, or something else is in the file, which might be lost.
    """
    read(path, OPTION)
    folder = os.path.dirname(path)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(OPTION, f"{folder} can not be written to")


def same(one: BrokerInfo, other: BrokerInfo) -> bool:
    """Whether two files lead to the same broker with the same credentials; the name of a Secret does not matter."""
    return replace(one, token_secret="") == replace(other, token_secret="")


def put(path: str, wanted: BrokerInfo, check_mode: bool) -> FileOutcome:
    """Have a file hold `wanted`, for its owner alone; another content is put aside under a name with the time.

    :raises InterconnectError: it can not be written.
    """
    before = read(path, OPTION)
    if before is None:
        outcome = FileOutcome(path, CREATED, None, wanted)
    elif same(before, wanted):
        is_private = _is_private(path)
        outcome = FileOutcome(path, UNCHANGED if is_private else UPDATED, before, before, is_private)
    else:
        outcome = FileOutcome(path, UPDATED, before, wanted, _is_private(path))
    if check_mode or not outcome.changed:
        return outcome
    try:
        return _written(outcome, wanted)
    except OSError as error:
        raise InterconnectError(f"{path} can not be written: {error.strerror}") from error


def _written(outcome: FileOutcome, wanted: BrokerInfo) -> FileOutcome:
    path, backup = outcome.path, None
    if outcome.before is not None:
        os.chmod(path, MODE)
        if outcome.after is outcome.before:
            return outcome
        # As subctl names it (pkg/broker/file.go).
        backup = f"{path}.{time.strftime('%Y-%m-%dT%H_%M_%SZ', time.gmtime())}"
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".broker-info-")  # 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(wanted.encode())
            file.flush()
            os.fsync(file.fileno())
        if backup:
            os.replace(path, backup)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return replace(outcome, backup=backup)


def take_away(path: str, tokens: set[str], check_mode: bool) -> FileOutcome:
    """Remove a file, if it is that of the broker that has, or had, one of these tokens."""
    before = read(path, OPTION)
    if before is None:
        return FileOutcome(path, ABSENT, None, None)
    if before.token not in tokens:
        return FileOutcome(path, KEPT, before, before)
    if not check_mode:
        os.unlink(path)
    return FileOutcome(path, DELETED, before, None)


def _is_private(path: str) -> bool:
    return not stat.S_IMODE(os.stat(path).st_mode) & 0o077
