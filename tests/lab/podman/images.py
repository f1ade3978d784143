# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's images: made once, and again when what they are made of has changed.

An image bears the digest of its content as a label; podman's own storage is where it is kept.
"""

from __future__ import annotations

import functools
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.podman import python
from tests.lab.podman.engine import NoPodman, podman
from tests.lab.podman.rootfs import RootFs

DIGEST = "lab.digest"
REDIS_USER = 999
SHELL = ("sh", "cat", "chown", "env", "find", "grep", "id", "ls", "mkdir", "rm", "setpriv", "sleep", "touch")

REDIS_ENTRY = """#!/bin/sh
# What users of the official image know: options alone mean redis-server, and root is given up.
set -e
case "$1" in
    -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis:redis {} +
    exec setpriv --reuid=redis --regid=redis --clear-groups -- "$@"
fi
exec "$@"
"""

ROUTER_USER = 10000
ROUTER_HOME = "home/skrouterd"
ROUTER_LAUNCH = """\
#!/bin/sh
# As upstream's: variables of the environment are put into the configuration, which is read once.
set -e
if [ "$QDROUTERD_CONF_TYPE" != json ]; then
    echo "QDROUTERD_CONF_TYPE is '$QDROUTERD_CONF_TYPE', and this double of a router knows json only" >&2
    exit 1
fi
python3 -S -c 'import os, sys; print(os.path.expandvars(sys.stdin.read()))' <"$QDROUTERD_CONF" >/tmp/skrouterd.json
exec skrouterd -c /tmp/skrouterd.json
"""


@dataclass(frozen=True)
class Image:
    """How an image is made, and what is run in it."""

    content: Callable[[], RootFs]
    changes: tuple[str, ...]
    """As in a Dockerfile."""


def _program(*names: str) -> Path:
    """The first of some programs that is here."""
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        raise NoPodman(f"{names[0]} is not installed, of which the lab makes an image: make env installs it")
    return Path(found)


def _shell(content: RootFs) -> None:
    for name in SHELL:
        content.copy(f"usr/bin/{name}", _program(name).resolve())


def _redis() -> RootFs:
    content = RootFs()
    _shell(content)
    # Debian has one program for several purposes, told apart by the name by which it is run; the package that starts a
    # service brings that name only.
    content.copy("usr/bin/redis-server", _program("redis-server", "redis-check-rdb").resolve())
    content.copy("usr/bin/redis-cli", _program("redis-cli").resolve())
    content.file("usr/local/bin/docker-entrypoint.sh", REDIS_ENTRY, mode=0o755)
    content.users(redis=REDIS_USER)
    content.folder("data", owner=REDIS_USER)
    return content


def _router(version: str) -> RootFs:
    content = RootFs()
    _shell(content)
    python.install(content)
    for name in ("skrouterd", "skmanage"):
        module = f"tests.lab.skupper.container.{name}"
        python.install_package(content, module)
        content.file(f"usr/bin/{name}", f'#!/bin/sh\nexec python3 -S -m {module} "$@"\n', mode=0o755)
    content.file(f"{ROUTER_HOME}/bin/launch.sh", ROUTER_LAUNCH, mode=0o755)
    content.file("etc/lab-router-version", f"{version}\n")
    content.users(skrouterd=ROUTER_USER)
    return content


def _router_image(version: str) -> Image:
    changes = (
        "ENV PATH=/usr/local/bin:/usr/bin:/bin",
        f"ENV PYTHONPATH={python.PACKAGES}",
        "ENV PYTHONUNBUFFERED=1",
        f"ENV LAB_ROUTER_VERSION={version}",
        f"WORKDIR /{ROUTER_HOME}",
        f"USER {ROUTER_USER}",
        f'CMD ["/{ROUTER_HOME}/bin/launch.sh"]',
    )
    return Image(functools.partial(_router, version), changes)


IMAGES = {
    "localhost/lab/redis:7": Image(
        _redis,
        (
            "ENV PATH=/usr/local/bin:/usr/bin:/bin",
            "VOLUME /data",
            "WORKDIR /data",
            "EXPOSE 6379",
            'ENTRYPOINT ["docker-entrypoint.sh"]',
            'CMD ["redis-server"]',
        ),
    ),
    "localhost/lab/skupper-router:2.7.6": _router_image("2.7.6"),
    "localhost/lab/skupper-router:3.3.0": _router_image("3.3.0"),
}


def ensure_images() -> None:
    """Make what is missing or outdated. NoPodman where podman can not run a container."""
    for name, image in IMAGES.items():
        content = image.content()
        digest = hashlib.sha256("\n".join((content.digest(), *image.changes)).encode()).hexdigest()
        known = podman(
            "image", "inspect", "--format", f'{{{{.Id}}}} {{{{index .Labels "{DIGEST}"}}}}', name, check=False
        )
        identity, _space, made_of = known.stdout.strip().partition(" ")
        if made_of != digest:
            _import(name, content, (*image.changes, f"LABEL {DIGEST}={digest}"))
            if identity:
                podman("rmi", identity, check=False)  # a container may still be using it
    _try()


def _import(name: str, content: RootFs, changes: tuple[str, ...]) -> None:
    with tempfile.TemporaryFile() as archive:
        content.write(archive)
        archive.seek(0)
        podman("import", "--quiet", *(f"--change={each}" for each in changes), "-", name, stdin=archive)


def _try() -> None:
    try:
        podman("run", "--rm", "--pull=never", "--network=host", "localhost/lab/redis:7", "redis-cli", "--version")
    except LabError as error:
        raise NoPodman(f"podman can not run containers here: {error}") from error


def variant(name: str, other: str) -> None:
    """Make an image that differs from another in nothing but its id."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "Containerfile"
        file.write_text(f"FROM {name}\nLABEL lab.variant={other}\n", encoding="utf-8")
        podman("build", "--quiet", "--pull=never", "--tag", other, "--file", str(file), folder)
