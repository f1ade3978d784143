# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: complete by itself, escaped throughout, and with the network drawn."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from ansible_collections.multicluster.interconnect.plugins.filter.verify_report import verify_report
from ansible_collections.multicluster.interconnect.plugins.plugin_utils import _report_topology as topology
from tests.unit.info.world import CLUSTERS, HUB, PHILLY, REDIS, TORONTO, World, deployment

SVG = "{http://www.w3.org/2000/svg}"
VOID = frozenset({"meta", "br", "link", "img", "input", "hr"})
PROBE = {
    "cluster": PHILLY,
    "name": "redis-cart:6379 (redis)",
    "service": "redis-cart",
    "port": 6379,
    "kind": "redis",
    "ok": True,
    "message": "Redis answers +PONG",
    "connect_seconds": 0.0123,
    "answer_seconds": 0.004,
}


def look(**broken: Any) -> dict[str, Any]:
    world = World(workloads={PHILLY: [deployment("cart"), deployment("ad", 0)]}, **broken)
    result = world.look(probes=[PROBE])
    result["document"]["probes"] = [PROBE]
    return result


def page(result: dict[str, Any], title: str = "boutique") -> str:
    return str(verify_report(result, "html", title=title))


class Reader(HTMLParser):
    """Reads a page as strictly as a browser would not: every element is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href", "action", "srcset")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_page_needs_nothing_but_itself() -> None:
    text = page(look())
    read = Reader(text)
    assert read.open == []
    assert read.addresses == []
    assert "script" not in read.tags
    assert re.findall(r"@import|url\((?!#)", text) == []
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg|ca-|us-)", text) == []


def test_a_page_has_a_section_for_everything_that_there_is() -> None:
    headings = re.findall(r"<h2>(.*?)</h2>", page(look()))
    assert headings == ["Topology", "Services", "Links", "Gateways of bare-metal hosts", "Clusters", "Traffic"]
    broken = re.findall(r"<h2>(.*?)</h2>", page(look(checkout_at=(TORONTO,))))
    assert broken[1:3] == ["What has failed", "What is lost, and what serves"]
    text = page(look())
    for words in ("Redis answers +PONG", "12 ms", "1 of 2", "700 days", "checks are good"):
        assert words in text


def test_a_page_of_clusters_without_a_network_has_no_topology() -> None:
    result = World(version="").look(links=[], gateways=[], services=[])
    assert re.findall(r"<h2>(.*?)</h2>", page(result)) == ["Clusters"]


def test_everything_that_servers_say_is_escaped() -> None:
    evil = '<script>alert("1")</script>&'
    result = look()

    def poison(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {each: poison(entry, each) for each, entry in value.items()}
        if isinstance(value, list):
            return [poison(entry, key) for entry in value]
        # What is compared, or is a place in the drawing, has to stay what it is.
        return f"{value}{evil}" if isinstance(value, str) and key not in ("state", "layer", "sync", "health") else value

    text = page(poison(result), evil)
    assert "<script" not in text
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;" in text
    assert Reader(text).open == []


@pytest.mark.parametrize("columns", [1, 4])
def test_the_drawing_has_a_box_for_each_host_and_a_line_for_each_link(columns: int) -> None:
    root = ElementTree.fromstring(topology.drawing(look(), columns, "wide"))
    boxes = [each for each in root.iter(f"{SVG}g") if "box" in str(each.get("class"))]
    names = [str(text.text) for box in boxes for text in box.findall(f"{SVG}text") if text.get("class") == "name"]
    assert names == [*CLUSTERS, REDIS]
    lines = [each for each in root.iter(f"{SVG}g") if "link" in str(each.get("class"))]
    titles = [str(line.findtext(f"{SVG}title")) for line in lines]
    assert titles == [
        f"{TORONTO} to {HUB}: cost 1, 700 days",
        f"{PHILLY} to {HUB}: cost 1, 700 days",
        f"{REDIS} to {HUB}: 700 days",
    ]
    assert all(line.find(f"{SVG}path[@marker-end='url(#wide-ok)']") is not None for line in lines)


def test_the_drawing_shows_what_is_broken_by_word_and_line() -> None:
    root = ElementTree.fromstring(topology.drawing(look(links_down={PHILLY}, gateway_up=False), 4, "wide"))
    states = {str(each.findtext(f"{SVG}title")): str(each.get("class")) for each in root.iter(f"{SVG}g")}
    assert states[f"{PHILLY} to {HUB}: down"] == "link failed"
    assert states[f"{REDIS} to {HUB}: down"] == "link failed"
    assert next(kinds for title, kinds in states.items() if title.startswith(f"{REDIS}: ")) == "box failed gateway"


def test_what_is_linked_to_stands_above_and_nothing_stands_upon_something_else() -> None:
    result = look()
    nodes = topology.nodes_of(result)
    rows = topology.levels(nodes, topology.edges_of(result, nodes))
    assert rows == [[REDIS], [HUB], [TORONTO, PHILLY]]
    for columns in (1, 2, 4):
        spots, width, height = topology.places(rows, columns)
        assert len(set(spots.values())) == len(nodes)
        for spot in spots.values():
            assert 0 <= spot.x <= width - topology.BOX_WIDTH
            assert 0 <= spot.y <= height - topology.BOX_HEIGHT


def test_links_in_a_ring_end() -> None:
    nodes = [topology.Node(name, (), "ok") for name in "abc"]
    edges = [topology.Edge(pair[0], pair[1], "", "ok") for pair in ("ab", "bc", "ca")]
    assert sorted(name for row in topology.levels(nodes, edges) for name in row) == ["a", "b", "c"]


def test_of_hundreds_of_sites_those_with_trouble_are_drawn() -> None:
    result = look()
    cluster = result["document"]["clusters"][0]
    many = [{**cluster, "name": f"site-{number}"} for number in range(300)]
    bad = {"layer": "api", "host": "site-299", "name": "", "state": "failed", "ok": False, "message": ""}
    result["document"]["clusters"] = many
    result["checks"].append(bad)
    text = topology.drawing(result, 4, "wide")
    assert "site-299" in text
    assert text.count("<rect") == topology.MOST_NODES
