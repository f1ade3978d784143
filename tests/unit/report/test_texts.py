# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verification has found, for a terminal and for programs."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.multicluster.interconnect.plugins.filter.verify_report import verify_report
from ansible_collections.multicluster.interconnect.plugins.module_utils._info import checks as info_checks
from ansible_collections.multicluster.interconnect.plugins.plugin_utils import _report


def check(layer: str, host: str, state: str = "ok", name: str = "", message: str = "said") -> dict[str, Any]:
    return {
        "layer": layer,
        "host": host,
        "name": name or host,
        "state": state,
        "ok": state != "failed",
        "message": message,
    }


def result(*checks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"checks": list(checks), "serving": [], "lost": [], **more}


SOME = result(
    check("api", "ca-central"),
    check("api", "us-philly", "failed", message="does not answer"),
    check("site", "us-philly", "unknown"),
    check("link", "us-philly", "failed", "us-philly-to-ca-central", "is down"),
    check("service", "ca-central"),
    check("service", "ca-central", name="other"),
    serving=[{"name": "cart", "serves": True}, {"name": "ad", "serves": False}],
    lost=["ad: lost at us-philly; does not serve"],
)


def test_a_table_has_a_line_for_each_host_then_what_failed_and_what_serves() -> None:
    assert verify_report(SOME, "table") == [
        "            api   site  link  svc",
        "ca-central  ok    -     -     ok(2)",
        "us-philly   FAIL  ?     FAIL  -",
        "us-philly: api us-philly: does not answer",
        "us-philly: link us-philly-to-ca-central: is down; run deploy.yml with --tags links --limit us-philly",
        "ad: lost at us-philly; does not serve",
        "3 of 6 checks are good, 2 failed, 1 could not be seen; 1 of 2 services serve",
    ]


def test_a_row_is_not_broken_by_ansible() -> None:
    worst = [check(layer, "redis-ca-central", "failed") for layer in _report.LAYERS]
    many = [check(layer, "ca-central") for layer in ("service", "application", "traffic") for _number in range(20)]
    rows = verify_report(result(*worst, *many), "table")[:3]
    assert [row for row in rows if re.search(r"\S \S", row)] == [], "it breaks lines at single spaces"


def test_a_table_of_a_thousand_hosts_fits_on_a_screen() -> None:
    good = [check("api", f"site-{number}") for number in range(1000)]
    bad = [check("api", f"lost-{number}", "failed") for number in range(100)]
    lines = verify_report(result(*good, *bad), "table")
    assert len(lines) <= 1 + _report.MOST_HOSTS + 1 + _report.MOST_FAILURES + 2
    assert "and 1000 hosts with nothing but good checks" in lines
    assert "and 88 more failures (see the report)" in lines


def test_failures_of_a_host_say_layer_message_and_remedy() -> None:
    assert verify_report(SOME, "failures", "us-philly") == [
        "api us-philly: does not answer",
        "link us-philly-to-ca-central: is down; run deploy.yml with --tags links --limit us-philly",
    ]
    assert verify_report(SOME, "failures", "ca-central") == []


def test_every_layer_has_a_remedy_and_a_place() -> None:
    assert _report.LAYERS == info_checks.LAYERS
    assert set(_report.REMEDIES) == set(info_checks.LAYERS)
    assert (_report.OK, _report.FAILED, _report.UNKNOWN) == (info_checks.OK, info_checks.FAILED, info_checks.UNKNOWN)


def test_junit_has_a_suite_for_each_layer() -> None:
    root = ElementTree.fromstring(str(verify_report(SOME, "junit")))
    assert root.attrib == {"tests": "6", "failures": "2", "errors": "0", "skipped": "1"}
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        ("api", "2"), ("site", "1"), ("link", "1"), ("service", "2"),
    ]  # fmt: skip
    failure = root.find(".//testcase[@name='us-philly-to-ca-central']/failure")
    assert failure is not None
    assert failure.attrib == {"message": "is down", "type": "link"}
    assert root.find(".//testcase[@classname='us-philly']/skipped") is not None


def test_junit_takes_what_servers_say() -> None:
    odd = result(check("api", "a", "failed", message='<b>"\x1b[31m&\x00\u2028'))
    failure = ElementTree.fromstring(str(verify_report(odd, "junit"))).find(".//failure")
    assert failure is not None
    assert failure.get("message") == '<b>"[31m&\u2028'


@pytest.mark.parametrize(("given", "form"), [({}, "table"), ("text", "table"), (SOME, "pdf")])
def test_what_is_no_result_or_no_form_is_refused(given: Any, form: str) -> None:
    with pytest.raises(AnsibleFilterError):
        verify_report(given, form)
