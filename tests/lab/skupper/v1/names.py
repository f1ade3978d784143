# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that Skupper v1 has for its objects, labels and annotations (S1 api/types/types.go)."""

from __future__ import annotations

VERSION = "1.9.6"
ROUTER_VERSION = "2.7.6"
"""Of skupper-router (S1 pkg/images/images.go)."""
SITE = "skupper-site"
INTERNAL = "skupper-internal"
SERVICES = "skupper-services"
ROUTER = "skupper-router"
LOCAL_ROUTER = "skupper-router-local"
SERVICE_CONTROLLER = "skupper-service-controller"
CONSOLE = "skupper"
LOCAL_CA, SITE_CA, SERVICE_CA = "skupper-local-ca", "skupper-site-ca", "skupper-service-ca"
LOCAL_SERVER, LOCAL_CLIENT = "skupper-local-server", "skupper-local-client"
SITE_SERVER, SERVICE_CLIENT = "skupper-site-server", "skupper-service-client"

INTER_ROUTER_PORT, EDGE_PORT, CLAIMS_PORT, AMQPS_PORT, HEALTH_PORT = 55671, 45671, 8081, 5671, 9090

TYPE = "skupper.io/type"
"""Label that says what a Secret is."""
REQUEST, TOKEN, CLAIM, CLAIM_RECORD = (
    "connection-token-request",
    "connection-token",
    "token-claim",
    "token-claim-record",
)
IGNORE = "internal.skupper.io/site-controller-ignore"
COST, GENERATED_BY, SITE_VERSION = "skupper.io/cost", "skupper.io/generated-by", "skupper.io/site-version"
CLAIM_URL, CLAIM_EXPIRATION = "skupper.io/url", "skupper.io/claim-expiration"
CLAIMS_REMAINING, CLAIMS_MADE = "skupper.io/claims-remaining", "skupper.io/claims-made"
LAST_FAILED, STATUS = "internal.skupper.io/last-failed", "internal.skupper.io/status"
CONTROLLED = "internal.skupper.io/controlled"

ROUTER_LABELS = {
    "app.kubernetes.io/name": ROUTER,
    "app.kubernetes.io/part-of": "skupper",
    "application": ROUTER,
    "skupper.io/component": "router",
}
CONTROLLER_LABELS = {
    "app.kubernetes.io/name": SERVICE_CONTROLLER,
    "app.kubernetes.io/part-of": "skupper",
    "skupper.io/component": "service-controller",
}
