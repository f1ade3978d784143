# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Skupper router in podman on a bare-metal host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: skupper_router
short_description: Run one Skupper router in podman on a host, from given files
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - The host's half of a gateway. Writes the router's files, runs its container, has it survive a reboot, and waits
    until it is connected. M(multicluster.interconnect.skupper_gateway) renders the files and calls this module; use
    that one unless you have files of your own.
  - A digest of all that a router takes up only when it starts is kept as a label of its container. Where it is equal,
    nothing is done. Where only bindings (C(tcpConnector), C(tcpListener) and the like) differ from what the running
    router has, they are made and dropped while it runs, and open connections of others stay. Otherwise the container
    is replaced.
  - A container that has gone or stopped, a file that was changed, and a router that does not answer are mended.
  - A router that upstream's programs have made under the same name is taken over.
  - Works as any user, who alone can read the keys. Knows nothing of clusters, and needs no Python package on the host.
requirements:
  - podman >= 4.0
extends_documentation_fragment:
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
attributes:
  idempotent:
    description: When run again with the same options on an unchanged host, nothing is written.
    support: full
  diff_mode:
    description: Returns what has changed or would change. Of files, only names and digests are shown.
    support: full
  action_group:
    description: Takes no options of a connection to a cluster, and so is not in the group of those that do.
    support: none
options:
  name:
    description:
      - Name of the container. The unit is called C(skupper-<name>.service).
      - Required unless O(state=probed).
    type: str
  state:
    description:
      - V(present) has the router running from these files.
      - V(restarted) is V(present), and restarts it in any case. V(absent) removes container, unit and O(home).
      - V(probed) only tells what is there, also of a host that is not fit for a router.
    type: str
    choices: [present, absent, restarted, probed]
    default: present
  home:
    description:
      - The router's folder on the host, for this router alone. C(~) and variables are those of the host's user.
      - Required unless O(state=probed).
    type: path
  files:
    description:
      - Content of files by path below O(home), without keys. They are readable for their owner alone.
    type: dict
  secret_files:
    description:
      - The same, of files that are secret.
    type: dict
  managed:
    description:
      - Folders below O(home) in which other files than O(files) and O(secret_files) are removed. V(.) is O(home)
        itself.
    type: list
    elements: str
  unread:
    description:
      - Files that the router does not read. They do not count when it is decided whether it has to start anew.
    type: list
    elements: str
  config_file:
    description:
      - The router's configuration (JSON) among O(files). It says which bindings there are, at which listener the router
        is managed, and which ports are its own.
      - Required for O(state=present) and O(state=restarted). For O(state=probed), what lies on the host is read.
    type: str
  image:
    description:
      - Image of the router. Pulled where it is not there.
      - Required for O(state=present) and O(state=restarted).
    type: str
  env:
    description:
      - Environment of the container. Everybody on the host can see it.
    type: dict
  mounts:
    description:
      - Folders that the container sees.
    type: list
    elements: dict
    suboptions:
      source:
        description: Folder below O(home). V(.) is O(home) itself.
        type: str
        required: true
      target:
        description: Where the container sees it.
        type: str
        required: true
      options:
        description: Options of the mount, such as V(Z).
        type: list
        elements: str
  labels:
    description:
      - Labels of the container.
    type: dict
  network:
    description:
      - Network of the container. A router that services of the host are reached by needs that of the host.
    type: str
    default: host
  user:
    description:
      - V(keep-id) runs the router as the user that the task runs as.
      - V(root) runs it as root of the container; without rights of root, that is the same user of the host.
    type: str
    choices: [keep-id, root]
    default: keep-id
  boot:
    description:
      - V(auto) has the router started with the host, by Quadlet where podman has it (4.4 and later), else by a unit of
        systemd, else by podman's restart policy, with a warning. A user's units are started at boot only when he
        lingers, which is asked for, and warned about where it is refused.
      - V(none) leaves it alone.
    type: str
    choices: [auto, none]
    default: auto
  gateway_name:
    description:
      - Name of the gateway that C(host.resource_name) is computed from.
    type: str
  read:
    description:
      - Paths below O(home) whose contents are returned. Not keys.
    type: list
    elements: str
  reach:
    description:
      - What must be reachable from the host before anything is written.
    type: list
    elements: dict
    suboptions:
      host:
        description: Name or address.
        type: str
        required: true
      port:
        description: TCP port.
        type: int
        required: true
  ports_free:
    description:
      - Where nobody but this router may listen before anything is written.
    type: list
    elements: dict
    suboptions:
      host:
        description: Address; empty for all.
        type: str
        default: ''
      port:
        description: TCP port.
        type: int
        required: true
  wait:
    description:
      - Wait until the router answers, is connected to all that its configuration names, and has its bindings.
seealso:
  - module: multicluster.interconnect.skupper_gateway
"""

EXAMPLES = r"""
- name: See whether this host can run a router, and how its gateway would be called
  multicluster.interconnect.skupper_router:
    state: probed
    reach:
      - host: skupper-edge.apps.ca-central.example.com
        port: 443
  register: host

- name: Run a router that brings a service of the host into the network
  multicluster.interconnect.skupper_router:
    name: gateway
    home: ~/.local/share/skupper/cluster/gateway
    image: quay.io/skupper/skupper-router:2.7.6
    config_file: config/skrouterd.json
    files:
      config/skrouterd.json: "{{ lookup('ansible.builtin.file', 'skrouterd.json') }}"
      skupper-router-certs/conn1-profile/ca.crt: "{{ lookup('ansible.builtin.file', 'ca.crt') }}"
      skupper-router-certs/conn1-profile/tls.crt: "{{ lookup('ansible.builtin.file', 'tls.crt') }}"
    secret_files:
      skupper-router-certs/conn1-profile/tls.key: "{{ router_key }}"
    managed: [config, skupper-router-certs]
    env:
      QDROUTERD_CONF: /opt/skupper/config/skrouterd.json
      QDROUTERD_CONF_TYPE: json
    mounts:
      - source: .
        target: /opt/skupper
        options: [Z]

- name: Remove it with all of its files
  multicluster.interconnect.skupper_router:
    name: gateway
    home: ~/.local/share/skupper/cluster/gateway
    state: absent
"""

RETURN = r"""
actions:
  description:
    - What was, or would be, done. Of C(pulled), C(wrote), C(removed), C(unit), C(linger), C(created), C(replaced),
      C(started), C(restarted), C(stopped), C(unbound), C(bound).
  returned: success
  type: list
  elements: str
  sample: [wrote, bound]
container:
  description: The container. Null where there is none.
  returned: success
  type: dict
  contains:
    id:
      description: Short id.
      type: str
    image:
      description: Image that it was made from.
      type: str
    running:
      description: Whether it runs.
      type: bool
    started:
      description: When it was started.
      type: str
    digest:
      description: Digest of what it was made from. Empty where others made it.
      type: str
router:
  description: What the router says. Null where none runs.
  returned: success
  type: dict
  contains:
    answers:
      description: Whether it answers.
      type: bool
    version:
      description: Its version.
      type: str
    connectors:
      description:
        - Connections to other routers, each with C(name), C(host), C(port), C(role), C(status) (C(SUCCESS) when up)
          and C(message).
      type: list
      elements: dict
    bindings:
      description: Bindings, each with C(entity), C(name) and C(attributes) as text.
      type: list
      elements: dict
    message:
      description: Why it does not answer.
      type: str
host:
  description: The host and the user of the task.
  returned: success
  type: dict
  contains:
    hostname:
      description: The host's name.
      type: str
    user:
      description: The user's name.
      type: str
    uid:
      description: The user's number.
      type: int
    gid:
      description: The user's group.
      type: int
    home:
      description: The user's home.
      type: str
    data_home:
      description: The folder for the user's data (C(XDG_DATA_HOME)).
      type: str
    gateway_name:
      description: O(gateway_name), or what upstream's CLI would call a gateway here.
      type: str
    resource_name:
      description: What upstream's CLI would call this gateway's objects in the cluster.
      type: str
      sample: skupper-gateway-0f343b0931126a20f133d67c2b018a3b5f1f1a2b
    free_port:
      description: A TCP port of 127.0.0.1 that is free.
      type: int
podman:
  description: Podman on the host. Null where it is missing.
  returned: success
  type: dict
  contains:
    version:
      description: Its version.
      type: str
    rootless:
      description: Whether it runs without rights of root.
      type: bool
    quadlet:
      description: Whether it has Quadlet, and systemd to run it.
      type: bool
    systemd:
      description: Whether systemd runs on the host.
      type: bool
problems:
  description: Why the host can not run a router. Other states than V(probed) fail on them.
  returned: success
  type: list
  elements: str
reach:
  description: For each of O(reach) its C(host), C(port), whether it is C(ok), and a C(message) where it is not.
  returned: success
  type: list
  elements: dict
ports:
  description: For each of O(ports_free) its C(host), C(port), whether it is C(free), and C(by) what it is taken if not.
  returned: success
  type: list
  elements: dict
read:
  description: Contents of the files of O(read) at the end. Null for one that is not there.
  returned: success
  type: dict
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._podman.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import wait_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(
    argument_spec={
        **wait_args(),
        "name": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent", "restarted", "probed"], "default": "present"},
        "home": {"type": "path"},
        "files": {"type": "dict"},
        "secret_files": {"type": "dict", "no_log": True},
        "managed": {"type": "list", "elements": "str"},
        "unread": {"type": "list", "elements": "str"},
        "config_file": {"type": "str"},
        "image": {"type": "str"},
        "env": {"type": "dict"},
        "mounts": {
            "type": "list",
            "elements": "dict",
            "options": {
                "source": {"type": "str", "required": True},
                "target": {"type": "str", "required": True},
                "options": {"type": "list", "elements": "str"},
            },
        },
        "labels": {"type": "dict"},
        "network": {"type": "str", "default": "host"},
        "user": {"type": "str", "choices": ["keep-id", "root"], "default": "keep-id"},
        "boot": {"type": "str", "choices": ["auto", "none"], "default": "auto"},
        "gateway_name": {"type": "str"},
        "read": {"type": "list", "elements": "str"},
        "reach": {
            "type": "list",
            "elements": "dict",
            "options": {"host": {"type": "str", "required": True}, "port": {"type": "int", "required": True}},
        },
        "ports_free": {
            "type": "list",
            "elements": "dict",
            "options": {"host": {"type": "str", "default": ""}, "port": {"type": "int", "required": True}},
        },
    },
    run=run,
    required_if=[
        ("state", "present", ("name", "home", "config_file", "image")),
        ("state", "restarted", ("name", "home", "config_file", "image")),
        ("state", "absent", ("name", "home")),
    ],
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
