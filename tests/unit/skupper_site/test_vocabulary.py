# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked of a site."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InputError
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_site.vocabulary import (
    ALL_INGRESS,
    INGRESS,
    check_options,
    effective_ingress,
    secret_settings,
    setting_texts,
)
from ansible_collections.multicluster.interconnect.plugins.modules.skupper_site import SPEC


def params(**more: Any) -> dict[str, Any]:
    defaults = {option: spec.get("default") for option, spec in SPEC.argument_spec.items()}
    return {**defaults, "version": "v2", "name": "ca-central", "namespace": "boutique", **more}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "Upper"}, "name"),
        ({"name": "-dash"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a" * 64}, "name"),
        ({"name": "a.b"}, "name"),
        ({"namespace": "a_b"}, "namespace"),
        ({"ingress": "nginx-ingress-v1"}, "ingress"),
        ({"version": "v1", "ingress": "local"}, "ingress"),
        ({"edge": True, "ingress": "route"}, "ingress"),
        ({"edge": True, "ha": True}, "ha"),
        ({"settings": {"linkAccess": "route"}}, "settings.linkAccess"),
        ({"version": "v1", "settings": {"router-mode": "edge"}}, "settings.router-mode"),
        ({"settings": {"size": ["large"]}}, "settings.size"),
        ({"repair": True}, "repair"),
        ({"version": "v1", "repair": True, "state": "absent"}, "repair"),
        ({"revoke_before": "2026-01-01T00:00:00Z"}, "revoke_before"),
    ],
)
def test_what_can_not_be_is_refused(more: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as error:
        check_options(params(**more))
    assert error.value.details["field"] == field


@pytest.mark.parametrize(("version", "ingress"), [(version, each) for version in INGRESS for each in INGRESS[version]])
def test_every_way_in_of_a_version_is_allowed(version: str, ingress: str) -> None:
    check_options(params(version=version, ingress=ingress))
    assert ingress in ALL_INGRESS
    assert effective_ingress(params(ingress=ingress)) == ingress


def test_what_is_not_said_is_the_controller_s_choice_but_for_edge_sites() -> None:
    assert effective_ingress(params()) == "default"
    assert effective_ingress(params(edge=True)) == "none"


def test_settings_become_texts_and_passwords_secrets() -> None:
    settings = {"a": True, "b": False, "c": 3, "d": None, "console-password": "open-sesame", "e": ""}
    assert setting_texts(settings) == {
        "a": "true",
        "b": "false",
        "c": "3",
        "console-password": "open-sesame",
        "e": "",
    }
    assert secret_settings(settings) == {"open-sesame"}
