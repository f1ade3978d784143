# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a verification has found, for a terminal and for programs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

LAYERS = ("api", "hub", "site", "link", "certificate", "gateway", "service", "application", "traffic")
OK, FAILED, UNKNOWN = "ok", "failed", "unknown"
MOST_HOSTS, MOST_FAILURES = 25, 12
"""Lines that a terminal's screen has room for."""

# Ansible breaks what has more than 80 characters with its indentation, at single spaces: there are none in the rows.
_HEADS = {"certificate": "cert", "gateway": "gw", "service": "svc", "application": "app"}

REMEDIES = {
    "api": "",  # the client's own words say it
    "hub": "run deploy.yml with --tags hub,membership --limit {host}",
    "site": "run deploy.yml with --tags sites --limit {host}",
    "link": "run deploy.yml with --tags links --limit {host}",
    "certificate": "run rotate.yml with --tags links,gateways --limit {host}",
    "gateway": "run deploy.yml with --tags redis,gateways --limit {host}",
    "service": "run deploy.yml with --tags links,boutique --limit {host}, and see the pods behind it",
    "application": "run deploy.yml with --tags boutique --limit {host}",
    "traffic": "where link and service are good, see what is behind the service",
}

Check = Mapping[str, Any]


def failures(checks: Sequence[Check], host: str = "") -> list[str]:
    """A line for each failed check, with what to do.

    :param host: of this host only; empty for all, and then each line begins with the host's name.
    """
    found = [check for check in checks if check["state"] == FAILED and host in ("", check["host"])]
    return [("" if host else f"{check['host']}: ") + _line(check) for check in found]


def _line(check: Check) -> str:
    remedy = REMEDIES[check["layer"]].format(host=check["host"])
    return f"{check['layer']} {check['name']}: {check['message']}" + (f"; {remedy}" if remedy else "")


def table(result: Mapping[str, Any]) -> list[str]:
    """A screen for the terminal: a line for each host, then what has failed, and what still serves.

    In a large inventory, hosts without a failure are counted, not listed.
    """
    checks: Sequence[Check] = result["checks"]
    layers = [layer for layer in LAYERS if any(check["layer"] == layer for check in checks)]
    hosts = list(dict.fromkeys(check["host"] for check in checks))
    bad = [host for host in hosts if any(check["host"] == host and check["state"] != OK for check in checks)]
    shown = hosts if len(hosts) <= MOST_HOSTS else bad[:MOST_HOSTS]
    rows = [["", *(_HEADS.get(layer, layer) for layer in layers)]]
    rows += [[host, *(_cell(checks, host, layer) for layer in layers)] for host in shown]
    lines = _aligned(rows)
    if len(shown) < len(hosts):
        good = len(hosts) - len(bad)
        lines.append(f"and {good} hosts with nothing but good checks")
    failed = failures(checks)
    lines += failed[:MOST_FAILURES]
    if len(failed) > MOST_FAILURES:
        lines.append(f"and {len(failed) - MOST_FAILURES} more failures (see the report)")
    lines += result.get("lost") or []
    return [*lines, verdict(result)]


def verdict(result: Mapping[str, Any]) -> str:
    """The whole in one line."""
    states = [check["state"] for check in result["checks"]]
    unknown = f", {states.count(UNKNOWN)} could not be seen" if UNKNOWN in states else ""
    served = result.get("serving") or []
    services = f"; {sum(each['serves'] for each in served)} of {len(served)} services serve" if served else ""
    return f"{states.count(OK)} of {len(states)} checks are good, {states.count(FAILED)} failed{unknown}{services}"


def _cell(checks: Sequence[Check], host: str, layer: str) -> str:
    states = [check["state"] for check in checks if (check["host"], check["layer"]) == (host, layer)]
    if not states:
        return "-"
    if FAILED in states:
        return "FAIL"
    if UNKNOWN in states:
        return "?"
    return "ok" if len(states) == 1 else f"ok({len(states)})"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def junit(result: Mapping[str, Any]) -> str:
    """The checks as JUnit XML: a suite for each layer, a case for each check.

    Format: https://github.com/testmoapp/junitxml (what CI systems read).
    """
    checks: Sequence[Check] = result["checks"]
    root = ElementTree.Element("testsuites", _counts(checks))
    for layer in LAYERS:
        own = [check for check in checks if check["layer"] == layer]
        if not own:
            continue
        suite = ElementTree.SubElement(root, "testsuite", {"name": layer, **_counts(own)})
        for check in own:
            _case(suite, check)
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_printable(text)}\n'


def _counts(checks: Sequence[Check]) -> dict[str, str]:
    states = [check["state"] for check in checks]
    return {
        "tests": str(len(states)),
        "failures": str(states.count(FAILED)),
        "errors": "0",
        "skipped": str(states.count(UNKNOWN)),
    }


def _case(suite: ElementTree.Element, check: Check) -> None:
    case = ElementTree.SubElement(suite, "testcase", {"classname": str(check["host"]), "name": str(check["name"])})
    if check["state"] == FAILED:
        ElementTree.SubElement(case, "failure", {"message": str(check["message"]), "type": check["layer"]})
    elif check["state"] == UNKNOWN:
        ElementTree.SubElement(case, "skipped", {"message": str(check["message"])})


def _printable(text: str) -> str:
    """Without the control characters that XML does not allow, and servers may send."""
    return "".join(each for each in text if each in "\t\n\r" or each >= " ")
