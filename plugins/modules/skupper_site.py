# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site of the Service network."""

from __future__ import annotations

DOCUMENTATION = r"""
module: skupper_site
short_description: Make, change, repair or remove a Skupper site, or renew its CA
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Makes a namespace a site of a Skupper network, version 1 or 2, by the object that Skupper's controller makes it
    from, and waits until its router runs and other sites can reach it. The controller must be there; the role
    C(multicluster.interconnect.skupper_site) installs it.
  - Refuses, before any write, a site of the other version in the same namespace (both use the same names), a second
    Site in the namespace, a way in that the cluster does not have, and what a v1 site that exists does not take up.
  - A wait in vain says why. Where the site has no address yet, it names the object that waits for one; where nobody
    takes up the site, where the controller was looked for.
  - A v1 site whose load balancer got its address later than two minutes after the site was made is never completed by
    its controller. The wait ends early then, and O(repair) mends it.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
attributes:
  idempotent:
    description:
      - When run again with the same options on an unchanged cluster, nothing is written. With O(state=revoked) that
        holds with O(revoke_before); without, each run renews the CA.
options:
  version:
    description: Version of Skupper, V(v1) for 1.x and V(v2) for 2.x. Sites of one network have the same.
    type: str
    choices: [v1, v2]
    required: true
  name:
    description: Name of the site, a DNS label. Each site of a network has another.
    type: str
    required: true
  namespace:
    description: Namespace that becomes the site. It must be there.
    type: str
    required: true
  ingress:
    description:
      - How other sites reach this one. By default, and with V(default), the controller chooses (a Route on OpenShift,
        else a load balancer).
      - V(none) is for a site that only links to others; with O(edge) there is no other way.
      - V(nginx-ingress-v1) is for V(v1) only, V(ingress-nginx), V(gateway) and V(local) are for V(v2).
        V(local) can be reached within the cluster only.
      - A v2 controller refuses what it was not told to allow (its option C(-enabled-access-types)).
    type: str
    choices:
      - default
      - route
      - loadbalancer
      - nodeport
      - nginx-ingress-v1
      - ingress
      - contour-http-proxy
      - none
      - ingress-nginx
      - gateway
      - local
  edge:
    description: Make an edge site, to which no site can link.
    type: bool
    default: false
  ha:
    description: Run a second router. Not with O(edge).
    type: bool
    default: false
  settings:
    description:
      - More of the site. For V(v1), keys of the ConfigMap C(skupper-site), such as C(router-logging) or
        C(ingress-host). For V(v2), C(serviceAccount) and C(defaultIssuer) of the Site, and keys of its
        C(spec.settings).
      - Values become texts. Settings that may hold passwords are never shown.
    type: dict
    default: {}
  console:
    description:
      - Service by which the site's console is reached, and whose URL is returned in RV(site.console). It does not make
        a console. By default, the one that a V(v1) site with a console has.
    type: str
  repair:
    description:
      - Complete a V(v1) site that its controller has given up on, as its address came too late, by removing its
        ConfigMap C(skupper-internal). Does nothing to any other site.
    type: bool
    default: false
  only_own:
    description:
      - With O(state=absent), remove a site only where this collection has made it.
    type: bool
    default: true
  revoke_before:
    description:
      - With O(state=revoked), renew a CA that was made before this time (RFC 3339) and no other, so that a repeated or
        continued run does not renew it again. By default always.
    type: str
  delivery:
    description:
      - Who writes the object that the site is made from.
      - V(direct) is this module.
      - V(gitops) is Argo CD. The module refuses what it would refuse otherwise, gives up what it has written to the
        object before, once Argo CD has applied it, and waits for the site. That what is there has been delivered as it
        is to be, is a condition, except in a check run. An object that this collection has not made is left alone; one
        that Argo CD brings has its label C(app.kubernetes.io/managed-by).
      - Affects O(state=present) only.
    type: str
    choices: [direct, gitops]
    default: direct
  take_over:
    description:
      - Write to a site that Argo CD has delivered, and give up in its name what it has written; or with O(state=absent)
        remove it. Its Application has to be gone, as it would write again. Without, such a site is refused.
    type: bool
    default: false
  force_conflicts:
    description: Take fields over that others own, such as those of a site that C(kubectl apply) has made.
    type: bool
    default: false
  state:
    description:
      - V(present) makes or changes the site.
      - V(absent) removes it, with everything that Skupper has made from it.
      - V(revoked) renews the site's CA and everything of the site's own that it has signed, and starts the routers
        anew. All links to this site break, and come back when they are made with new tokens. That is what it is for,
        where a token has got into wrong hands, and it does not happen by any other state.
    type: str
    choices: [present, absent, revoked]
    default: present
seealso:
  - module: multicluster.interconnect.resource_wait
  - name: Skupper
    description: Sites and how they are reached.
    link: https://skupper.io/docs/
notes:
  - O(state=revoked) needs the Python package cryptography.
"""

EXAMPLES = r"""
- name: Make the namespace a site that others reach by a load balancer
  multicluster.interconnect.skupper_site:
    context: ca-central
    version: v2
    name: ca-central
    namespace: online-boutique
    ingress: loadbalancer

- name: A v1 site that only links to others, with more to be read in its router's log
  multicluster.interconnect.skupper_site:
    context: us-philly
    version: v1
    name: us-philly
    namespace: online-boutique
    ingress: none
    settings:
      router-logging: info

- name: Complete a v1 site whose load balancer was too late
  multicluster.interconnect.skupper_site:
    context: ca-central
    version: v1
    name: ca-central
    namespace: online-boutique
    ingress: loadbalancer
    repair: true

- name: Lock out whoever holds a token of this site
  multicluster.interconnect.skupper_site:
    context: ca-central
    version: v2
    name: ca-central
    namespace: online-boutique
    state: revoked
    revoke_before: "2026-11-22T05:00:00Z"
"""

RETURN = r"""
site:
  description:
    - The site as it is then; in a check run as far as it is known before. With O(state=absent), the site that was
      there, or null.
  returned: success
  type: dict
  sample:
    id: 74cd77d8-3b48-4d0e-b734-75ba4450f391
    name: ca-central
    namespace: online-boutique
    version: 2.0.0
    ingress: loadbalancer
    endpoints:
      - {name: inter-router, host: 203.0.113.7, port: "55671", group: skupper-router}
      - {name: edge, host: 203.0.113.7, port: "45671", group: skupper-router}
    controller: skupper/skupper-controller
    console: null
  contains:
    id:
      description: Identity of the site, the uid of the object that it is made from. Null where it is not made yet.
      type: str
    name:
      description: Name of the site.
      type: str
    namespace:
      description: Its namespace.
      type: str
    version:
      description: Release of Skupper that it runs, where that is known already.
      type: str
    ingress:
      description: How it is reached.
      type: str
    endpoints:
      description: Where it is reached.
      type: list
      elements: dict
    controller:
      description: Namespace and name of the controller, where that says so.
      type: str
    console:
      description: URL of the console. Null where there is none, or none yet.
      type: str
    ca:
      description:
        - With O(state=revoked), the CA as it is then - C(subject), C(serial), C(not_before), C(not_after) and
          C(fingerprint) (SHA-256). Null where a check run can not know it.
      type: dict
made_from:
  description: The object that the site is made from, as it is to be.
  returned: success with O(state=present)
  type: dict
delivered_by:
  description: The Application of Argo CD that delivers the site. Empty where the site does not say.
  returned: failure, for want of O(take_over)
  type: str
resources:
  description: What was, or would be, done to each object, as in M(multicluster.interconnect.resource_apply).
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_site.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_site.vocabulary import ALL_INGRESS
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args, wait_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        **wait_args(),
        "version": {"type": "str", "choices": ["v1", "v2"], "required": True},
        "name": {"type": "str", "required": True},
        "namespace": {"type": "str", "required": True},
        "ingress": {"type": "str", "choices": list(ALL_INGRESS)},
        "edge": {"type": "bool", "default": False},
        "ha": {"type": "bool", "default": False},
        "settings": {"type": "dict", "default": {}},
        "console": {"type": "str"},
        "repair": {"type": "bool", "default": False},
        "only_own": {"type": "bool", "default": True},
        "revoke_before": {"type": "str"},
        "delivery": {"type": "str", "choices": ["direct", "gitops"], "default": "direct"},
        "take_over": {"type": "bool", "default": False},
        "force_conflicts": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent", "revoked"], "default": "present"},
    },
    run=run,
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
