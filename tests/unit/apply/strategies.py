# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated objects."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

KEYS = st.sampled_from(["a", "b", "c", "d", "name"])
SCALARS = st.one_of(st.text("xyz", max_size=3), st.integers(0, 1), st.booleans())
ATOMS = st.lists(SCALARS, max_size=3)
KEYED = st.lists(
    st.fixed_dictionaries({"name": st.text("xyz", min_size=1, max_size=2), "value": SCALARS}),
    max_size=3,
    unique_by=lambda item: item["name"],
)

#: Plain data of any depth without null.
PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.one_of(SCALARS, ATOMS, KEYED), lambda inner: st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
MAPPINGS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(KEYS, PLAIN, max_size=4)
LABELS = st.dictionaries(st.sampled_from(["app", "tier", "site"]), st.text("xyz", max_size=3), max_size=3)


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Any]:
    """An object with labels and a spec."""
    metadata: dict[str, Any] = {"name": "thing", "namespace": "shop"}
    labels = draw(LABELS)
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": "v1", "kind": "Thing", "metadata": metadata, "spec": draw(MAPPINGS)}
