# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network as a drawing: sites, bare-metal hosts, and the links between them, as SVG. Pure.

Sites that are linked to stand above those that link to them, a bare-metal host beyond the site that it is near to. The
drawing is made twice, for wide and for narrow screens, and the page shows the one that fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

from ._report import FAILED, OK, UNKNOWN

BOX_WIDTH, BOX_HEIGHT = 200, 64
GAP_X, GAP_Y = 70, 84
MARGIN = 12
LABEL = 110
"""Room for the words beside a line."""
BULGE = 34
"""How far the first line stands out that goes around boxes in a column; each further one stands out more."""
MOST_NODES = 48
"""What can be drawn and still be read."""
_LONGEST_NAME, _LONGEST_LINE = 22, 30


@dataclass(frozen=True)
class Node:
    """A site, or a bare-metal host."""

    name: str
    lines: tuple[str, ...]
    state: str
    is_gateway: bool = False
    near: str = ""
    """The site of a bare-metal host."""


class Edge(NamedTuple):
    """A link, from the one that dials."""

    source: str
    target: str
    label: str
    state: str


class Point(NamedTuple):
    """Upper left corner of a box."""

    x: int
    y: int


def nodes_of(result: Mapping[str, Any]) -> list[Node]:
    """What stands in the drawing."""
    document, states = result["document"], _states(result["checks"])
    nodes = [_site(cluster, states) for cluster in document["clusters"] if cluster["skupper_version"]]
    return nodes + [_gateway(gateway, states) for gateway in document["gateways"]]


def _states(checks: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The worst state of each host."""
    order = (OK, UNKNOWN, FAILED)
    found: dict[str, str] = {}
    for check in checks:
        found[check["host"]] = max(found.get(check["host"], OK), check["state"], key=order.index)
    return found


def _site(cluster: Mapping[str, Any], states: Mapping[str, str]) -> Node:
    site, reachable = cluster["site"] or {}, cluster["api"]["reachable"]
    version = site.get("version") or ""
    what = f"Skupper {version or cluster['skupper_version']}"
    said = ("ready" if site.get("ready") else "not ready") if reachable else "API does not answer"
    return Node(cluster["name"], (what, said), states.get(cluster["name"], OK))


def _gateway(gateway: Mapping[str, Any], states: Mapping[str, str]) -> Node:
    name = gateway["host"] or gateway["name"]
    offers = ", ".join(gateway["provides"]) or "offers nothing"
    state = states.get(name) or (OK if gateway["up"] else FAILED)
    return Node(name, ("bare-metal host", offers), state, True, gateway["cluster"])


def edges_of(result: Mapping[str, Any], nodes: Sequence[Node]) -> list[Edge]:
    """The lines between them."""
    known = {node.name for node in nodes}
    edges = []
    for link in result["document"]["links"]:
        if {link["from"], link["to"]} <= known:
            state = UNKNOWN if not link["known"] else OK if link["up"] else FAILED
            edges.append(Edge(link["from"], link["to"], _label(link), state))
    for gateway in result["document"]["gateways"]:
        name = gateway["host"] or gateway["name"]
        if {name, gateway["cluster"]} <= known:
            state = OK if gateway["up"] else FAILED
            edges.append(Edge(name, gateway["cluster"], _label({**gateway, "known": True}), state))
    return edges


def _label(link: Mapping[str, Any]) -> str:
    if not link["known"]:
        return "unknown"
    if not link["up"]:
        return "down"
    certificate = link.get("certificate")
    parts = [f"cost {link['cost']}"] if "cost" in link else []
    return ", ".join(parts + ([f"{certificate['days_left']} days"] if certificate else [])) or "up"


def levels(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[list[str]]:
    """Names by level: what is linked to above what links to it."""
    sites = [node.name for node in nodes if not node.is_gateway]
    depth = dict.fromkeys(sites, 0)
    for _round in sites:  # as deep as there are sites at most; rings end there, too
        for edge in edges:
            if edge.source in depth and edge.target in depth and depth[edge.source] <= depth[edge.target] < len(sites):
                depth[edge.source] = depth[edge.target] + 1
    found: dict[float, list[str]] = {}
    for node in nodes:
        at = depth.get(node.near, 0) if node.is_gateway else depth[node.name]
        # Beyond its site: above those at the top, below the others.
        level = (at - 0.5 if at == 0 else at + 0.5) if node.is_gateway else at
        found.setdefault(level, []).append(node.name)
    return [found[level] for level in sorted(found)]


def places(rows: Sequence[Sequence[str]], columns: int) -> tuple[dict[str, Point], int, int]:
    """Where each stands, and width and height of the whole."""
    lines = [row[start : start + columns] for row in rows for start in range(0, len(row), columns)]
    widest = max((len(line) for line in lines), default=1)
    width = widest * BOX_WIDTH + (widest - 1) * GAP_X
    found = {}
    for number, line in enumerate(lines):
        own = len(line) * BOX_WIDTH + (len(line) - 1) * GAP_X
        left = MARGIN + (width - own) // 2
        for column, name in enumerate(line):
            found[name] = Point(left + column * (BOX_WIDTH + GAP_X), MARGIN + number * (BOX_HEIGHT + GAP_Y))
    height = max(len(lines) * (BOX_HEIGHT + GAP_Y) - GAP_Y, BOX_HEIGHT)
    return found, width + 2 * MARGIN, height + 2 * MARGIN


def drawing(result: Mapping[str, Any], columns: int, style: str) -> str:
    """The SVG; empty where there is nothing to draw.

    :param columns: boxes in a row at most.
    :param style: name of the CSS class, and prefix of ids, as a page has two of them.
    """
    nodes = _drawn(nodes_of(result))
    if not nodes:
        return ""
    edges = edges_of(result, nodes)
    spots, width, height = places(levels(nodes, edges), columns)
    lines, room = _lines(edges, spots, style)
    width += room
    boxes = [_box(node, spots[node.name]) for node in nodes]
    title = f"{len(nodes)} sites and hosts with {len(edges)} links between them"
    markers = "".join(_marker(style, state) for state in (OK, FAILED, UNKNOWN))
    return (
        f'<svg class="{style}" viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg"><defs>{markers}</defs>{"".join(lines)}{"".join(boxes)}</svg>'
    )


def _drawn(nodes: Sequence[Node]) -> list[Node]:
    """All of them, or of too many those with trouble, and what these stand next to."""
    if len(nodes) <= MOST_NODES:
        return list(nodes)
    return sorted(nodes, key=lambda node: node.state == OK)[:MOST_NODES]


def _marker(style: str, state: str) -> str:
    return (
        f'<marker id="{style}-{state}" class="{state}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker>'
    )


def _box(node: Node, spot: Point) -> str:
    kinds = f"box {node.state}" + (" gateway" if node.is_gateway else "")
    texts = [
        f'<text x="{spot.x + 16}" y="{spot.y + 23}" class="name">{_short(node.name, _LONGEST_NAME)}</text>',
        *(
            f'<text x="{spot.x + 16}" y="{spot.y + 40 + 15 * number}">{_short(line, _LONGEST_LINE)}</text>'
            for number, line in enumerate(node.lines)
        ),
    ]
    return (
        f'<g class="{kinds}"><title>{escape(f"{node.name}: {node.state}; " + "; ".join(node.lines))}</title>'
        f'<rect x="{spot.x}" y="{spot.y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8"/>'
        f'<path class="bar" d="M{spot.x + 6} {spot.y + 8}v{BOX_HEIGHT - 16}"/>{"".join(texts)}</g>'
    )


def _short(text: str, longest: int) -> str:
    return escape(text if len(text) <= longest else text[: longest - 1] + "…")


def _lines(edges: Sequence[Edge], spots: Mapping[str, Point], style: str) -> tuple[list[str], int]:
    """The links, and how much room to the right those take that go around boxes."""
    found, around = [], 0
    for edge in edges:
        start, end = spots[edge.source], spots[edge.target]
        next_to_each_other = abs(start.y - end.y) == BOX_HEIGHT + GAP_Y
        anchor = "middle"
        if start.y == end.y:
            path, x, y = _beside(start, end)
        elif start.x != end.x or next_to_each_other:
            path, x, y = _across(start, end)
        else:
            around += 1
            anchor = "start"
            path, x, y = _around(start, end, around)
        title = escape(f"{edge.source} to {edge.target}: {edge.label}")
        found.append(
            f'<g class="link {edge.state}"><title>{title}</title>'
            f'<path d="{path}" marker-end="url(#{style}-{edge.state})"/>'
            f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(edge.label)}</text></g>'
        )
    return found, (around * BULGE + LABEL if around else 0)


def _across(start: Point, end: Point) -> tuple[str, int, int]:
    """From the edge of a box to that of one in another row."""
    up = start.y > end.y
    x1, x2 = start.x + BOX_WIDTH // 2, end.x + BOX_WIDTH // 2
    y1, y2 = (start.y, end.y + BOX_HEIGHT) if up else (start.y + BOX_HEIGHT, end.y)
    return f"M{x1} {y1}L{x2} {y2}", (x1 + x2) // 2, (y1 + y2) // 2 + 4


def _beside(start: Point, end: Point) -> tuple[str, int, int]:
    """Between boxes of one row, over what stands between them."""
    x1, x2 = start.x + BOX_WIDTH // 2, end.x + BOX_WIDTH // 2
    y = start.y + BOX_HEIGHT
    return f"M{x1} {y}C{x1} {y + GAP_Y // 2} {x2} {y + GAP_Y // 2} {x2} {y}", (x1 + x2) // 2, y + GAP_Y // 2 - 6


def _around(start: Point, end: Point, number: int) -> tuple[str, int, int]:
    """Between boxes of one column that others stand between."""
    x, y1, y2 = start.x + BOX_WIDTH, start.y + BOX_HEIGHT // 2, end.y + BOX_HEIGHT // 2
    out = x + BULGE * number
    middle = (y1 + y2) // 2
    return f"M{x} {y1}C{out} {y1} {out} {y1} {out} {middle}S{out} {y2} {x} {y2}", out - 12, middle + 4
