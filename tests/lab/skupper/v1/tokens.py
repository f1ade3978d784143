# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service-controller does with tokens and claims on the linking site.

Tokens become connectors in ``skupper-internal`` (S1 cmd/service-controller/token_handler.go,
client/connector_create.go); claims are redeemed over HTTPS (S1 cmd/service-controller/claim_handler.go,
pkg/domain/link.go).
"""

from __future__ import annotations

import datetime
import http.client
import ssl
import urllib.parse
from base64 import b64decode
from collections.abc import Callable

import yaml

from tests.lab.api import Api, ApiError, Object, path
from tests.lab.skupper.v1 import names
from tests.lab.skupper.v1.router_config import FRAMES, KEY, RouterConfig, profile

ATTEMPTS = 5
"""At a conflict, and at a claim that could not be redeemed."""
REDEEM_SECONDS = 10.0


class NotRedeemed(Exception):
    """A claim was not redeemed, and may be tried again."""


def change_config(api: Api, namespace: str, change: Callable[[RouterConfig], bool]) -> None:
    """Change ``skupper-internal``; ``change`` returns whether there is anything to write. Tried again at conflicts."""
    target = path("v1", "configmaps", names.INTERNAL, namespace)
    for attempt in range(1, ATTEMPTS + 1):
        config_map = api.get(target)
        config = RouterConfig.of(config_map)
        if not change(config):
            return
        try:
            api.replace(target, config_map | {"data": config_map["data"] | {KEY: config.text()}})
        except ApiError as error:
            if error.status != 409 or attempt == ATTEMPTS:
                raise
        else:
            return


def connect(config: RouterConfig, token: Object) -> bool:
    """Have a connector for a token; return whether that changes anything."""
    metadata = token["metadata"]
    name, annotations = metadata["name"], metadata.get("annotations") or {}
    role = "edge" if config.edge else "inter-router"
    named = f"{name}-profile"
    connector = {
        "name": name,
        "role": role,
        "host": annotations.get(f"{role}-host", ""),
        "port": annotations.get(f"{role}-port", ""),
        "sslProfile": named,
        **FRAMES,
    }
    if cost := _cost(annotations.get(names.COST, "")):
        connector["cost"] = cost
    changed = False
    if config.find("sslProfile", named) is None:
        changed = config.put("sslProfile", profile(named, simple="tls.crt" not in (token.get("data") or {})))
    return config.put("connector", connector) or changed


def disconnect(config: RouterConfig, name: str) -> bool:
    """Remove a token's connector and profile; return whether there was one."""
    connector = config.find("connector", name)
    if connector is None:
        return False
    config.remove("connector", name)
    config.remove("sslProfile", connector.get("sslProfile", ""))
    return True


def _cost(text: str) -> int:
    """Anything but a number is ignored."""
    try:
        return int(text)
    except ValueError:
        return 0


def redeem(api: Api, claim: Object, site: str) -> None:
    """Redeem a claim: its Secret becomes a token. What is final is noted in the Secret, and not tried again.

    NotRedeemed when it may be tried again.
    """
    metadata = claim["metadata"]
    annotations = metadata.get("annotations") or {}
    if annotations.get(names.LAST_FAILED):
        return
    data = claim.get("data") or {}
    problem, status = "", 0
    try:
        status, text = _post(annotations.get(names.CLAIM_URL, ""), data, site)
    except (OSError, ValueError, http.client.HTTPException) as error:
        text = problem = f"Error claiming token: {error}"
    if status == 200:
        token = yaml.safe_load(text)
        changed = claim | {
            "metadata": metadata
            | {
                "labels": (metadata.get("labels") or {}) | token["metadata"]["labels"],
                "annotations": annotations | token["metadata"]["annotations"],
            },
            "data": token["data"],
        }
        _put(api, changed)
        print(f"claim {metadata['name']}: redeemed", flush=True)
        return
    problem = problem or text.strip()
    print(f"claim {metadata['name']}: {status or ''} {problem}", flush=True)
    noted = {names.STATUS: problem}
    if status == 404:
        noted[names.LAST_FAILED] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    if annotations.get(names.STATUS) != problem or status == 404:
        _put(api, claim | {"metadata": metadata | {"annotations": annotations | noted}})
    if status != 404:
        raise NotRedeemed(problem)


def _put(api: Api, secret: Object) -> None:
    metadata = secret["metadata"]
    wanted = secret | {"apiVersion": "v1", "kind": "Secret"}
    api.replace(path("v1", "secrets", metadata["name"], metadata["namespace"]), wanted)


def _post(url: str, data: dict[str, str], site: str) -> tuple[int, str]:
    """Send the password; the server has to prove itself with the authority that came with the claim."""
    parts = urllib.parse.urlsplit(url)
    if not parts.hostname:
        raise ValueError(f"no claim URL: {url!r}")
    context = ssl.create_default_context(cadata=b64decode(data.get("ca.crt", "")).decode())
    context.hostname_checks_common_name = True
    connection = http.client.HTTPSConnection(parts.hostname, parts.port or 443, timeout=REDEEM_SECONDS, context=context)
    try:
        headers = {"skupper-site-name": site}
        body = b64decode(data.get("password", ""))
        connection.request("POST", f"{parts.path}?site-version={names.VERSION}", body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
