# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods of the application that the lab runs: small programs in the places of Online Boutique's own.

No image can be had, and no other of its services is needed to show that a request passes through the network: a browser
asks the frontend, that asks the cart service, and that reads and writes Redis.
"""
