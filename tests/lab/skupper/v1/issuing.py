# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate tokens: what the site-controller makes of a request, and the claims server of a claim.

Follows S1 client/connector_token_create.go (ConnectorTokenCreate).
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab.api import Api, path
from tests.lab.errors import LabError
from tests.lab.skupper.v1 import certificates, names, resolver, settings
from tests.lab.skupper.v1.router_config import RouterConfig


@dataclass(frozen=True)
class Token:
    data: certificates.Data
    annotations: dict[str, str]


def issue(api: Api, namespace: str, subject: str) -> Token:
    """Sign a certificate with the site's present authority. LabError or ApiError when the site can not."""
    config = RouterConfig.of(api.get(path("v1", "configmaps", names.INTERNAL, namespace)))
    if config.edge:
        raise LabError("Edge configuration cannot accept connections")
    ca = api.get(path("v1", "secrets", names.SITE_CA, namespace))["data"]
    config_map = api.get(path("v1", "configmaps", names.SITE, namespace))
    places = resolver.resolve(api, settings.read(config_map, resolver.default_ingress(api)))
    annotations = {
        "inter-router-host": places.inter_router.host,
        "inter-router-port": places.inter_router.port,
        "edge-host": places.edge.host,
        "edge-port": places.edge.port,
        names.SITE_VERSION: config.metadata["version"],
        names.GENERATED_BY: config_map["metadata"]["uid"],
    }
    return Token(certificates.issue(ca, subject), annotations)
