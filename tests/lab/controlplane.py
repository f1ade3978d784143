# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One cluster's control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler as plain processes.

Everything binds the cluster's own loopback address, speaks TLS with certificates of the cluster's own authorities, and
authenticates its callers; RBAC decides.
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from pathlib import Path

from tests.lab import kubeconfig
from tests.lab.build import Binaries
from tests.lab.layout import Layout, private_dir, write_private
from tests.lab.part import Part, Probe
from tests.lab.pki import Authority, Pair, Usage, signing_key
from tests.lab.ports import Ports
from tests.lab.topology import Cluster

MASTERS = ("system:masters",)
ADMIN = "lab-admin"
KUBELET_CLIENT = "kube-apiserver-kubelet-client"
"""Whom the kubelets' servers let in."""
NODE_AGENTS = "lab:node-agents"
"""Group of the double of the kubelet; bound to ClusterRole system:node."""

IDENTITIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "admin": (ADMIN, MASTERS),
    "controller-manager": ("system:kube-controller-manager", ()),
    "scheduler": ("system:kube-scheduler", ()),
    "setup": ("lab:setup", MASTERS),
    "node-agent": ("lab:node-agent", (NODE_AGENTS,)),
    "probe": ("lab:probe", ()),
}
"""Client certificates in every cluster: file name to user and groups. One a component, so that the audit log tells them
apart."""

AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "rules": [
        # Heartbeats and probes: a line each few seconds for ever, and of no interest to a test.
        {"level": "None", "nonResourceURLs": ["/healthz*", "/livez*", "/readyz*"]},
        {"level": "None", "resources": [{"group": "coordination.k8s.io", "resources": ["leases"]}]},
        # Writes with all stages: what stands in the log as received but not yet as complete is still under way.
        {"level": "Metadata", "verbs": ["create", "update", "patch", "delete", "deletecollection"]},
        {"level": "Metadata", "omitStages": ["RequestReceived"]},
    ],
}


@dataclass(frozen=True)
class ControlPlane:
    """The parts of one control plane, and the files that they read."""

    cluster: Cluster
    layout: Layout
    binaries: Binaries
    ports: Ports

    @property
    def url(self) -> str:
        return f"https://{self.cluster.address}:{self.port('kube-apiserver', 6443)}"

    @property
    def pki(self) -> Path:
        return self.layout.pki(self.cluster.name)

    @property
    def is_prepared(self) -> bool:
        """Whether certificates have been made."""
        return (self.pki / "ca.key").exists()

    def port(self, part: str, preferred: int = 0) -> int:
        return self.ports.of(f"{self.cluster.name}/{part}", self.cluster.address, preferred)

    def identity(self, name: str) -> str:
        """Path of a component's kubeconfig."""
        return str(self.layout.identity(self.cluster.name, name))

    def add_identity(self, name: str, user: str, groups: tuple[str, ...] = ()) -> Pair:
        """Make a client certificate and a kubeconfig for a component, once; return the certificate."""
        certificate, key = self.pki / "clients" / f"{name}.crt", self.pki / "clients" / f"{name}.key"
        if not key.exists():
            Authority.load(self.pki, "ca").issue(user, groups).write(certificate.parent, name)
        pair = Pair(certificate.read_bytes(), key.read_bytes())
        kubeconfig.write(Path(self.identity(name)), [self.context(user, pair)])
        return pair

    def context(self, user: str, credentials: Pair | str, namespace: str = "") -> kubeconfig.Context:
        """Kubeconfig context for this cluster."""
        ca = (self.pki / "ca.crt").read_bytes()
        return kubeconfig.Context(self.cluster.name, self.url, ca, user, credentials, namespace)

    def prepare(self) -> None:
        """Make the authorities, certificates, kubeconfigs and configuration files that are not there yet."""
        ca = Authority.ensure(self.pki, "ca", f"{self.cluster.name}-ca")
        etcd_ca = Authority.ensure(self.pki, "etcd-ca", f"{self.cluster.name}-etcd-ca")
        proxy_ca = Authority.ensure(self.pki, "front-proxy-ca", f"{self.cluster.name}-front-proxy-ca")
        address = self.cluster.address
        first_service = str(ipaddress.ip_network(self.cluster.service_cidr)[1])
        names = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost")
        wanted: dict[str, tuple[Authority, str, Usage, tuple[str, ...], tuple[str, ...]]] = {
            "apiserver": (ca, "kube-apiserver", "server", names, (address, first_service)),
            "serving": (ca, f"{self.cluster.name}-component", "server", ("localhost",), (address,)),
            "etcd": (etcd_ca, "etcd", "both", ("localhost",), (address,)),
            "apiserver-etcd-client": (etcd_ca, "kube-apiserver-etcd-client", "client", (), ()),
            "kubelet": (ca, f"{self.cluster.name}-kubelet", "server", (), tuple(self.cluster.nodes.values())),
            "apiserver-kubelet-client": (ca, KUBELET_CLIENT, "client", (), ()),
            "front-proxy-client": (proxy_ca, "front-proxy-client", "client", (), ()),
        }
        for name, (authority, common_name, usage, dns, ips) in wanted.items():
            if not (self.pki / f"{name}.key").exists():
                authority.issue(common_name, usage=usage, names=dns, addresses=ips).write(self.pki, name)
        if not (self.pki / "sa.key").exists():
            private, public = signing_key()
            write_private(self.pki / "sa.pub", public)
            write_private(self.pki / "sa.key", private)
        for name, (user, groups) in IDENTITIES.items():
            self.add_identity(name, user, groups)
        private_dir(self.layout.work(f"{self.cluster.name}/etcd"))
        write_private(self.layout.cluster(self.cluster.name) / "audit-policy.json", json.dumps(AUDIT_POLICY))

    def probe(self, part: str, path: str) -> Probe:
        """Verified HTTPS probe of one of this cluster's servers."""
        clients = self.pki / "clients"
        url = f"https://{self.cluster.address}:{self.port(part)}{path}"
        return Probe(url, self.pki / "ca.crt", clients / "probe.crt", clients / "probe.key")

    def parts(self) -> list[Part]:
        return [self.etcd(), self.kube_apiserver(), self.kube_controller_manager(), self.kube_scheduler()]

    def etcd(self) -> Part:
        pki, address = self.pki, self.cluster.address
        client = f"https://{address}:{self.port('etcd', 2379)}"
        peer = f"https://{address}:{self.port('etcd-peer', 2380)}"
        trusted = ("--trusted-ca-file", "--peer-trusted-ca-file")
        argv = [
            self.binaries["etcd"],
            f"--name={self.cluster.name}",
            f"--data-dir={self.layout.work(f'{self.cluster.name}/etcd')}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster={self.cluster.name}={peer}",
            f"--cert-file={pki}/etcd.crt",
            f"--key-file={pki}/etcd.key",
            f"--peer-cert-file={pki}/etcd.crt",
            f"--peer-key-file={pki}/etcd.key",
            *(f"{flag}={pki}/etcd-ca.crt" for flag in trusted),
            "--client-cert-auth",
            "--peer-client-cert-auth",
            # A write need not reach the disk before it is answered: the data outlives a killed process (it is in the
            # kernel's hands), and a lab may lose it with the machine. It makes every write several times faster.
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]
        certificate, key = pki / "apiserver-etcd-client.crt", pki / "apiserver-etcd-client.key"
        ready = Probe(f"{client}/health", pki / "etcd-ca.crt", certificate, key)
        return Part(self.cluster.name, "etcd", tuple(argv), ready, url=client)

    def kube_apiserver(self) -> Part:
        pki, cluster = self.pki, self.cluster
        argv = [
            self.binaries["kube-apiserver"],
            f"--bind-address={cluster.address}",
            f"--advertise-address={cluster.address}",
            f"--secure-port={self.port('kube-apiserver', 6443)}",
            # A loopback address is not valid in an Endpoints object, so `default/kubernetes` has none.
            "--endpoint-reconciler-type=none",
            f"--etcd-servers=https://{cluster.address}:{self.port('etcd', 2379)}",
            f"--etcd-cafile={pki}/etcd-ca.crt",
            f"--etcd-certfile={pki}/apiserver-etcd-client.crt",
            f"--etcd-keyfile={pki}/apiserver-etcd-client.key",
            f"--tls-cert-file={pki}/apiserver.crt",
            f"--tls-private-key-file={pki}/apiserver.key",
            f"--client-ca-file={pki}/ca.crt",
            "--anonymous-auth=false",
            "--authorization-mode=RBAC",
            f"--service-cluster-ip-range={cluster.service_cidr}",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={pki}/sa.pub",
            f"--service-account-signing-key-file={pki}/sa.key",
            f"--kubelet-certificate-authority={pki}/ca.crt",
            f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt",
            f"--kubelet-client-key={pki}/apiserver-kubelet-client.key",
            "--kubelet-preferred-address-types=InternalIP",
            # WebSockets reach the double of the kubelet as they are; it does not speak SPDY.
            "--feature-gates=TranslateStreamCloseWebsocketRequests=false",
            f"--requestheader-client-ca-file={pki}/front-proxy-ca.crt",
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-username-headers=X-Remote-User",
            f"--proxy-client-cert-file={pki}/front-proxy-client.crt",
            f"--proxy-client-key-file={pki}/front-proxy-client.key",
            f"--audit-policy-file={self.layout.cluster(cluster.name)}/audit-policy.json",
            f"--audit-log-path={self.layout.audit_log(cluster.name)}",
            "--audit-log-format=json",
            # Written before the request goes on, and never rotated away under a test.
            "--audit-log-mode=blocking-strict",
            "--audit-log-maxsize=100000",
            "--profiling=false",
        ]
        ready = self.probe("kube-apiserver", "/readyz")
        return Part(cluster.name, "kube-apiserver", tuple(argv), ready, (f"{cluster.name}/etcd",), url=self.url)

    def kube_controller_manager(self) -> Part:
        pki, cluster, own = self.pki, self.cluster, self.identity("controller-manager")
        argv = [
            self.binaries["kube-controller-manager"],
            *self._component_flags("kube-controller-manager", 10257, own),
            f"--cluster-signing-cert-file={pki}/ca.crt",
            f"--cluster-signing-key-file={pki}/ca.key",
            f"--root-ca-file={pki}/ca.crt",
            f"--service-account-private-key-file={pki}/sa.key",
            "--use-service-account-credentials",
            f"--service-cluster-ip-range={cluster.service_cidr}",
            "--allocate-node-cidrs",
            f"--cluster-cidr={cluster.pod_cidr}",
            "--kube-api-qps=200",
            "--kube-api-burst=400",
        ]
        return self._component("kube-controller-manager", argv)

    def kube_scheduler(self) -> Part:
        own = self.identity("scheduler")
        argv = [self.binaries["kube-scheduler"], *self._component_flags("kube-scheduler", 10259, own)]
        return self._component("kube-scheduler", argv)

    def _component_flags(self, name: str, preferred_port: int, own: str) -> list[str]:
        return [
            f"--kubeconfig={own}",
            f"--authentication-kubeconfig={own}",
            f"--authorization-kubeconfig={own}",
            f"--bind-address={self.cluster.address}",
            f"--secure-port={self.port(name, preferred_port)}",
            f"--tls-cert-file={self.pki}/serving.crt",
            f"--tls-private-key-file={self.pki}/serving.key",
            f"--client-ca-file={self.pki}/ca.crt",
            f"--requestheader-client-ca-file={self.pki}/front-proxy-ca.crt",
            "--leader-elect=false",
            "--profiling=false",
        ]

    def _component(self, name: str, argv: list[str]) -> Part:
        ready = self.probe(name, "/healthz")
        needs = (f"{self.cluster.name}/kube-apiserver",)
        return Part(self.cluster.name, name, tuple(argv), ready, needs, url=ready.url.removesuffix("/healthz"))
