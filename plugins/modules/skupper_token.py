# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens by which Skupper sites are linked."""

from __future__ import annotations

DOCUMENTATION = r"""
module: skupper_token
short_description: Issue, link, rotate and remove the token by which one Skupper site is linked with another
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - A link is made by the site that dials (the linking site) with a token of the site that is dialled (the issuing
    site). This module has the token issued, verifies it, brings it to the linking site, and waits until both sites see
    the link; renews it without cutting the link; and removes it from both sides.
  - A token is never changed in place. A link's first token bears the link's name, the next ones C(<name>-2),
    C(<name>-3) and so on; an older one is removed only after the newer one carries the link. A run that was
    interrupted anywhere is completed by the next one.
  - A token that is found good is left as it is, also one that was made by upstream's CLI under the link's name.
    Another is issued in place of one that has expired, was issued by an authority that the site has replaced since,
    leads to an address that the site no longer has, or has another O(cost), as routers take up none of these in place.
  - Refuses, before any write, sites of another version than O(version), a site that accepts no links, a link of a site
    with itself, and a claim that somebody else has redeemed.
  - Key material is never returned or shown.
requirements:
  - cryptography >= 3.3 (Python package, where the module runs; ansible-core brings it along on the controller)
notes:
  - The certificate that the issuing site's router shows is read from Secret C(skupper-site-server) to tell a token of
    a replaced authority. Where that is not allowed, the module warns and goes without.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.issuer
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
options:
  version:
    description:
      - Version of Skupper of both sites. Sites of different versions can not be linked with each other.
    type: str
    choices: [v1, v2]
    required: true
  name:
    description:
      - Name of the link, a DNS label of 60 characters at most.
    type: str
    required: true
  namespace:
    description:
      - Namespace of the site that the connection options lead to. That is the linking site, but with O(state=issued)
        the issuing site.
    type: str
    required: true
  type:
    description:
      - V(certificate) is a certificate that is copied to the linking site.
      - V(claim) is the right to be issued one, which the linking site's controller redeems at the issuing site. Only
        the way by which the next token is made; a link that stands by either is left alone.
    type: str
    choices: [certificate, claim]
    default: certificate
  state:
    description:
      - V(issued) has a good token at the issuing site, for somebody else to bring to the linking site.
      - V(linked) has the link up by one good token, and no other token left.
      - V(rotated) is V(linked) with a new certificate. Ends a rotation that was interrupted rather than begin another.
      - V(absent) removes all tokens of the link from both sides.
    type: str
    choices: [issued, linked, rotated, absent]
    default: linked
  distribution:
    description:
      - V(copy) brings the token to the linking site.
      - V(none) leaves that to somebody else, such as an ACM Policy. At the linking site nothing is written then.
        O(state=linked) only waits until the newest token of the issuing site carries the link, O(state=rotated) also
        until it does so alone, looking at the link all the time, and O(state=absent) removes the tokens of the issuing
        site after those of the linking site have gone. What is brought should bear the label
        C(multicluster.interconnect/link) with O(name).
    type: str
    choices: [copy, none]
    default: copy
  cost:
    description:
      - Cost of the link, 1 or more.
    type: int
    default: 1
  renew:
    description:
      - With O(state=issued), issue another token although the newest is good.
    type: bool
    default: false
  renew_before:
    description:
      - With O(state=issued) and O(state=rotated), renew only a certificate that expires within so many days. By default
        O(state=rotated) always renews, and O(state=issued) only what is not good any more.
    type: int
  retire:
    description:
      - With O(state=issued), remove all tokens older than the newest good one from the issuing site.
    type: bool
    default: false
  expiration:
    description:
      - How long a claim can be redeemed, such as V(15m) or V(1h30m).
    type: str
    default: 15m
  redemptions:
    description:
      - How often a claim can be redeemed.
    type: int
    default: 1
  exec:
    description:
      - For V(v1), also ask the linking site's router for its connections, by a command in its pod. Without, the link
        counts as up when the linking site is configured to dial and the network's status shows both sites linked.
    type: bool
    default: false
  sign:
    description:
      - For V(v1), sign new certificate tokens here, by the site's CA key (Secret C(skupper-site-ca)), as upstream's CLI
        does. For sites without a site controller, as C(skupper init) makes them, where nobody answers a request.
    type: bool
    default: false
  force_conflicts:
    description:
      - Take over fields of the token's objects that another field manager owns.
    type: bool
    default: false
  wait:
    description:
      - Wait until the token has been issued and the link is up, or until everything is gone.
      - Without, a later run goes on; older tokens are left in place.
seealso:
  - module: multicluster.interconnect.resource_wait
  - name: Linking sites
    description: What links and tokens are.
    link: https://skupper.io/docs/kube-cli/tokens.html
"""

EXAMPLES = r"""
- name: Link us-philly with ca-central
  multicluster.interconnect.skupper_token:
    context: us-philly
    namespace: boutique
    name: us-philly-to-ca-central
    version: v2
    issuer:
      context: ca-central

- name: The same by a claim, which us-philly's controller redeems within five minutes
  multicluster.interconnect.skupper_token:
    context: us-philly
    namespace: boutique
    name: us-philly-to-ca-central
    version: v2
    type: claim
    expiration: 5m
    issuer:
      context: ca-central

- name: Renew the certificate where it expires within 30 days, without cutting the link
  multicluster.interconnect.skupper_token:
    context: us-philly
    namespace: boutique
    name: us-philly-to-ca-central
    version: v2
    state: rotated
    renew_before: 30
    issuer:
      context: ca-central
  register: rotation

- name: Have a token issued that an ACM Policy brings to the linking site
  multicluster.interconnect.skupper_token:
    context: ca-central
    namespace: boutique
    name: us-philly-to-ca-central
    version: v2
    state: issued

- name: Wait until the link is up by the token that the Policy has brought
  multicluster.interconnect.skupper_token:
    context: us-philly
    namespace: boutique
    name: us-philly-to-ca-central
    version: v2
    distribution: none
    issuer:
      context: ca-central

- name: Watch the Policy take the older token away after a renewal
  multicluster.interconnect.skupper_token:
    context: us-philly
    namespace: boutique
    name: us-philly-to-ca-central
    version: v2
    state: rotated
    distribution: none
    issuer:
      context: ca-central

- name: Remove the link
  multicluster.interconnect.skupper_token:
    context: us-philly
    namespace: boutique
    name: us-philly-to-ca-central
    version: v2
    state: absent
    issuer:
      context: ca-central
"""

RETURN = r"""
name:
  description: Name of the link.
  returned: success
  type: str
  sample: us-philly-to-ca-central
token:
  description: The token that is, or would be, used. Null with O(state=absent).
  returned: success
  type: str
  sample: us-philly-to-ca-central-2
tokens:
  description:
    - All tokens of the link on either side at the end, oldest first. With O(state=absent), those that were removed.
  returned: success
  type: list
  elements: str
serial:
  description: Serial number of the token's certificate, hexadecimal. Null where there is none yet.
  returned: unless O(state=absent)
  type: str
subject:
  description: Subject of the certificate (RFC 4514).
  returned: unless O(state=absent)
  type: str
  sample: CN=us-philly-to-ca-central
not_after:
  description: When the certificate expires, RFC 3339.
  returned: unless O(state=absent)
  type: str
  sample: '2031-03-01T10:00:00Z'
fingerprint:
  description: SHA-256 of the certificate, hexadecimal.
  returned: unless O(state=absent)
  type: str
hosts:
  description: Where the issuing site can be dialled.
  returned: unless O(state=absent)
  type: list
  elements: str
issuer_site:
  description: Name of the issuing site.
  returned: unless O(state=absent)
  type: str
  sample: ca-central
site:
  description: Name of the linking site.
  returned: with O(state=linked) and O(state=rotated)
  type: str
  sample: us-philly
link:
  description: The link by the token.
  returned: with O(state=linked) and O(state=rotated)
  type: dict
  contains:
    up:
      description: Whether both sites see it.
      type: bool
    seen_from:
      description: Names of the sites that see it.
      type: list
      elements: str
    cost:
      description: Its cost.
      type: int
claim:
  description: The claim, with C(expires), C(redemptions) so far, and how many are C(allowed).
  returned: where the token is a claim at the issuing site
  type: dict
before:
  description:
    - C(serial), C(subject), C(not_after) and C(fingerprint) of the certificate that was replaced. Null where there was
      none.
  returned: with O(state=rotated)
  type: dict
after:
  description: The same of the one that carries the link now.
  returned: with O(state=rotated)
  type: dict
observed:
  description:
    - How often the link was looked at meanwhile (C(polls)), and how often it was found down (C(down)). Before there
      is any token at the linking site, no look is counted.
  returned: with O(state=linked) and O(state=rotated)
  type: dict
resources:
  description: What was, or would be, done to each object, as in M(multicluster.interconnect.resource_apply).
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args, wait_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        **wait_args(),
        "version": {"type": "str", "choices": ["v1", "v2"], "required": True},
        "name": {"type": "str", "required": True},
        "namespace": {"type": "str", "required": True},
        "issuer": {
            "type": "dict",
            "options": auth_args(environment=False),
            "required_one_of": [("context", "kubeconfig", "host")],
        },
        "issuer_namespace": {"type": "str"},
        "type": {"type": "str", "choices": ["certificate", "claim"], "default": "certificate"},
        "state": {"type": "str", "choices": ["issued", "linked", "rotated", "absent"], "default": "linked"},
        "distribution": {"type": "str", "choices": ["copy", "none"], "default": "copy"},
        "cost": {"type": "int", "default": 1},
        "renew": {"type": "bool", "default": False},
        "renew_before": {"type": "int"},
        "retire": {"type": "bool", "default": False},
        "expiration": {"type": "str", "default": "15m"},
        "redemptions": {"type": "int", "default": 1},
        "exec": {"type": "bool", "default": False},
        "sign": {"type": "bool", "default": False},
        "force_conflicts": {"type": "bool", "default": False},
    },
    run=run,
    required_if=[("state", state, ("issuer",)) for state in ("linked", "rotated", "absent")],
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
