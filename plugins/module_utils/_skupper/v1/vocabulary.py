# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that Skupper v1 gives its objects, labels and annotations.

Upstream: skupperproject/skupper 1.9.6 api/types/types.go.
"""

from __future__ import annotations

SITE_CONFIG = "skupper-site"
"""ConfigMap: what the site is to be. Its uid is the site's id."""
ROUTER_CONFIG = "skupper-internal"
"""ConfigMap: what the site's router is told."""
ROUTER_CONFIG_KEY = "skrouterd.json"
NETWORK_STATUS = "skupper-network-status"
SITE_CA = "skupper-site-ca"
"""Secret with the key that signs tokens."""
SITE_SERVER = "skupper-site-server"
"""Secret with the certificate that the router shows to those that link to it; its ca.crt is the site's CA."""
ROUTER_SERVICE = "skupper-router"
ROUTER_DEPLOYMENT = "skupper-router"
SITE_CONTROLLER = "skupper-site-controller"
"""Deployment, and the namespace that upstream's manifest for all namespaces puts it in."""
SERVICE_CONTROLLER = "skupper-service-controller"
"""Deployment: it makes connectors from tokens, and redeems claims."""

IGNORED_BY_SITE_CONTROLLER = "internal.skupper.io/site-controller-ignore"
"""Label of the ConfigMap skupper-site that `skupper init` has made; any value will do."""

TYPE = "skupper.io/type"
REQUEST = "connection-token-request"
TOKEN = "connection-token"
CLAIM = "token-claim"
CLAIM_RECORD = "token-claim-record"
GATEWAY_TOKEN = "gateway-connection-token"
DISABLED = "internal.skupper.io/disabled"
"""Label of a token that a SkupperClusterPolicy of its site does not let link."""

INTER_ROUTER_HOST, INTER_ROUTER_PORT = "inter-router-host", "inter-router-port"
EDGE_HOST, EDGE_PORT = "edge-host", "edge-port"
ENDPOINT_ANNOTATIONS = (INTER_ROUTER_HOST, INTER_ROUTER_PORT, EDGE_HOST, EDGE_PORT)
GENERATED_BY = "skupper.io/generated-by"
SITE_VERSION = "skupper.io/site-version"
COST = "skupper.io/cost"
CLAIM_URL = "skupper.io/url"
CLAIM_EXPIRATION = "skupper.io/claim-expiration"
CLAIMS_REMAINING = "skupper.io/claims-remaining"
CLAIMS_MADE = "skupper.io/claims-made"
LAST_FAILED = "internal.skupper.io/last-failed"
CLAIM_STATUS = "internal.skupper.io/status"

CERTIFICATE_KEYS = ("ca.crt", "tls.crt", "tls.key")

INTERIOR, EDGE = "interior", "edge"
INTER_ROUTER_PORT_NUMBER, EDGE_PORT_NUMBER, CLAIMS_PORT_NUMBER = 55671, 45671, 8081

POKED = "multicluster.interconnect/poked-at"
"""Annotation by which a request that the site controller has dropped is brought before it again."""
