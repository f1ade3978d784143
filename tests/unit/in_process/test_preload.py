# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters are loaded in the process that forks the workers, and not again in every worker."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from tests.environments import CORES, Core
from tests.unit.client.certificates import Authority
from tests.unit.client.scripted_server import ScriptedServer
from tests.unit.in_process.conftest import Play

LOADED = re.compile(r"Loading (Filter|Test)Module '([^']+)' from (?!.*found_in_cache=True)")
"""What Ansible says about each plugin's file that it reads, where it is asked for debugging output."""


@pytest.mark.parametrize("core", CORES, ids=lambda core: core.version)
def test_filters_are_loaded_once_in_a_run(core: Core, server: ScriptedServer, authority: Authority, play: Play) -> None:
    look: dict[str, Any] = {"host": server.url, "ca_cert": str(authority.file), "api_key": "x"}
    text = "{{ {} | combine({}) | multicluster.interconnect.resource_waits }}"
    tasks: list[dict[str, Any]] = [{"multicluster.interconnect.cluster_info": look}]
    tasks += [{"ansible.builtin.debug": {"msg": text}, "ignore_errors": True}] * 2
    run = play(tasks, core=core, environ={"ANSIBLE_DEBUG": "1"})
    loaded = Counter(LOADED.findall(run.output))
    assert {"resource_waits", "core"} <= {name.rpartition(".")[2] for _kind, name in loaded}
    assert set(loaded.values()) == {1}, loaded
