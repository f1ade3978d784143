# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of a skupper-router outside of Kubernetes: the programs of its container image.

The image is made by `tests.lab.podman`, and run as upstream's would be: same arguments, mounts and environment. Nothing
in it but Python's standard library and this part of the lab.
"""
