# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as one page of HTML that needs nothing but itself: no scripts, no fonts, no requests. Pure.

Everything that servers say is escaped; `Html` is what has been.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ._report import FAILED, OK, UNKNOWN, failures, verdict
from ._report_style import STYLE
from ._report_topology import drawing

COLUMNS = {"wide": 4, "narrow": 1}
_SHOWN = {OK: "ok", FAILED: "failed", UNKNOWN: "unknown"}


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Cell = Any
"""What is not Html is escaped; a list is one cell with a line each."""


def page(result: Mapping[str, Any], title: str) -> str:
    """The page.

    :param result: of interconnect_info.
    :param title: what was looked at, such as the name of the application.
    """
    document = result["document"]
    sections = [
        _tiles(result),
        _section("Topology", "".join(drawing(result, columns, style) for style, columns in COLUMNS.items())),
        _section("What has failed", _list(failures(result["checks"]))),
        _section("What is lost, and what serves", _list(result.get("lost") or ())),
        _section("Services", _services(result)),
        _section("Links", _links(document["links"])),
        _section("Gateways of bare-metal hosts", _gateways(document["gateways"])),
        _section("Clusters", _clusters(document)),
        _section("Applications", _applications(document)),
        _section("Traffic", _traffic(document.get("probes") or ())),
        _checks(result["checks"]),
    ]
    state = OK if result["ok"] else FAILED
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}: {_SHOWN[state]}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<header><h1>{escape(title)}</h1>{_badge(state)}<p>{escape(verdict(result))}. Seen at "
        f"{escape(document['time'])}.</p></header>\n"
        + "\n".join(filter(None, sections))
        + "\n</main>\n</body>\n</html>\n"
    )


def _badge(state: str, words: str = "") -> Html:
    return Html(f'<span class="badge {state}">{escape(words or _SHOWN[state])}</span>')


def _of(good: bool, words: str = "") -> Html:
    return _badge(OK if good else FAILED, words)


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>" if content else ""


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _tiles(result: Mapping[str, Any]) -> str:
    states = [check["state"] for check in result["checks"]]
    served = result.get("serving") or []
    tiles = [
        (f"{states.count(OK)} of {len(states)}", "checks are good"),
        (str(states.count(FAILED)), "failed"),
        (str(states.count(UNKNOWN)), "could not be seen"),
    ]
    if served:
        tiles.append((f"{sum(bool(each['serves']) for each in served)} of {len(served)}", "services serve"))
    days = [link["certificate"]["days_left"] for link in result["document"]["links"] if link["certificate"]]
    if days:
        tiles.append((str(min(days)), "days until a link's certificate ends"))
    shown = "".join(f"<div><b>{escape(number)}</b><span>{escape(words)}</span></div>" for number, words in tiles)
    return f'<div class="tiles">{shown}</div>'


def _table(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table; empty where it has no rows. On a phone, each row is a card whose lines bear the heads."""
    body = "".join(
        "<tr>"
        + "".join(f'<td data-label="{escape(head)}">{_cell(cell)}</td>' for head, cell in zip(heads, row))
        + "</tr>"
        for row in rows
    )
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else ""


def _cell(cell: Cell) -> str:
    """In one element, which is a column of its own beside the head on a phone."""
    lines = cell if isinstance(cell, (list, tuple)) else [cell]
    shown = [str(each) if isinstance(each, Html) else escape(str(each)) for each in lines if each not in (None, "")]
    return f"<span>{'<br>'.join(shown) or '-'}</span>"


def _services(result: Mapping[str, Any]) -> str:
    served = {each["name"]: each for each in result.get("serving") or ()}
    return _table(
        ("Service", "State", "Provided by", "Reached from"),
        [
            (
                f"{each['name']}:{each['port']}" if each["port"] else each["name"],
                _of(each["serves"], "serves" if each["serves"] else "lost"),
                _providers(each, served.get(each["name"])),
                [_end(consumer) for consumer in each["consumers"]],
            )
            for each in result["document"]["services"]
        ],
    )


def _providers(service: Mapping[str, Any], served: Mapping[str, Any] | None) -> list[Cell]:
    """By the names of the inventory, where it wants the service."""
    if served is None:
        return [_end(provider) for provider in service["providers"]]
    return [*served["by"], *(Html(f"{escape(name)} {_of(False, 'lost')}") for name in served["lost"])]


def _end(end: Mapping[str, Any]) -> Cell:
    return (
        end["name"]
        if end["up"]
        else Html(f"{escape(end['name'])} {_of(False)}<br><small>{escape(end['message'])}</small>")
    )


def _links(links: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ("Link", "State", "From", "To", "Cost", "Seen from", "Certificate"),
        [
            (
                each["name"],
                _of(each["up"], "up" if each["up"] else "down") if each["known"] else _badge(UNKNOWN),
                each["from"],
                each["to"],
                each["cost"],
                each["seen_from"] or each["message"],
                _days(each["certificate"]),
            )
            for each in links
        ],
    )


def _days(certificate: Mapping[str, Any] | None) -> Cell:
    return f"{certificate['days_left']} days, until {certificate['not_after'][:10]}" if certificate else ""


def _gateways(gateways: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ("Host", "State", "Gateway", "Site", "Offers", "Certificate"),
        [
            (
                each["host"] or "-",
                _of(each["up"], "connected" if each["up"] else "not connected"),
                each["name"],
                each["cluster"],
                each["provides"],
                _days(each["certificate"]),
            )
            for each in gateways
        ],
    )


def _clusters(document: Mapping[str, Any]) -> str:
    return _table(
        ("Cluster", "API", "Kubernetes", "Skupper site", "Workloads ready", "Not to be read"),
        [
            (
                each["name"],
                _of(each["api"]["reachable"], "answers" if each["api"]["reachable"] else "no answer"),
                each["api"]["version"],
                _site(each),
                _ready(each["workloads"]),
                each["problems"],
            )
            for each in document["clusters"]
        ],
    )


def _site(cluster: Mapping[str, Any]) -> Cell:
    site = cluster["site"]
    if not site or not cluster["api"]["reachable"]:
        return ""
    version = site["version"] or cluster["skupper_version"]
    return Html(f"{escape(version)} {_of(site['ready'], 'ready' if site['ready'] else site['message'])}")


def _ready(workloads: Sequence[Mapping[str, Any]]) -> Cell:
    if not workloads:
        return ""
    waiting = [each["name"] for each in workloads if each["ready"] < each["desired"]]
    tally = f"{len(workloads) - len(waiting)} of {len(workloads)}"
    return [tally, f"not: {', '.join(waiting)}"] if waiting else tally


def _applications(document: Mapping[str, Any]) -> str:
    hub = document["hub"] or {}
    return _table(
        ("Application", "Cluster", "Sync", "Health", "Revision", "Argo CD says"),
        [
            (
                each["name"],
                each["cluster"],
                _of(each["sync"] == "Synced", each["sync"] or "unknown"),
                _of(each["health"] == "Healthy", each["health"] or "unknown"),
                str(each["revision"] or "")[:12],
                each["message"],
            )
            for each in hub.get("applications") or ()
        ],
    )


def _traffic(probes: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ("From", "To", "State", "Connected after", "Answer after", "Answer"),
        [
            (
                each["cluster"],
                each["name"],
                _badge({True: OK, False: FAILED, None: UNKNOWN}[each["ok"]]),
                _milliseconds(each["connect_seconds"]),
                _milliseconds(each["answer_seconds"]),
                each["message"],
            )
            for each in probes
        ],
    )


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.0f} ms"


def _checks(checks: Sequence[Mapping[str, Any]]) -> str:
    table = _table(
        ("Layer", "Host", "Check", "State", "Seen"),
        [(each["layer"], each["host"], each["name"], _badge(each["state"]), each["message"]) for each in checks],
    )
    return f"<section><details><summary>All {len(checks)} checks</summary>{table}</details></section>" if table else ""
