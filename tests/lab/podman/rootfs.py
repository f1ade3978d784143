# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container's root file system out of programs of this machine, since no image registry can be reached."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")


@dataclass(frozen=True)
class _Entry:
    content: bytes | Path | None
    """None for a folder."""
    mode: int
    owner: int = 0
    link: str = ""


class RootFs:
    """Files by their paths inside, without the first slash."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self.link("bin", "usr/bin")
        self.link("sbin", "usr/sbin")
        self.folder("tmp", mode=0o1777)
        self.file("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")

    def folder(self, inside: str, *, mode: int = 0o755, owner: int = 0) -> None:
        self._entries[inside] = _Entry(None, mode, owner)

    def file(self, inside: str, content: str, *, mode: int = 0o644) -> None:
        self._entries[inside] = _Entry(content.encode(), mode)

    def link(self, inside: str, target: str) -> None:
        self._entries[inside] = _Entry(None, 0o777, link=target)

    def copy(self, inside: str, source: Path) -> None:
        """A file of this machine; the libraries that it is linked with come by themselves."""
        executable = bool(source.stat().st_mode & 0o111)
        self._entries[inside] = _Entry(source, 0o755 if executable else 0o644)

    def programs(self, sources: Iterable[Path]) -> None:
        for each in sources:
            self.copy(f"usr/bin/{each.name}", each)

    def users(self, **ids: int) -> None:
        """Besides root."""
        known = {"root": 0, **ids}
        self.file("etc/passwd", "".join(f"{name}:x:{id_}:{id_}::/:/bin/sh\n" for name, id_ in known.items()))
        self.file("etc/group", "".join(f"{name}:x:{id_}:\n" for name, id_ in known.items()))

    def _add_libraries(self) -> None:
        """What the programs and modules are linked with."""
        linked = [
            each.content
            for each in self._entries.values()
            if isinstance(each.content, Path) and (each.mode & 0o111 or ".so" in each.content.suffixes)
        ]
        # ldd's exit code tells that one of the files is no dynamic program, which a script may be.
        said = subprocess.run(["ldd", *map(str, linked)], capture_output=True, text=True, check=False).stdout
        for library in sorted(set(_LIBRARY.findall(said))):
            self._entries[library.lstrip("/")] = _Entry(Path(library), 0o755)

    def digest(self) -> str:
        """Changes with everything in it. Files of this machine are told apart by size and time: there are many."""
        found = hashlib.sha256()
        for inside, entry in sorted(self._entries.items()):
            content = entry.content or b""
            if isinstance(content, Path):
                about = content.stat()
                content = f"{content} {about.st_size} {about.st_mtime_ns}".encode()
            described = f"{inside} {entry.mode} {entry.owner} {entry.link} {len(content)}\n"
            found.update(described.encode() + content)
        return found.hexdigest()

    def write(self, stream: IO[bytes]) -> None:
        """As a tar archive, with all libraries."""
        self._add_libraries()
        with tarfile.open(fileobj=stream, mode="w|") as archive:
            for inside, entry in sorted(self._entries.items()):
                content = entry.content.read_bytes() if isinstance(entry.content, Path) else entry.content
                about = tarfile.TarInfo(inside)
                about.mode, about.uid, about.gid = entry.mode, entry.owner, entry.owner
                if entry.link:
                    about.type, about.linkname = tarfile.SYMTYPE, entry.link
                elif content is None:
                    about.type = tarfile.DIRTYPE
                else:
                    about.size = len(content)
                    if isinstance(entry.content, Path):  # by which Python tells whether its compiled files are current
                        about.mtime = int(entry.content.stat().st_mtime)
                archive.addfile(about, io.BytesIO(content or b""))
