# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A v2 site goes when its controller has taken in that its services have gone.

The controller handles some five events a second. Where the Site goes before it has handled those of the Listeners and
Connectors, it keeps what it knows of them, and takes it for that of the next Site in the namespace, whose router then
gets none of its services although they are said to be configured (seen with 2.0.0; compare
skupperproject/skupper#2320 and #2323).
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

from .._client.client import Object
from .._client.errors import ApiError, MissingKind
from .._skupper.v1.vocabulary import ROUTER_CONFIG_KEY
from .job import ROUTER, SKUPPER_API, SiteJob

MOST_SECONDS = 60.0
"""A controller that is away never takes it in, and must not keep a site from going."""
SERVICES = ("Listener", "Connector")
ENTITIES = ("tcpListener", "tcpConnector")


def wait_until_services_are_gone(job: SiteJob) -> None:
    """Wait until the router's configuration has no services any more, where none are asked for."""
    if not job.waits:
        return
    end = min(job.deadline, time.monotonic() + MOST_SECONDS)
    with suppress(ApiError):  # what one may not see is not waited for
        if not _has_services(job):
            return
        job.task.progress(f"waiting until Skupper's controller has taken in that the services of {job.place} have gone")
        while time.monotonic() < end and _has_services(job):
            time.sleep(job.params["wait_sleep"])


def _has_services(job: SiteJob) -> bool:
    config = job.find(job.ref("v1", "ConfigMap", ROUTER))
    return bool(config) and any(_entities(config or {})) and not any(_asked_for(job, kind) for kind in SERVICES)


def _asked_for(job: SiteJob, kind: str) -> bool:
    try:
        return bool(job.client.list(SKUPPER_API, kind, job.namespace))
    except MissingKind:
        return False


def _entities(config: Object) -> list[Any]:
    """The services in a router's configuration: pairs of type and attributes (internal/qdr/qdr.go, RouterConfig)."""
    try:
        found = json.loads((config.get("data") or {}).get(ROUTER_CONFIG_KEY) or "[]")
    except ValueError:
        return []
    return [entity for entity in found if entity and entity[0] in ENTITIES]
