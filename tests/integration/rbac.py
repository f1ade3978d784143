# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifests of docs/rbac, as an administrator applies them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from tests.lab.api import Api, Object, path
from tests.tree import CHECKOUT

ACCOUNT = ("multicluster-interconnect", "interconnect")
"""Namespace and name of the account that they are for."""
USER = "system:serviceaccount:" + ":".join(ACCOUNT)
ADMINISTRATOR = "an-administrator"


def documents(manifest: str, namespace: tuple[str, str] | None = None) -> Iterator[tuple[str, Object]]:
    """The objects of a manifest, each with its path.

    :param namespace: a namespace in the manifest, and the one that stands in its place, as their comments ask for.
    """
    text = (CHECKOUT / "docs" / "rbac" / f"{manifest}.yml").read_text(encoding="utf-8")
    if namespace:
        theirs, ours = namespace
        text, count = re.subn(rf"(?<![\w-]){theirs}(?![\w-])", ours, text)
        assert count, f"{manifest} is not about {theirs}"
    for document in yaml.safe_load_all(text):
        metadata, plural = document["metadata"], f"{document['kind'].lower()}s"
        yield path(document["apiVersion"], plural, metadata["name"], metadata.get("namespace", "")), document


def grant(api: Api, manifest: str, namespace: tuple[str, str] | None = None) -> None:
    """Apply a manifest."""
    for place, document in documents(manifest, namespace):
        api.apply(place, document, ADMINISTRATOR)
