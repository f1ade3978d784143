# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a verification has found, in the forms in which it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.multicluster.interconnect.plugins.plugin_utils import _report, _report_page

DOCUMENTATION = r"""
name: verify_report
short_description: What a verification has found, as a table, a page, JUnit XML or lines of text
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Takes the result of M(multicluster.interconnect.interconnect_info) and writes it down for people and programs.
positional: _input, form
options:
  _input:
    description: The registered result.
    type: dict
    required: true
  form:
    description:
      - V(table) is a list of lines for a terminal, V(failures) a list of what has failed and what to do about it,
        V(junit) a JUnit XML document, V(html) a page that needs nothing but itself.
    type: str
    choices: [table, failures, junit, html]
    required: true
  host:
    description: With O(form=failures), the host that is meant. By default all.
    type: str
    default: ""
  title:
    description: With O(form=html), title of the page.
    type: str
    default: interconnect
"""

EXAMPLES = r"""
- name: Show what has failed
  ansible.builtin.debug:
    msg: "{{ interconnect | multicluster.interconnect.verify_report('failures') }}"
"""

RETURN = r"""
_value:
  description: The lines, or the document.
  type: raw
"""


def verify_report(result: Any, form: str, host: str = "", title: str = "interconnect") -> str | list[str]:
    """See DOCUMENTATION.

    :raises AnsibleFilterError: no result, or no such form.
    """
    if not isinstance(result, Mapping) or not isinstance(result.get("checks"), Sequence):
        raise AnsibleFilterError("verify_report needs the result of interconnect_info")
    if form == "failures":
        return _report.failures(result["checks"], host)
    forms: dict[str, Callable[[Mapping[str, Any]], str | list[str]]] = {
        "table": _report.table,
        "junit": _report.junit,
        "html": lambda found: _report_page.page(found, str(title)),
    }
    if form not in forms:
        raise AnsibleFilterError(f"verify_report has no form {form!r}; it has {', '.join([*forms, 'failures'])}")
    return forms[form](result)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"verify_report": verify_report}
