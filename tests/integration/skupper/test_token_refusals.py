# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What skupper_token refuses before it writes anything, on real clusters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.conftest import Audit
from tests.integration.lab.sites import GROUP
from tests.integration.runs import Ansible, step
from tests.integration.scratch import Scratch
from tests.integration.skupper.token_links import HUB, LINK, MODULE, PHILLY, Links, refused
from tests.lab import Lab
from tests.lab.api import path


@pytest.fixture(scope="module")
def sites(lab: Lab) -> Iterator[Links]:
    """Sites that need not be ready: nothing comes to that."""
    made = Links(lab, "token-refusals")
    try:
        made.make(HUB, "Site", HUB)
        made.make(PHILLY, "Site", PHILLY, edge=True)
        for cluster in (HUB, PHILLY):
            made.wait(cluster, "Site", cluster, "Configured")
        yield made
    finally:
        made.clean()


def test_bad_input_is_refused_before_any_write(
    either_way: Ansible, sites: Links, scratch: Scratch, audit: Audit
) -> None:
    v1 = scratch.namespace(PHILLY, "-v1")
    scratch.make(PHILLY, path("v1", "configmaps", namespace=v1), {"metadata": {"name": "skupper-site"}})
    empty = scratch.namespace(PHILLY, "-empty")
    itself: dict[str, Any] = {"issuer": {"context": PHILLY}}
    cases = {
        "name": (sites.args(name="To_Central"), ["name: 'To_Central'", "DNS label"]),
        "namespace": (sites.args(namespace="Boutique"), ["namespace", "DNS label"]),
        "no issuer": ({key: value for key, value in sites.args().items() if key != "issuer"}, ["issuer"]),
        "cost": (sites.args(cost=0), ["cost: is 0"]),
        "closed": (sites.args(), ["accepts no links", "linkAccess"]),
        "edge": ({**sites.args(), **itself, "context": HUB}, ["edge site"]),
        "v1 issuer": (sites.args(issuer_namespace=v1) | itself, ["version: is v2", "Skupper v1 site"]),
        "empty": (sites.args(issuer_namespace=empty) | itself, ["has no Skupper v2 site"]),
        "none": (sites.args(state="rotated", distribution="none", renew_before=30), ["renew_before"]),
    }
    with audit() as log:
        run = sites.run(either_way, *(step(name, MODULE, **args) for name, (args, _words) in cases.items()))
    for name, (_args, words) in cases.items():
        refused(run, name, *words)
    assert log.writes == []


def test_a_link_with_itself_and_a_v1_site_that_links_are_refused(
    ansible: Ansible, scratch: Scratch, audit: Audit
) -> None:
    namespace, v1 = scratch.namespace(HUB, "-itself"), scratch.namespace(HUB, "-v1")
    scratch.make(HUB, path("v1", "configmaps", namespace=v1), {"metadata": {"name": "skupper-site"}})
    site = {"apiVersion": GROUP, "kind": "Site", "metadata": {"name": "a"}, "spec": {"linkAccess": "loadbalancer"}}
    scratch.make(HUB, path(GROUP, "sites", namespace=namespace), site)
    offered = scratch.namespace(HUB, "-offered")
    scratch.make(HUB, path(GROUP, "sites", namespace=offered), {**site, "metadata": {"name": "b"}})
    token = {"metadata": {"name": LINK, "labels": {"skupper.io/type": "connection-token"}}}
    scratch.make(HUB, path("v1", "secrets", namespace=offered), token)
    common: dict[str, Any] = {"name": LINK, "version": "v2", "issuer": {"context": HUB}, "issuer_namespace": namespace}
    with audit() as log:
        run = ansible.steps(
            step("itself", MODULE, **common, namespace=namespace),
            step("v1", MODULE, **common, namespace=v1),
            step("v1 token", MODULE, **common, namespace=offered),
            cluster=HUB,
        )
    refused(run, "itself", "can not be linked with itself")
    refused(run, "v1", "version: is v2", "Skupper v1 site", "version: v1")
    refused(run, "v1 token", LINK, "connection-token of Skupper v1", "Nothing was written")
    assert log.writes == []
