# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Charts as lists of objects, rendered by the real Helm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._helm import HelmFailure, chart_objects
from tests.unit.boutique.charts import helm

SECRET = "hunter2-hunter2"
CHART = {
    "Chart.yaml": "{apiVersion: v2, name: tiny, version: 0.1.0}",
    "values.schema.json": '{"properties": {"color": {"type": "string"}}}',
    "templates/all.yaml": """
{{- if .Values.parts }}
apiVersion: v1
kind: List
items:
  {{- range .Values.parts }}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: {{ . }}}, data: {since: {{ $.Values.color | toJson }}}}
  {{- end }}
---
{{- end }}
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
stringData: {password: {{ required "no password" .Values.password }}}
---
# nothing
---
apiVersion: v1
kind: Pod
metadata: {name: test, annotations: {helm.sh/hook: test}}
""",
    "crds/thing.yaml": "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: t}}",
}


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("with a space") / "tiny"
    for name, text in CHART.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def objects(chart: Path, **options: Any) -> list[dict[str, Any]]:
    given = {"name": "shop", "namespace": "default", "values": {}, "binary": helm(), **options}
    return chart_objects(str(chart), **given)


def test_a_chart_becomes_objects(chart: Path) -> None:
    values = {"parts": ["a", "b"], "color": "2026-11-22", "password": SECRET}
    found = {each["metadata"]["name"]: each for each in objects(chart, namespace="online", values=values)}
    assert sorted(found) == ["a", "b", "shop", "t"], "lists unpacked, CRDs along, no hooks"
    assert found["a"]["data"] == {"since": "2026-11-22"}
    assert found["shop"]["metadata"]["namespace"] == "online"
    assert found["shop"]["stringData"] == {"password": SECRET}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "no password"),
        ({"values": {"password": SECRET, "color": 1}}, "got number, want string"),
        ({"values": {"password": "- {"}}, "error converting YAML to JSON"),
        ({"binary": "no-such-helm"}, "no-such-helm is not on the machine that runs Ansible"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_helm(chart: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(HelmFailure) as caught:
        objects(chart, **options)
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_chart_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HelmFailure, match=r"can not render chart .*nowhere.* not found"):
        objects(tmp_path / "nowhere")


def test_a_helm_that_hangs_is_not_waited_for(chart: Path, tmp_path: Path) -> None:
    hanging = tmp_path / "helm"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n", encoding="ascii")
    hanging.chmod(0o700)
    with pytest.raises(HelmFailure, match=r"not rendered chart .* within 1 s"):
        objects(chart, binary=str(hanging), timeout=1)


def test_values_stand_in_no_file_and_in_no_command_line(chart: Path, tmp_path: Path) -> None:
    spy = tmp_path / "helm"
    spy.write_text(
        f'#!/bin/sh\necho "$0 $@" >{tmp_path}/seen\nenv >>{tmp_path}/seen\ncat >/dev/null\n', encoding="ascii"
    )
    spy.chmod(0o700)
    assert objects(chart, binary=str(spy), values={"password": SECRET}) == []
    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    assert "template" in seen
    assert SECRET not in seen
