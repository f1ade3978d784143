# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the page of a report looks: light and dark, on a desk and on a phone."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --text: #1b1f24; --quiet: #59636e; --line: #d5dae0;
  --ok: #1a7f37; --failed: #c1121f; --unknown: #8a5a00;
  --ok-ground: #dff5e4; --failed-ground: #fde3e3; --unknown-ground: #fff1d1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1116; --card: #171b22; --text: #e6eaef; --quiet: #9aa5b1; --line: #30363f;
    --ok: #4ac26b; --failed: #ff7b72; --unknown: #e3b341;
    --ok-ground: #12301c; --failed-ground: #3d1518; --unknown-ground: #362a0b;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin-bottom: 1rem; }
header p { margin: 0; color: var(--quiet); flex-basis: 100%; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
section { padding: 1rem; margin: 0 0 1rem; }
.badge { display: inline-block; border-radius: 99px; padding: .05rem .6rem; font-weight: 600; white-space: nowrap; }
.badge.ok { color: var(--ok); background: var(--ok-ground); }
.badge.failed { color: var(--failed); background: var(--failed-ground); }
.badge.unknown { color: var(--unknown); background: var(--unknown-ground); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 0 0 1rem; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .6rem 1rem; }
.tiles b { display: block; font-size: 1.5rem; line-height: 1.3; }
.tiles span { color: var(--quiet); }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 600; border-top: 0; }
td { overflow-wrap: anywhere; }
td small { color: var(--quiet); }
ul { margin: 0; padding-left: 1.2rem; }
li { margin: .2rem 0; overflow-wrap: anywhere; }
summary { cursor: pointer; font-weight: 600; }
details table { margin-top: .75rem; }
footer { color: var(--quiet); }
svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--quiet); }
svg .name { font-size: 15px; font-weight: 600; fill: var(--text); }
svg rect { fill: var(--ground); stroke: var(--line); stroke-width: 1.5; }
svg .gateway rect { stroke-dasharray: 5 4; }
svg .bar { stroke-width: 5; stroke-linecap: round; }
svg .link path { fill: none; stroke-width: 2; }
svg .link text { stroke: var(--card); stroke-width: 5px; paint-order: stroke; fill: var(--text); }
svg .ok path { stroke: var(--ok); }
svg .failed path { stroke: var(--failed); }
svg .unknown path { stroke: var(--unknown); }
svg .link.failed path { stroke-dasharray: 6 5; }
svg .link.unknown path { stroke-dasharray: 2 5; }
svg marker path { stroke: none; }
svg marker.ok path { fill: var(--ok); }
svg marker.failed path { fill: var(--failed); }
svg marker.unknown path { fill: var(--unknown); }
svg.narrow { display: none; }
@media (max-width: 44rem) {
  svg.wide { display: none; }
  svg.narrow { display: block; }
  thead { display: none; }
  tr { display: block; padding: .5rem 0; border-top: 1px solid var(--line); }
  tbody tr:first-child { border-top: 0; }
  td { display: grid; grid-template-columns: 7rem 1fr; gap: .5rem; padding: .1rem 0; border: 0; }
  td::before { content: attr(data-label); color: var(--quiet); }
}
"""
