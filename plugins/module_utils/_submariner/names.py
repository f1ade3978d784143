# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Submariner calls things.

Upstream: subctl internal/constants, submariner-operator pkg/names.
"""

from __future__ import annotations

BROKER_NAMESPACE = "submariner-k8s-broker"
OPERATOR_NAMESPACE = "submariner-operator"

BROKER = "submariner-broker"
ADMIN = "submariner-k8s-broker-admin"
"""The account whose token stands in broker-info.subm, its Role and RoleBinding."""
CLIENT_ROLE = "submariner-k8s-broker-cluster"
"""The Role that the account of each joined cluster is bound to."""
PSK_SECRET = "submariner-ipsec-psk"
PSK_KEY = "psk"

SUBMARINER_V1 = "submariner.io/v1"
SUBMARINER_V1ALPHA1 = "submariner.io/v1alpha1"

SUBMARINER = "submariner"
OPERATOR = "submariner-operator"
BROKER_SECRET = "submariner-broker-secret"
"""Of a joined cluster: the credentials by which it uses the broker."""
GATEWAY_LABEL = "submariner.io/gateway"
GATEWAY_SETTINGS = "gateway.submariner.io/"
"""Prefix of labels and annotations of a node that set up its gateway."""
SOURCE_CLUSTER = "multicluster.kubernetes.io/source-cluster"
"""Label of what a cluster has exported."""

CONNECTIVITY, SERVICE_DISCOVERY = "connectivity", "service-discovery"
