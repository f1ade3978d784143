# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Loads Jinja's filters and tests in the process that forks the workers.

Ansible loads them at their first use in a worker, of which there is a new one for every task and host: those of
ansible.builtin, and the files of all filters of a collection at the first of them that a template names. That was a
third of the processor time of a run that changes nothing. See docs/decisions/0014-preloaded-filters.md.
"""

from __future__ import annotations

from ansible.plugins.loader import filter_loader, test_loader
from ansible.utils.collection_loader import AnsibleCollectionConfig

COLLECTION = "multicluster.interconnect"
LOADED_BY = {filter_loader: (f"{COLLECTION}.skupper_links", "ansible.builtin.combine"), test_loader: ("defined",)}
"""By loader, names of which one brings the others of its collection with it."""


def preload() -> None:
    """Load what every worker would load for itself; a worker's own loading finds it."""
    if AnsibleCollectionConfig.collection_finder is None:
        return  # imported as any Python package, without Ansible's loader of collections: there will be no workers
    for loader, names in LOADED_BY.items():
        for name in names:
            loader.get(name)
