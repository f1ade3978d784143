# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be asked of a site, and what cannot be: pure checks of a task's options, before any request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._client.errors import InputError

V1, V2 = "v1", "v2"

_OF_V1 = ("default", "route", "loadbalancer", "nodeport", "nginx-ingress-v1", "ingress", "contour-http-proxy", "none")
_OF_V2 = (
    "default",
    "route",
    "loadbalancer",
    "nodeport",
    "ingress-nginx",
    "ingress",
    "contour-http-proxy",
    "gateway",
    "local",
    "none",
)
INGRESS: Mapping[str, tuple[str, ...]] = {V1: _OF_V1, V2: _OF_V2}
"""Ways in which other sites may reach this one (v1: pkg/site/site.go, v2: Site's spec.linkAccess)."""

ALL_INGRESS = tuple(dict.fromkeys(_OF_V1 + _OF_V2))

# What each way needs of the cluster; the others need nothing that can be asked for.
NEEDED_KINDS: Mapping[str, tuple[str, str, str]] = {
    "route": ("route.openshift.io/v1", "Route", "only OpenShift has it"),
    "contour-http-proxy": ("projectcontour.io/v1", "HTTPProxy", "install Contour"),
    "gateway": ("gateway.networking.k8s.io/v1", "Gateway", "install a Gateway API implementation"),
}
NEEDS_INGRESS_CLASS = ("nginx-ingress-v1", "ingress-nginx", "ingress")

# What the module sets by options of its own, and settings may therefore not name.
_KEYS_OF_OPTIONS: Mapping[str, Mapping[str, str]] = {
    V1: {"name": "name", "ingress": "ingress", "router-mode": "edge", "edge": "edge", "routers": "ha"},
    V2: {"linkAccess": "ingress", "edge": "edge", "ha": "ha"},
}
# Fields of a v2 Site's spec, beside those that options set; every other setting belongs into spec.settings.
SPEC_FIELDS = ("serviceAccount", "defaultIssuer")

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def check_options(params: Mapping[str, Any]) -> None:
    """Refuse what no cluster could do.

    :raises InputError: naming the option and the rule.
    """
    for option in ("name", "namespace"):
        if not _LABEL.fullmatch(params[option]):
            raise InputError(
                option,
                f"{params[option]!r} is no DNS label (RFC 1123): lower-case letters, digits and -, 63 at most, "
                "beginning and ending with a letter or digit",
            )
    version, ingress = params["version"], params["ingress"]
    if ingress is not None and ingress not in INGRESS[version]:
        raise InputError("ingress", f"{ingress} is not for version {version}: it has {', '.join(INGRESS[version])}")
    if params["edge"] and params["ha"]:
        raise InputError("ha", "does not go with edge: an edge site has one router")
    if params["edge"] and ingress not in (None, "none"):
        raise InputError("ingress", f"{ingress} does not go with edge: no other site can link to an edge site")
    _check_settings(version, params["settings"])
    if params["repair"] and (version != V1 or params["state"] != "present"):
        raise InputError("repair", "is for version v1 and state present: v2 has no state that needs it")
    if params["take_over"] and params["delivery"] != "direct":
        raise InputError("take_over", "goes with delivery: direct only: Argo CD takes over by itself")
    if params["revoke_before"] is not None and params["state"] != "revoked":
        raise InputError("revoke_before", "goes with state: revoked only")


def _check_settings(version: str, settings: Mapping[str, Any]) -> None:
    for key, value in settings.items():
        option = _KEYS_OF_OPTIONS[version].get(str(key))
        if option:
            raise InputError(f"settings.{key}", f"is set by the option {option}")
        if isinstance(value, (Mapping, list)):
            raise InputError(f"settings.{key}", "must be a text, a number or a truth value")


def setting_texts(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings as Skupper has them: all values are texts, truth values as `true` and `false`. None leaves one out."""
    return {
        str(key): str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in settings.items()
        if value is not None
    }


def secret_settings(settings: Mapping[str, Any]) -> set[str]:
    """Values of settings that must not be shown (`console-password`, `prometheus-server-password`)."""
    texts = setting_texts(settings)
    return {value for key, value in texts.items() if value and key.endswith("password")}


def effective_ingress(params: Mapping[str, Any]) -> str:
    """The way in which other sites reach this one; what is not said is the controller's choice."""
    if params["edge"]:
        return "none"
    return str(params["ingress"] or "default")
