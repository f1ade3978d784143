# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a broker consists of in its namespace, as plain objects. Pure functions.

Upstream: subctl pkg/broker/ensure.go and rbac.go, pkg/brokercr/ensure.go; submariner-operator config/broker. So
clusters join it by subctl, by Helm and by this collection alike.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from .._apply.ownership import covers, made_by
from .._client.client import FIELD_MANAGER, Object
from .._client.errors import ObjectRef
from .broker_info import TOKEN_TYPE
from .broker_pools import Pool
from .names import ADMIN, BROKER, CLIENT_ROLE, PSK_KEY, PSK_SECRET, SUBMARINER_V1ALPHA1

RBAC = "rbac.authorization.k8s.io"
ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name"
TOKEN_SECRET = f"{ADMIN}-token"
CRD = "CustomResourceDefinition"

_OF_GLOBALNET = ("globalnetCIDRRange", "defaultGlobalnetClusterSize")
_FIELDS = ("defaultCustomDomains", "globalnetEnabled", "clustersetIPEnabled", "clustersetIPCIDRRange", *_OF_GLOBALNET)

Rule = dict[str, list[str]]

_READ = ["get", "list"]
_WATCH = [*_READ, "watch"]
_ALL = ["create", *_WATCH, "patch", "update", "delete"]


def _rule(group: str, resources: Iterable[str], verbs: Sequence[str]) -> Rule:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}


_SHARED = [
    _rule("submariner.io", ["clusters", "endpoints"], _ALL),
    _rule("submariner.io", ["brokers"], _READ),
    _rule("multicluster.x-k8s.io", ["serviceimports", "serviceimports/status"], _ALL),
    # OpenShift asks for the second where a slice names addresses of its own.
    _rule("discovery.k8s.io", ["endpointslices", "endpointslices/restricted"], _ALL),
]
ADMIN_RULES = [
    *_SHARED,
    _rule("", ["serviceaccounts", "secrets", "configmaps"], ["create", *_WATCH, "update", "delete"]),
    _rule(RBAC, ["rolebindings"], ["create", *_READ, "delete"]),
]
CLIENT_RULES = [*_SHARED, _rule("", ["secrets"], _WATCH), _rule("", ["serviceaccounts"], _READ)]


@dataclass(frozen=True)
class Broker:
    """A broker as it is wanted."""

    namespace: str
    components: tuple[str, ...]
    custom_domains: tuple[str, ...]
    globalnet: Pool
    clusterset_ip: Pool

    @property
    def ref(self) -> ObjectRef:
        """The record of what the broker is for."""
        return ObjectRef(SUBMARINER_V1ALPHA1, "Broker", BROKER, self.namespace)

    def objects(self) -> list[Object]:
        """All but the kinds, and the Secrets, which are made of what is there."""
        account = {"kind": "ServiceAccount", "name": ADMIN, "namespace": self.namespace}
        return [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}},
            self._object("v1", "ServiceAccount", ADMIN),
            self._object(f"{RBAC}/v1", "Role", ADMIN, rules=ADMIN_RULES),
            self._object(f"{RBAC}/v1", "Role", CLIENT_ROLE, rules=CLIENT_RULES),
            self._object(
                f"{RBAC}/v1",
                "RoleBinding",
                ADMIN,
                roleRef={"apiGroup": RBAC, "kind": "Role", "name": ADMIN},
                subjects=[account],
            ),
            *(self._config_map(pool) for pool in (self.globalnet, self.clusterset_ip)),
            self._object(SUBMARINER_V1ALPHA1, "Broker", BROKER, spec=self._spec()),
        ]

    def token_secret(self) -> Object:
        """The Secret that the cluster fills with a token of the admin account."""
        secret = self._object("v1", "Secret", TOKEN_SECRET, type=TOKEN_TYPE)
        secret["metadata"]["annotations"] = {ACCOUNT_ANNOTATION: ADMIN}
        return secret

    def psk_secret(self, psk: bytes) -> Object:
        """The Secret with the key of the tunnels, as ACM keeps it; subctl keeps none."""
        data = {PSK_KEY: base64.b64encode(psk).decode()}
        return self._object("v1", "Secret", PSK_SECRET, type="Opaque", data=data)

    def _object(self, api_version: str, kind: str, name: str, **rest: Any) -> Object:
        metadata = {"name": name, "namespace": self.namespace}
        return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}

    def _config_map(self, pool: Pool) -> Object:
        made = self._object("v1", "ConfigMap", pool.kind.config_map, data=pool.data())
        if pool.kind.labels:
            made["metadata"]["labels"] = dict(pool.kind.labels)
        return made

    def _spec(self) -> dict[str, Any]:
        spec: dict[str, Any] = {
            "components": list(self.components),
            "defaultCustomDomains": list(self.custom_domains),
            "globalnetEnabled": self.globalnet.enabled,
            "clustersetIPEnabled": self.clusterset_ip.enabled,
            "clustersetIPCIDRRange": self.clusterset_ip.cidr_range,
        }
        if self.globalnet.enabled:
            spec["globalnetCIDRRange"] = self.globalnet.cidr_range
            spec["defaultGlobalnetClusterSize"] = self.globalnet.cluster_size
        return spec


def is_ours(live: Object) -> bool:
    """Whether we made an object, and nobody has taken over what it says: Submariner's operator does so with kinds."""
    if not made_by(live, FIELD_MANAGER):
        return False
    return live["kind"] != CRD or not any(
        "f:spec" in (entry.get("fieldsV1") or {}) and entry.get("manager") != FIELD_MANAGER
        for entry in live["metadata"].get("managedFields") or []
        if not entry.get("subresource")
    )


def will_do(live: Object, wanted: Object) -> bool:
    """Whether an object that somebody else made says what `wanted` says, or more, and can be left to him."""
    kind = wanted["kind"]
    if kind == CRD:
        return bool(_served(wanted) & _served(live))
    if kind == "Role":
        return _grants(wanted["rules"]) <= _grants(live.get("rules") or [])
    if kind == "RoleBinding":
        subjects = live.get("subjects") or []
        return covers(live.get("roleRef"), wanted["roleRef"]) and any(
            covers(each, wanted["subjects"][0]) for each in subjects
        )
    if kind == "Broker":
        return _said_by(live) == _said_by(wanted)
    return covers(live, {key: value for key, value in wanted.items() if key not in ("metadata", "type")})


def _served(crd: Object) -> set[str]:
    return {version["name"] for version in crd["spec"]["versions"] if version["served"]}


def _grants(rules: Iterable[Mapping[str, Any]]) -> set[tuple[str, str, str]]:
    """What rules grant to all objects of a kind, one by one."""
    return {
        grant
        for rule in rules
        if not rule.get("resourceNames")
        for grant in product(rule.get("apiGroups") or [], rule.get("resources") or [], rule.get("verbs") or [])
    }


def _said_by(broker: Object) -> dict[str, Any]:
    """What a Broker says: a field that is missing is an empty one, and components have no order."""
    spec = broker.get("spec") or {}
    said = {key: spec[key] for key in _FIELDS if spec.get(key)}
    if not said.get("globalnetEnabled"):
        said = {key: value for key, value in said.items() if key not in _OF_GLOBALNET}
    return {**said, "components": sorted(spec.get("components") or [])}


def token_secrets_of(secrets: Iterable[Object], account: str) -> list[Object]:
    """The token Secrets of an account: ours first, then those that hold a token, each by name."""
    own = [each for each in secrets if (each["metadata"].get("annotations") or {}).get(ACCOUNT_ANNOTATION) == account]

    def order(secret: Object) -> tuple[bool, bool, str]:
        is_filled = bool((secret.get("data") or {}).get("token"))
        return not made_by(secret, FIELD_MANAGER), not is_filled, secret["metadata"]["name"]

    return sorted(own, key=order)
