# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an inventory to what interconnect_info is to look at, and what it should find. Pure.

What an inventory does not ask for is left out: no group hub, no members; no skupper_sites, no links. Only inventory
variables are read, never facts or results, so that any part of an inventory can be verified alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ._skupper_links import Inventory, default_links, normalised, problems
from ._skupper_services import bindings

REDIS_PORT = 6379
FRONTEND = {"service": "frontend", "port": 80, "kind": "http", "path": "/"}
"""The page that users see: it is made of what nearly all other services answer."""


class Plan:
    """What is to be verified of some hosts."""

    def __init__(
        self,
        hostvars: Mapping[str, Any],
        groups: Mapping[str, Sequence[str]],
        hosts: Sequence[str],
        connection: Any,
    ) -> None:
        """Take the inventory.

        :param hosts: those that are verified.
        :param connection: a function from a host's variables to the options of its connection.
        """
        self._inventory, self._groups, self._connection = Inventory(hostvars, groups), groups, connection
        self._hosts = [host for host in hosts if host in hostvars]
        self._hub = next(iter(groups.get("hub") or ()), "")
        self._sites = [host for host in groups.get("skupper_sites") or () if host in hostvars]
        self._links = self._all_links()
        self._services = self._all_services()

    # -- what there is -----------------------------------------------------------------------------------------------

    def _of_group(self, group: str) -> list[str]:
        """The verified hosts of a group."""
        members = set(self._groups.get(group) or ())
        return [host for host in self._hosts if host in members]

    def _shared(self, name: str) -> Any:
        """A variable that all sites have in common, as the first of them has it: the role's own before the common."""
        variables = self._inventory.of(self._sites[0]) if self._sites else {}
        for key in (f"skupper_network_{name}", f"skupper_{name}"):
            if variables.get(key) is not None:
                return variables[key]
        return None

    def _all_links(self) -> list[dict[str, Any]]:
        if not self._sites:
            return []
        given = self._shared("links")
        links = default_links(self._groups) if given is None else given
        wrong = problems(links, self._inventory)
        if wrong:
            raise AnsibleFilterError("\n".join(wrong))
        return normalised(links, self._inventory)

    def _all_services(self) -> list[dict[str, Any]]:
        return [
            {
                "name": str(service["name"]),
                "port": int(service["port"]),
                "provided_by": list(service["provided_by"]),
                "consumed_by": list(service.get("consumed_by") or self._sites),
            }
            for service in (self._shared("services") or ())
            if self._sites
        ]

    # -- what is wanted ----------------------------------------------------------------------------------------------

    def links(self) -> list[dict[str, Any]]:
        """The links that the verified hosts make."""
        keys = ("name", "from", "to", "cost")
        return [{key: link[key] for key in keys} for link in self._links if link["from"] in self._hosts]

    def services(self) -> list[dict[str, Any]]:
        """The services that verified hosts have a part in."""
        hosts = set(self._hosts)
        return [each for each in self._services if hosts & {*each["provided_by"], *each["consumed_by"]}]

    def gateways(self) -> list[dict[str, Any]]:
        """The gateways of bare-metal hosts: all, as services are provided by those of other hosts as well."""
        found = []
        for host in self._groups.get("skupper_gateways") or ():
            cluster, offered = self._site_of(host), self._offered(host)
            if cluster and offered:
                name = str(self._inventory.of(host).get("skupper_gateway_name") or "")
                found.append({"host": host, "cluster": cluster, "name": name, "services": offered})
        return found

    def _site_of(self, host: str) -> str:
        """The cluster whose site a bare-metal host is near to."""
        given = self._inventory.of(host).get("skupper_gateway_site")
        if given:
            return str(given)
        near = [
            other
            for group, members in self._groups.items()
            if group.startswith("site_") and host in members
            for other in members
            if other in self._sites
        ]
        return near[0] if near else ""

    def _offered(self, host: str) -> list[str]:
        given = self._inventory.of(host).get("skupper_gateway_bindings")
        found = bindings(self._shared("services") or (), host) if given is None else given
        return sorted({str(each["address"]) for each in found if each.get("mode") != "forward"})

    def members(self) -> list[dict[str, Any]]:
        """The clusters that the hub manages."""
        if not self._hub:
            return []
        return [
            {
                "host": host,
                **self._managed(host, "cluster_membership"),
                "placements": [
                    f"{each['namespace']}/{each['name']}"
                    for each in self._inventory.of(host).get("cluster_membership_placements") or ()
                ],
                "argocd": self._argocd_import(host) != "none",
            }
            for host in self._of_group("clusters")
        ]

    def _argocd_import(self, host: str) -> str:
        variables = self._inventory.of(host)
        return str(variables.get("cluster_membership_argocd_import") or variables.get("argocd_import") or "auto")

    def applications(self) -> list[dict[str, Any]]:
        """What Argo CD delivers."""
        found = []
        for host in self._of_group("boutique_sites") if self._hub else ():
            variables = self._inventory.of(host)
            delivery = str(variables.get("boutique_delivery") or "auto")
            name = variables.get("boutique_name") or variables.get("application")
            if delivery != "direct" and name and (delivery == "gitops" or variables.get("boutique_repo_url")):
                found.append({"host": host, "name": str(name), "delivery": delivery, **self._managed(host, "boutique")})
        return found

    def _managed(self, host: str, role: str) -> dict[str, str]:
        """The ManagedCluster that a host stands for: by its name, or by a selector that finds it."""
        variables = self._inventory.of(host)
        own, common = variables.get(f"{role}_cluster_name"), self._inventory.cluster(host)
        selector = variables.get(f"{role}_cluster_selector") or variables.get("cluster_membership_selector")
        return {"cluster": str(own or common), "selector": "" if own else str(selector or "")}

    def workloads(self) -> list[dict[str, Any]]:
        """The parts of the application at each site; none named where a chart of the user's own is delivered."""
        return [{"host": host, "names": self._parts(host)} for host in self._of_group("boutique_sites")]

    def _parts(self, host: str) -> list[str]:
        parts = self._inventory.of(host).get("boutique_services") or ()
        if isinstance(parts, Mapping):
            return [str(name) for name, more in parts.items() if (more or {}).get("enabled", True)]
        return [str(name) for name in parts]

    # -- how to find out ---------------------------------------------------------------------------------------------

    def clusters(self) -> list[dict[str, Any]]:
        """The clusters to read: those of the verified hosts, and those that know of them."""
        return [self._cluster(host) for host in dict.fromkeys(self._to_read())]

    def _to_read(self) -> Iterator[str]:
        for group in ("hub", "clusters", "skupper_sites", "boutique_sites"):
            yield from self._of_group(group)
        if self._hub and (self.members() or self.applications()):
            yield self._hub
        yield from (link["to"] for link in self.links())
        yield from (gateway["cluster"] for gateway in self.gateways() if gateway["host"] in self._hosts)

    def _cluster(self, host: str) -> dict[str, Any]:
        variables = self._inventory.of(host)
        is_site, is_hub = host in self._sites, host == self._hub
        members, applications = (self.members(), self.applications()) if is_hub else ([], [])
        places = sorted({name.partition("/")[0] for member in members for name in member["placements"]})
        argocd = str(variables.get("cluster_membership_argocd_namespace") or variables.get("argocd_namespace") or "")
        found = {
            "name": host,
            "auth": self._connection(variables),
            "hub": bool(members or applications),
            "argocd_namespace": argocd or "openshift-gitops",
            "applications": bool(applications),
            "placement_namespaces": places,
            "selectors": sorted({each["selector"] for each in [*members, *applications]} - {""}),
        }
        if is_site:
            found["namespace"] = self._inventory.namespace(host)
            found["skupper_version"] = self._inventory.variable(host, "version", "v2")
            found["site_name"] = str(variables.get("skupper_site_name") or host)
        if host in self._of_group("boutique_sites"):
            found["workloads_namespace"] = self._application_namespace(host)
        return found

    def _application_namespace(self, host: str) -> str:
        return str(self._inventory.of(host).get("boutique_namespace") or self._inventory.namespace(host))

    def probes(self, wanted: Any) -> list[dict[str, Any]]:
        """What to speak with.

        :param wanted: False for nothing, True for what the inventory implies, or a list of probes, each with `hosts`
            from where (default: all sites).
        """
        if isinstance(wanted, str):  # as `-e verify_probes=false` has it
            wanted = boolean(wanted)
        if not wanted:
            return []
        if wanted is not True:
            return [dict(each) for entry in wanted for each in self._named_probe(entry)]
        found = [
            {"cluster": host, **_words(service)}
            for service in self.services()
            for host in service["consumed_by"]
            if host in self._hosts
        ]
        fronts = (each["host"] for each in self.workloads() if FRONTEND["service"] in each["names"])
        return found + [
            {"cluster": host, "namespace": self._application_namespace(host), **FRONTEND} for host in fronts
        ]

    def _named_probe(self, entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        known = [cluster["name"] for cluster in self.clusters()]
        for host in entry.get("hosts") or self._of_group("skupper_sites"):
            if host in self._hosts and host in known:
                yield {"cluster": host, **{key: value for key, value in entry.items() if key != "hosts"}}

    def as_options(self, probes: Any, certificate_days: int) -> dict[str, Any]:
        """The options of interconnect_info."""
        return {
            "clusters": self.clusters(),
            "expected": {
                "hosts": self._hosts,
                "certificate_days": certificate_days,
                "members": self.members(),
                "links": self.links(),
                "gateways": self.gateways(),
                "services": self.services(),
                "applications": self.applications(),
                "workloads": self.workloads(),
            },
            "probes": self.probes(probes),
        }


def _words(service: Mapping[str, Any]) -> dict[str, Any]:
    kind = "redis" if service["port"] == REDIS_PORT else "tcp"
    return {"service": service["name"], "port": service["port"], "kind": kind}
