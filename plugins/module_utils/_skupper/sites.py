# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which version of Skupper stands in a namespace. Pure.

Both use the names `skupper-router`, `skupper-site-ca` and `skupper-network-status`, so one namespace holds one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._client.errors import InterconnectError

V1, V2, BOTH, NONE = "v1", "v2", "both", ""

SITE_API = "skupper.io/v2alpha1"
SITE_CONFIG_MAP = "skupper-site"
"""v1: the ConfigMap that a site is made by."""


def standing(config_map: Mapping[str, Any] | None, sites: Sequence[Mapping[str, Any]]) -> str:
    """Which version stands there.

    :param config_map: `skupper-site` of v1, or None.
    :param sites: all objects of v2's kind Site in the namespace.
    """
    if config_map is not None:
        return BOTH if sites else V1
    return V2 if sites else NONE


def refuse_other_version(version: str, found: str, where: str) -> None:
    """Refuse a namespace whose site is not of the version that the task is about.

    :param found: from `standing`.
    :param where: in words, such as `namespace boutique of https://...`.
    :raises InterconnectError: also where there is no site at all.
    """
    if found == version:
        return
    if found == NONE:
        raise InterconnectError(
            f"{where} has no Skupper {version} site: make one first (role skupper_site), or correct namespace and "
            "context. Nothing was written"
        )
    if found == BOTH:
        raise InterconnectError(
            f"{where} has a Skupper v1 site (ConfigMap {SITE_CONFIG_MAP}) and a v2 site (Site): they use the same "
            "names and can not share a namespace. Remove one of them. Nothing was written"
        )
    raise InterconnectError(
        f"version: is {version}, but {where} has a Skupper {found} site: sites of v1 and v2 can not be linked with "
        f"each other, and tokens of one mean nothing to the other. Use version: {found} for both sites, or another "
        "namespace. Nothing was written"
    )


def active_site(sites: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The Site (v2) that counts: a namespace has one, and the controller refuses further ones."""
    if not sites:
        return None

    def rank(site: Mapping[str, Any]) -> tuple[bool, str]:
        conditions = (site.get("status") or {}).get("conditions") or []
        configured = any(entry.get("type") == "Configured" and entry.get("status") == "True" for entry in conditions)
        return (not configured, str((site.get("metadata") or {}).get("creationTimestamp", "")))

    return min(sites, key=rank)
