# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which site links to which, from the inventory: defaults filled in, and everything that is wrong with it. Pure.

What is read of a host are its inventory variables, never facts or results, so that any part of the inventory can run
alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InputError
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.names import (
    LINK_LABEL,
    check_link_name,
    is_label,
)

FIELD = "skupper_links"
KEYS = frozenset({"from", "to", "cost", "name", "distribution"})
HOSTS_SHOWN = 10
VERSIONS = ("v1", "v2")
DIRECT, POLICY = "direct", "policy"
DISTRIBUTIONS = (DIRECT, POLICY)

# What a token is made of at either site; of a ConfigMap the Policy reads (_skupper_policy.py).
TOKEN_KINDS = {
    "v1": (("v1", "Secret"), ("v1", "ConfigMap")),
    "v2": (
        ("skupper.io/v2alpha1", "Link"),
        ("skupper.io/v2alpha1", "AccessToken"),
        ("skupper.io/v2alpha1", "AccessGrant"),
        ("skupper.io/v2alpha1", "Certificate"),
        ("v1", "Secret"),
        ("v1", "ConfigMap"),
    ),
}

# The replicated Policy is called `<namespace>.<name>`, which the hub's webhook limits
# (open-cluster-management.io/governance-policy-propagator api/v1/policy_webhook.go).
POLICY_NAME_LIMIT = 62

Variables = Mapping[str, Any]


class Inventory:
    """Hosts with their variables, and groups.

    Ansible works out the variables of a host anew for each look at it: here that is done once, and for those hosts only
    that are asked for.
    """

    def __init__(self, hosts: Mapping[str, Variables], groups: Mapping[str, Sequence[str]]) -> None:
        self.hosts, self.groups = hosts, groups
        self._variables: dict[str, Variables] = {}

    @cached_property
    def sites(self) -> list[str]:
        """The hosts that have a Skupper site; all hosts where no group says which."""
        for names in (("skupper_sites",), ("clusters",), ("hub", "spokes"), ("all",)):
            found = [host for name in names for host in self.groups.get(name) or ()]
            if found:
                return list(dict.fromkeys(found))
        return list(self.hosts)

    @cached_property
    def _known_sites(self) -> frozenset[str]:
        return frozenset(self.sites)

    def is_site(self, host: Any) -> bool:
        """Whether a host has a Skupper site."""
        return isinstance(host, str) and host in self._known_sites

    def of(self, host: str) -> Variables:
        """The variables of a host."""
        if host not in self._variables:
            self._variables[host] = self.hosts[host]
        return self._variables[host]

    def variable(self, host: str, name: str, default: str) -> str:
        """A variable of a host: the role's own (`skupper_network_…`) before the inventory-wide one (`skupper_…`)."""
        variables = self.of(host)
        for key in (f"skupper_network_{name}", f"skupper_{name}"):
            if variables.get(key):
                return str(variables[key])
        return default

    def namespace(self, host: str) -> str:
        """The namespace of a host's site; empty where the inventory does not say it."""
        return self.variable(host, "namespace", str(self.of(host).get("application") or ""))

    def cluster(self, host: str) -> str:
        """The ManagedCluster that a host stands for."""
        variables = self.of(host)
        for key in ("skupper_network_cluster_name", "cluster_membership_name"):
            if variables.get(key):
                return str(variables[key])
        return host


def policy_name(issuer: str) -> str:
    """The Policy (and Placement, and label of the linking clusters) that brings tokens of a site to others."""
    return f"link-to-{issuer}"


def default_links(groups: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Every spoke with a site to the hub, where that has one."""
    sites = groups.get("skupper_sites")
    hubs, spokes = (
        [host for host in groups.get(name) or () if sites is None or host in sites] for name in ("hub", "spokes")
    )
    return [{"from": spoke, "to": hub} for hub in hubs for spoke in spokes]


def normalised(links: Sequence[Mapping[str, Any]], inventory: Inventory) -> list[dict[str, Any]]:
    """The links with all that the inventory says of them; `problems` must have found nothing.

    Each has `name`, `from`, `to`, `cost`, `distribution`, `version`, `namespace` (of the linking site),
    `issuer_namespace` and `cluster` (the ManagedCluster that links).
    """
    return [
        {
            "name": _name(link),
            "from": link["from"],
            "to": link["to"],
            "cost": int(link.get("cost") or 1),
            "distribution": _distribution(link, inventory),
            "version": inventory.variable(link["from"], "version", "v2"),
            "namespace": inventory.namespace(link["from"]),
            "issuer_namespace": inventory.namespace(link["to"]),
            "cluster": inventory.cluster(link["from"]),
        }
        for link in links
    ]


def stale(links: Sequence[Mapping[str, Any]], namespace: str, version: str) -> list[dict[str, str]]:
    """What to remove from a site, as `matching` of resource_apply: what is labelled for a link that is not among these.

    :param links: all links of the site, to it as well as from it.
    """
    names = [str(link["name"]) for link in links]
    return [unwanted(LINK_LABEL, names, kind, namespace) for kind in TOKEN_KINDS[version]]


def unwanted(label: str, wanted: Sequence[str], kind: tuple[str, str], namespace: str) -> dict[str, str]:
    """Selects the objects of a kind that have the label with any value but the wanted ones."""
    # `notin` alone also selects what does not have the label at all.
    rest = f",{label} notin ({','.join(sorted(set(wanted)))})" if wanted else ""
    return {"api_version": kind[0], "kind": kind[1], "namespace": namespace, "label_selector": f"{label}{rest}"}


def of_host(links: Sequence[Mapping[str, Any]], host: str) -> list[Mapping[str, Any]]:
    """The links that begin or end at a host; all where there is no host."""
    return [link for link in links if not host or host in (link["from"], link["to"])]


def problems(links: Any, inventory: Inventory, host: str = "") -> list[str]:
    """Everything that is wrong with the links, a line each: where, what, and what to do.

    :param host: look at the variables of the hosts of this one's links only. In a large inventory each host would look
        at all others otherwise.
    """
    if not isinstance(links, (list, tuple)):
        return [f"{FIELD}: must be a list of links, each with from and to"]
    lines: list[str] = []
    sound: list[tuple[int, Mapping[str, Any]]] = []
    for index, link in enumerate(links):
        found = [f"{FIELD}[{index}]{line}" for line in _problems_of(link, inventory, host)]
        lines += found
        if not found:
            sound.append((index, link))
    return lines + list(_duplicates(sound))


def _name(link: Mapping[str, Any]) -> str:
    return str(link.get("name") or f"{link['from']}-to-{link['to']}")


def _distribution(link: Mapping[str, Any], inventory: Inventory) -> str:
    return str(link.get("distribution") or inventory.variable(link["from"], "distribution", DIRECT))


def _problems_of(link: Any, inventory: Inventory, host: str) -> Iterator[str]:
    """What is wrong with one link, each beginning with the field."""
    if not isinstance(link, Mapping):
        yield f": {link!r} must be a mapping with from and to"
        return
    unknown = sorted(set(link) - KEYS)
    if unknown:
        yield f": has {', '.join(map(repr, unknown))}; a link has {', '.join(sorted(KEYS))}"
    ends = list(_problems_of_ends(link, inventory))
    yield from ends
    cost = link.get("cost", 1)
    if isinstance(cost, bool) or not str(cost).isdigit() or int(cost) < 1:
        yield f".cost: {cost!r} must be a whole number from 1"
    if not ends:
        yield from _problems_of_name(link)
        if of_host([link], host):
            yield from _problems_of_pair(link, inventory)


def _problems_of_ends(link: Mapping[str, Any], inventory: Inventory) -> Iterator[str]:
    for end in ("from", "to"):
        host = link.get(end)
        if not host:
            yield f".{end}: is missing; name the inventory host of the {'linking' if end == 'from' else 'issuing'} site"
        elif not inventory.is_site(host):
            yield f".{end}: {host!r} is no site of the inventory; {suggestion(str(host), inventory.sites)}"
    if link.get("from") and link.get("from") == link.get("to"):
        yield f": {link['from']} would link to itself; remove the link, or correct from or to"


def suggestion(host: str, hosts: Sequence[str]) -> str:
    """What the user may have meant."""
    close = get_close_matches(host, hosts, 1)
    shown = sorted(hosts)[:HOSTS_SHOWN]
    more = f" and {len(hosts) - len(shown)} more" if len(hosts) > len(shown) else ""
    known = f"known are {', '.join(shown)}{more}"
    return f"did you mean {close[0]}? ({known})" if close else known


def _problems_of_name(link: Mapping[str, Any]) -> Iterator[str]:
    try:
        check_link_name(_name(link))
    except InputError as error:
        remedy = "" if link.get("name") else "; give the link a name of its own (name)"
        yield f".name: {error.message}{remedy}"


def _problems_of_pair(link: Mapping[str, Any], inventory: Inventory) -> Iterator[str]:
    """What does not go together at the two ends."""
    source, target = link["from"], link["to"]
    versions = {host: inventory.variable(host, "version", "v2") for host in (source, target)}
    unknown = [host for host, version in versions.items() if version not in VERSIONS]
    for host in unknown:
        yield f": skupper_version of host {host} is {versions[host]!r}; it is one of {', '.join(VERSIONS)}"
    if len(set(versions.values())) > 1 and not unknown:
        yield (
            f": {source} runs Skupper {versions[source]} and {target} {versions[target]}, which do not link; give both "
            "hosts the same skupper_version"
        )
    for host in (source, target):
        namespace = inventory.namespace(host)
        if not is_label(namespace):
            yield f": skupper_namespace of host {host} is {namespace!r}, which is no DNS label"
    yield from _problems_of_way_in(target, inventory.of(target))
    distribution = _distribution(link, inventory)
    if distribution not in DISTRIBUTIONS:
        yield f": skupper_distribution of host {source} is {distribution!r}; it is one of {', '.join(DISTRIBUTIONS)}"
    elif distribution == POLICY:
        yield from _problems_of_policy(source, target, inventory)


def _problems_of_way_in(target: str, variables: Variables) -> Iterator[str]:
    """Whether the site that is linked to lets anybody in."""
    if str(variables.get("skupper_site_ingress")) == "none":
        yield (
            f".to: nobody can link to {target}, whose skupper_site_ingress is none; give it a way in, or turn the link "
            "round: traffic goes both ways over it"
        )
    elif str(variables.get("skupper_site_edge")).lower() in ("true", "yes", "on", "1"):
        yield f".to: nobody can link to {target}, which is an edge site (skupper_site_edge); turn the link round"


def _problems_of_policy(source: str, target: str, inventory: Inventory) -> Iterator[str]:
    hubs = list(inventory.groups.get("hub") or ())
    if target not in hubs:
        yield (
            f".to: tokens of {target} can not be distributed by an ACM Policy, whose templates read on the hub only; "
            f"link to the hub ({', '.join(hubs) or 'group hub is empty'}), or set skupper_distribution of host "
            f"{source} to direct"
        )
        return
    if source in hubs:
        yield f".from: {source} is the hub, which no Policy gives tokens to; set its skupper_distribution to direct"
    name, namespace = policy_name(target), inventory.namespace(target)
    if len(name) + len(namespace) > POLICY_NAME_LIMIT:
        yield (
            f".to: Policy {name} in namespace {namespace} has a name that is too long for the hub ({POLICY_NAME_LIMIT} "
            "characters with the namespace); use a shorter skupper_namespace, or skupper_distribution: direct"
        )


def _duplicates(links: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[str]:
    pairs: dict[tuple[str, str], int] = {}
    names: dict[str, int] = {}
    for index, link in links:
        pair = (str(link["from"]), str(link["to"]))
        first = pairs.setdefault(pair, index)
        if first != index:
            yield f"{FIELD}[{index}]: links {pair[0]} to {pair[1]}, as {FIELD}[{first}] does; remove one of them"
            continue
        other = names.setdefault(_name(link), index)
        if other != index:
            yield f"{FIELD}[{index}].name: {_name(link)!r} is the name of {FIELD}[{other}], too; names are unique"
