# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gateways by which services of bare-metal hosts get into a Skupper network."""

from __future__ import annotations

DOCUMENTATION = r"""
module: skupper_gateway
short_description: Connect services of a bare-metal host with a Skupper network
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Runs a router on the task's host that is connected with a site of a Skupper network, so that the sites reach a
    service that the host reaches, or the host reaches a service of the sites. This is what C(skupper gateway expose)
    and its siblings do, without the C(skupper) program, without a kubeconfig on the host, and such that it can be
    repeated.
  - The task's host is the bare-metal host. What belongs into the cluster is done from the controller, by O(cluster);
    what belongs on the host is done by M(multicluster.interconnect.skupper_router), over the task's connection and as
    its user (with C(become) where that is set). podman is rootless for any user but root.
  - Each run compares everything on both sides and mends what differs, such as a container, a file, a Secret or a
    ConfigMap that has gone, credentials of a CA that the site has replaced since, or another address of the site. A run
    that was interrupted anywhere is completed by the next one.
  - A gateway that upstream's CLI has made on the same host under the same name is adopted; what this module makes,
    upstream's CLI can read.
  - Bindings are changed in the running router. It is restarted only where something else has changed.
  - Key material is never returned or shown. On the host it lies in files that only the user can read, which is also who
    the router runs as.
requirements:
  - cryptography >= 3.3 (Python package, on the controller; ansible-core brings it along)
  - kubernetes >= 28.1.0 (Python package, on the controller)
  - podman >= 4.0 (on the host)
extends_documentation_fragment:
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
attributes:
  action_group:
    description:
      - The options of the connection to a cluster are in O(cluster) here, as the task's host is none, so that the group
        of the modules that take them as their own is not for this one.
    support: none
  in_process:
    description:
      - The cluster's half always runs in the controller's process, the host's half always as a module on the host.
    support: partial
    details: C(async) is not supported.
options:
  cluster:
    description:
      - How to reach the cluster of the site from the controller.
    type: dict
    required: true
    suboptions:
      kubeconfig:
        description: Path to a kubeconfig file on the controller.
        type: path
      context:
        description: Context of the kubeconfig.
        type: str
      host:
        description: HTTPS URL of the API server.
        type: str
      api_key:
        description: Bearer token.
        type: str
      username:
        description: User for HTTP basic authentication.
        type: str
      password:
        description: Password of the user.
        type: str
      ca_cert:
        description: Path to the CA certificate of the API server.
        type: path
        aliases: [ssl_ca_cert]
      client_cert:
        description: Path to a client certificate.
        type: path
        aliases: [cert_file]
      client_key:
        description: Path to the key of the client certificate.
        type: path
        aliases: [key_file]
      tls_server_name:
        description: Name that the server's certificate is verified against.
        type: str
      proxy:
        description: URL of an HTTP proxy on the way.
        type: str
      no_proxy:
        description: Hosts that are reached without the proxy.
        type: str
      persist_config:
        description: Write refreshed OIDC tokens back to the kubeconfig.
        type: bool
      impersonate_user:
        description: User to act as.
        type: str
      impersonate_groups:
        description: Groups to act as.
        type: list
        elements: str
      cluster_id:
        description: Expected id of the cluster.
        type: str
      cluster_api_url:
        description: Expected URL of the API server.
        type: str
  namespace:
    description:
      - Namespace of the site.
    type: str
    required: true
  version:
    description:
      - Version of Skupper of the site. With V(v1), the gateway is a part of that site.
      - With V(v2), it is a podman site of its own, linked to that one, and each site that is to reach the service needs
        a C(Listener) with the service's name as routing key (role
        P(multicluster.interconnect.skupper_network#role)). A service with several ports has a routing key for each, as
        C(<address>-<port>).
    type: str
    choices: [v1, v2]
    required: true
  name:
    description:
      - Name of the gateway and of its container. By default the names of host and user, as C(<hostname>-<user>), which
        is what upstream's CLI calls it. Giving it saves one look at the host.
    type: str
  address:
    description:
      - Name of the service in the network.
      - Required with O(state=present). With O(state=absent), only this address is removed, and the gateway with its
        last one; without, the whole gateway is.
    type: str
  host:
    description:
      - Where the service is reached from the host, by a DNS name or an IP address. With O(mode=forward), the address of
        the host that is listened at.
    type: str
    default: 127.0.0.1
  ports:
    description:
      - Ports of the service, as V(6379), or as V(6379:6380) where it has another port on the side of the host (service,
        then host).
    type: list
    elements: str
  protocol:
    description:
      - Protocol of the service. It is carried as V(tcp) whatever it is; the others have routers look into it.
    type: str
    choices: [tcp, http, http2]
    default: tcp
  mode:
    description:
      - V(expose) offers a service of the host to the sites, and defines it where nobody has done so yet.
      - V(bind) offers it as one that is defined already.
      - V(forward) has the host reach a service of the sites.
    type: str
    choices: [expose, bind, forward]
    default: expose
  type:
    description:
      - What the router is run by.
    type: str
    choices: [podman]
    default: podman
  image:
    description:
      - Image of the router. By default the one that upstream's last release of the O(version) has.
    type: str
  data_home:
    description:
      - Directory on the host below which the gateway's files lie. By default C($XDG_DATA_HOME) or C(~/.local/share), as
        upstream's CLI has it; for V(v2) and root, C(/var/lib).
    type: str
  renew_before:
    description:
      - Renew credentials that expire within so many days.
    type: int
    default: 30
  sign:
    description:
      - Sign the credentials here, by the site's CA key (Secret C(skupper-site-ca)), as upstream's CLI does. For sites
        without a site controller, as C(skupper init) makes them, where nobody answers a request.
    type: bool
    default: false
  state:
    description:
      - V(present) has the gateway run with this service among its others.
      - V(restarted) restarts its router.
      - V(absent) removes the service from the gateway, or the gateway, from host and cluster. Where one of them can not
        be reached, the other is cleaned all the same; then the task fails and says what remains.
    type: str
    choices: [present, absent, restarted]
    default: present
  force_conflicts:
    description:
      - Take over fields of the gateway's Secret that another field manager owns.
    type: bool
    default: false
  wait:
    description:
      - Wait until the router is connected, and the network sees what it offers. That the site issues the credentials is
        waited for in any case.
seealso:
  - module: multicluster.interconnect.skupper_router
  - module: multicluster.interconnect.skupper_token
"""

EXAMPLES = r"""
- name: Offer the Redis of this host to all sites as redis-cart
  multicluster.interconnect.skupper_gateway:
    version: v1
    cluster:
      context: ca-central
    namespace: boutique
    address: redis-cart
    ports: ['6379']

- name: Offer a database that this host reaches, at another port, by a gateway with a name
  multicluster.interconnect.skupper_gateway:
    version: v1
    cluster:
      context: ca-central
    namespace: boutique
    name: storage
    address: database
    host: 10.0.0.249
    ports: ['5432:15432']

- name: Have programs of this host reach a service of the network at port 8080
  multicluster.interconnect.skupper_gateway:
    version: v1
    cluster:
      context: ca-central
    namespace: boutique
    mode: forward
    address: frontend
    ports: ['80:8080']

- name: Remove the gateway from host and cluster
  multicluster.interconnect.skupper_gateway:
    version: v1
    cluster:
      context: ca-central
    namespace: boutique
    state: absent
"""

RETURN = r"""
name:
  description: Name of the gateway.
  returned: success
  type: str
  sample: redis-1-alice
gateway:
  description: The gateway as it is now. Null where it was removed.
  returned: success
  type: dict
  contains:
    name:
      description: Its name, which its container and its unit bear, too.
      type: str
    resource:
      description: Name of its objects in the cluster, and of its router.
      type: str
    host:
      description: Name of the host.
      type: str
    router_id:
      description: Id of its router in the network's status.
      type: str
    edge:
      description: C(host) and C(port) at which it dials the site.
      type: dict
    running:
      description: Whether its container runs.
      type: bool
    link:
      description: Whether it is connected (C(up)), and what that lacks (C(message)).
      type: dict
    bindings:
      description: All services, each with C(address), C(service_port), C(host), C(port), C(protocol) and C(mode).
      type: list
      elements: dict
    versions:
      description: Versions of C(podman) and of the C(router), and the C(image).
      type: dict
actions:
  description: What was, or would be, done on the host, in single words.
  returned: success
  type: list
  elements: str
  sample: [wrote, created]
resources:
  description: What was, or would be, done to each object, as in M(multicluster.interconnect.resource_apply).
  returned: success
  type: list
  elements: dict
remains:
  description: What could not be removed, in words.
  returned: with O(state=absent), on failure
  type: list
  elements: str
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_gateway.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args, wait_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(
    argument_spec={
        **wait_args(),
        "cluster": {
            "type": "dict",
            "required": True,
            "options": auth_args(environment=False),
            "required_one_of": [("context", "kubeconfig", "host")],
        },
        "namespace": {"type": "str", "required": True},
        "version": {"type": "str", "choices": ["v1", "v2"], "required": True},
        "name": {"type": "str"},
        "address": {"type": "str"},
        "host": {"type": "str", "default": "127.0.0.1"},
        "ports": {"type": "list", "elements": "str"},
        "protocol": {"type": "str", "choices": ["tcp", "http", "http2"], "default": "tcp"},
        "mode": {"type": "str", "choices": ["expose", "bind", "forward"], "default": "expose"},
        "type": {"type": "str", "choices": ["podman"], "default": "podman"},
        "image": {"type": "str"},
        "data_home": {"type": "str"},
        "renew_before": {"type": "int", "default": 30},
        "sign": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent", "restarted"], "default": "present"},
        "force_conflicts": {"type": "bool", "default": False},
    },
    run=run,
    required_if=[("state", "present", ("address", "ports"))],
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
