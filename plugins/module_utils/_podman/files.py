# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The router's files on the host: what differs, and how it is written.

Files are for their owner alone (0600, folders 0700), as some are keys; upstream's CLI leaves them readable for
everybody (skupperproject/skupper client/gateway.go), which is mended here. A file is replaced at once, under a name of
its own first, so that no reader sees half of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .._client.errors import InputError, InterconnectError

FILE_MODE = 0o600
FOLDER_MODE = 0o700
LARGEST = 4 * 1024 * 1024


class FileError(InterconnectError):
    """A file of the router can not be read or written."""


@dataclass(frozen=True)
class FileChanges:
    """What is to be done to the files. Paths are relative to the router's folder."""

    write: tuple[str, ...] = ()
    """Missing or other content."""
    protect: tuple[str, ...] = ()
    """Same content, readable for others."""
    remove: tuple[str, ...] = ()
    """In a managed folder, and not wanted."""

    def __bool__(self) -> bool:
        return bool(self.write or self.protect or self.remove)


def read(home: str, path: str) -> str | None:
    """The content of one file; None where there is none.

    :raises FileError: it is there, but can not be read, or is no file of the router's folder.
    """
    place = os.path.join(home, path)
    _stay_inside(home, place)
    try:
        with open(place, "rb") as file:
            return file.read(LARGEST).decode("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise FileError(f"{place} can not be read: {error.strerror}; mend its permissions, or use become") from error


def read_all(home: str, paths: Iterable[str]) -> dict[str, str]:
    """The contents of those of the files that are there."""
    found = ((path, read(home, path)) for path in paths)
    return {path: text for path, text in found if text is not None}


def changes(home: str, wanted: Mapping[str, str], present: Mapping[str, str], managed: Iterable[str]) -> FileChanges:
    """Compare what is wanted with what is there (`present`, from `read_all`)."""
    write = [path for path, text in wanted.items() if present.get(path) != text]
    protect = [path for path in wanted if path not in write and _others_may_read(os.path.join(home, path))]
    strays = {path for folder in managed for path in _below(home, folder) if path not in wanted}
    return FileChanges(tuple(sorted(write)), tuple(sorted(protect)), tuple(sorted(strays)))


def carry_out(home: str, wanted: Mapping[str, str], todo: FileChanges, folders: Iterable[str]) -> None:
    """Write, protect and remove files; `folders` (absolute) are made where they are missing.

    :raises FileError: the host does not allow it.
    """
    try:
        make_folder(home)
        for folder in folders:
            make_folder(folder)
        for path in todo.write:
            _write(home, path, wanted[path])
        for path in todo.protect:
            os.chmod(os.path.join(home, path), FILE_MODE)
        for path in todo.remove:
            os.unlink(os.path.join(home, path))
    except OSError as error:
        raise FileError(
            f"{error.filename or home} can not be written: {error.strerror}; give another home, or use become"
        ) from error


def remove_home(home: str) -> None:
    """Remove the router's folder with all that is in it.

    :raises FileError: the host does not allow it.
    """
    try:
        if os.path.islink(home):
            os.unlink(home)
        elif os.path.isdir(home):
            shutil.rmtree(home)
    except OSError as error:
        raise FileError(f"{error.filename or home} can not be removed: {error.strerror}; use become") from error


def make_folder(folder: str) -> None:
    """Make a folder and those above it, for the owner alone; leaves alone what is there."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for each in reversed(missing):
        os.mkdir(each, FOLDER_MODE)


def write_text(place: str, text: str, mode: int = FILE_MODE) -> None:
    """Replace one file at once."""
    make_folder(os.path.dirname(place))
    if os.path.isdir(place) and not os.path.islink(place):
        shutil.rmtree(place)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(place), prefix=".new-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, place)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def digests(contents: Mapping[str, str]) -> dict[str, str]:
    """Names of files with digests, in the place of contents."""
    return {path: hashlib.sha256(text.encode()).hexdigest()[:16] for path, text in sorted(contents.items())}


def _write(home: str, path: str, text: str) -> None:
    place = os.path.join(home, path)
    _stay_inside(home, place)
    write_text(place, text)


def _stay_inside(home: str, place: str) -> None:
    """A link in the folder of a user must not lead root to write elsewhere."""
    inside = os.path.realpath(home)
    if os.path.commonpath([inside, os.path.realpath(os.path.dirname(place))]) != inside:
        raise InputError("home", f"{place} leads out of {home} by a symbolic link: remove the link")


def _others_may_read(place: str) -> bool:
    return bool(stat.S_IMODE(os.stat(place).st_mode) & 0o077)


def _below(home: str, folder: str) -> Iterable[str]:
    for parent, folders, names in os.walk(os.path.join(home, folder)):
        linked = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in names + linked:
            yield os.path.normpath(os.path.relpath(os.path.join(parent, name), home))
