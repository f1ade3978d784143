# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files and the container of a podman site, as arguments of module skupper_router. Pure.

Folders, container and labels: skupperproject/skupper 2.0.0 pkg/nonkube/api/environment.go, internal/nonkube/compat
site_state_renderer.go. The site's resources are laid down as well, where upstream's CLI looks for them, so that
`skupper system reload` could take the site over.
"""

from __future__ import annotations

import json
from typing import Any

from .._client.client import Object
from .._skupper.model import Material
from . import v2_config
from .v2_resources import PodmanSite

IMAGE = "quay.io/skupper/skupper-router:3.2.0"
CONFIG = "runtime/router/skrouterd.json"
INPUT = "input/resources"
PLATFORM = "internal/platform.yaml"
BASE = "/etc/skupper-router"


def home(data_home: str, uid: int, name: str) -> str:
    """The site's folder: below /var/lib for root, whatever his environment says.

    :param uid: of the user; -1 to have `data_home` for whomever.
    """
    below = "/var/lib" if uid == 0 else data_home.rstrip("/")
    return f"{below}/skupper/namespaces/{name}"


def router_arguments(site: PodmanSite, site_id: str, management_port: int, image: str) -> dict[str, Any]:
    """Everything that skupper_router needs but `home` and `state`."""
    resources = site.resources()
    certificates = [v2_config.profile(site.link), v2_config.LOCAL]
    material = site.material or Material(b"unknown", b"unknown", b"unknown")
    inputs = {_input(obj): _text(obj) for obj in resources}
    secret_inputs = {_input(obj) for obj in resources if obj["kind"] == "Secret"}
    return {
        "name": site.container,
        "config_file": CONFIG,
        "files": {
            CONFIG: v2_config.render(resources, site_id, management_port),
            PLATFORM: "platform: podman\n",
            **{path: text for path, text in inputs.items() if path not in secret_inputs},
            **{
                f"{v2_config.CERTIFICATES}/{folder}/{name}": content.decode()
                for folder in certificates
                for name, content in (("ca.crt", material.ca), ("tls.crt", material.certificate))
            },
        },
        "secret_files": {
            **{path: text for path, text in inputs.items() if path in secret_inputs},
            **{f"{v2_config.CERTIFICATES}/{folder}/tls.key": material.key.decode() for folder in certificates},
        },
        "managed": ["runtime/router", v2_config.CERTIFICATES, INPUT],
        "unread": [PLATFORM, *inputs],
        "image": image,
        "env": {
            "APPLICATION_NAME": "skupper-router",
            "QDROUTERD_CONF": f"{BASE}/config/skrouterd.json",
            "QDROUTERD_CONF_TYPE": "json",
            "SKUPPER_SITE_ID": site_id,
            "SSL_PROFILE_BASE_PATH": BASE,
        },
        "mounts": [
            {"source": "runtime/router", "target": f"{BASE}/config", "options": ["z"]},
            {
                "source": v2_config.CERTIFICATES,
                "target": f"{BASE}/{v2_config.CERTIFICATES}",
                "options": ["z"],
            },
        ],
        "labels": {
            "application": "skupper-v2",
            "skupper.io/site-id": site_id,
            "skupper.io/v2-component": "router",
        },
        "user": "keep-id",
    }


def _input(obj: Object) -> str:
    return f"{INPUT}/{obj['kind']}-{obj['metadata']['name']}.yaml"


def _text(obj: Object) -> str:
    """JSON, which is YAML as well."""
    return json.dumps(obj, indent=2) + "\n"
