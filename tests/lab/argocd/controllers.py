# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents of the extension ``argocd``: the real controllers 3.2.11 on the hub, as plain processes.

Application controller, ApplicationSet controller and repo server are one program, told apart by the name by which it is
run. Two of them are clients of the API, as the ServiceAccounts that OpenShift GitOps gives them, with the same rights:
what an ApplicationSet needs besides (to list decisions), somebody has to grant here too. Flags and environment:
cmd/argocd-*/commands of github.com/argoproj/argo-cd/v3.

Not there: argocd-server (API and web page), Dex, notifications, kustomize. The application controller's metrics are on
all interfaces, which can not be changed.

Run as a script, it makes what the controllers have to find, and their credentials.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from tests.lab import crds, kubeconfig, objects
from tests.lab.api import Api, Object, path
from tests.lab.assembly import Assembly, own_part
from tests.lab.controlplane import ControlPlane
from tests.lab.errors import LabError
from tests.lab.layout import Layout, private_dir
from tests.lab.part import Finish, Part, Probe

NAMESPACE = "openshift-gitops"
MODULE = "github.com/argoproj/argo-cd/v3"
CONTROLLER, SETS, REPOSITORIES = (
    "argocd-application-controller",
    "argocd-applicationset-controller",
    "argocd-repo-server",
)
REDIS, SETUP = "argocd-redis", "argocd-setup"
ACCOUNTS = {CONTROLLER: f"{NAMESPACE}-{CONTROLLER}", SETS: f"{NAMESPACE}-applicationset-controller"}
"""ServiceAccounts, by what runs as them."""
SETS_ROLE = f"manifests/base/applicationset-controller/{SETS}-role.yaml"
CONFIGURATION = tuple(f"manifests/base/config/argocd-{name}.yaml" for name in ("cm", "rbac-cm", "secret"))
RBAC = "rbac.authorization.k8s.io/v1"

TOKEN_SECONDS = 365 * 24 * 3600
RESYNC_SECONDS = 10
"""Between two looks of the application controller at the repository; 120 by default."""
REVISION_SECONDS = 5
"""How long the repo server remembers to what commit a branch leads; 180 by default."""


def prepare(plane: ControlPlane) -> None:
    """Make the controllers' folders, and the names by which they are run; on the hub only."""
    if not plane.cluster.is_hub:
        return
    for folder in ("tls", "ssh", "gpg", "tmp", "redis"):
        private_dir(_home(plane) / folder)
    named = dict.fromkeys((CONTROLLER, SETS, REPOSITORIES), plane.binaries["argocd"])
    for name, program in {**named, "helm": plane.binaries["helm"], "redis-server": redis_server()}.items():
        link = private_dir(_programs(plane)) / name
        link.unlink(missing_ok=True)
        link.symlink_to(program)


def parts(_planes: Mapping[str, ControlPlane], hub: ControlPlane) -> list[Part]:
    """Set-up, Redis, and the three processes."""
    name = hub.cluster.name
    needs = (f"{name}/{SETUP}", f"{name}/{REPOSITORIES}")
    return [
        own_part(hub, SETUP, Finish(), (f"{name}/setup",), "argocd.controllers", name),
        _redis(hub),
        _repo_server(hub),
        _application_controller(hub, needs),
        _applicationset_controller(hub, needs),
    ]


def _home(plane: ControlPlane) -> Path:
    return plane.layout.work(f"{plane.cluster.name}/argocd")


def _programs(plane: ControlPlane) -> Path:
    return _home(plane) / "bin"


def redis_server() -> str:
    """Debian has Redis' program for several purposes under several names; the package without a service has this."""
    found = shutil.which("redis-server") or shutil.which("redis-check-rdb")
    if not found:
        raise LabError("Argo CD needs redis-server, which is not installed: make env installs it (Debian: redis-tools)")
    return found


def _port(plane: ControlPlane, part: str) -> str:
    return f"{plane.cluster.address}:{plane.port(part)}"


def _redis(hub: ControlPlane) -> Part:
    address, port = hub.cluster.address, hub.port(REDIS)
    argv = (str(_programs(hub) / "redis-server"), "--bind", address, "--port", str(port), "--save", "")
    folder = ("--dir", str(_home(hub) / "redis"), "--daemonize", "no")
    return Part(hub.cluster.name, REDIS, argv + folder, Probe(f"tcp://{address}:{port}"))


def _repo_server(hub: ControlPlane) -> Part:
    address, health = hub.cluster.address, hub.port(f"{REPOSITORIES}-metrics")
    home = _home(hub)
    # The path of a Unix socket has room for some hundred characters.
    socket = Path("/tmp") / f"lab-argocd-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}.sock"
    environment = {
        "ARGOCD_ASK_PASS_SOCK": str(socket),
        "ARGOCD_GNUPGHOME": str(home / "gpg"),
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_SSH_DATA_PATH": str(home / "ssh"),
        "ARGOCD_TLS_DATA_PATH": str(home / "tls"),
        # No settings of this machine's user.
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": str(home),
        "PATH": f"{_programs(hub)}:/usr/local/bin:/usr/bin:/bin",
        "TMPDIR": str(home / "tmp"),
    }
    argv = (
        str(_programs(hub) / REPOSITORIES),
        f"--address={address}",
        f"--port={hub.port(REPOSITORIES)}",
        f"--metrics-address={address}",
        f"--metrics-port={health}",
        f"--redis={_port(hub, REDIS)}",
        f"--revision-cache-expiration={REVISION_SECONDS}s",
        "--parallelismlimit=2",
        "--disable-tls",
        "--logformat=text",
    )
    ready = Probe(f"http://{address}:{health}/healthz")
    return Part(hub.cluster.name, REPOSITORIES, argv, ready, (f"{hub.cluster.name}/{REDIS}",), environment)


def _application_controller(hub: ControlPlane, needs: tuple[str, ...]) -> Part:
    port = hub.ports.of(f"{hub.cluster.name}/{CONTROLLER}", "0.0.0.0")
    argv = (
        str(_programs(hub) / CONTROLLER),
        f"--kubeconfig={hub.identity(CONTROLLER)}",
        f"--namespace={NAMESPACE}",
        f"--metrics-port={port}",
        f"--app-resync={RESYNC_SECONDS}",
        "--app-resync-jitter=0",
        "--status-processors=4",
        "--operation-processors=4",
        "--kubectl-parallelism-limit=4",
        *_common(hub, "repo-server"),
        f"--redis={_port(hub, REDIS)}",
    )
    environment = {
        # The hub's own address, https://kubernetes.default.svc, stands for the cluster of the kubeconfig.
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_CONTROLLER_REPLICAS": "1",
        "ARGOCD_CONTROLLER_SHARD": "0",
        "TMPDIR": str(_home(hub) / "tmp"),
    }
    return Part(
        hub.cluster.name, CONTROLLER, argv, Probe(f"http://{hub.cluster.address}:{port}/healthz"), needs, environment
    )


def _applicationset_controller(hub: ControlPlane, needs: tuple[str, ...]) -> Part:
    argv = (
        str(_programs(hub) / SETS),
        f"--namespace={NAMESPACE}",
        f"--probe-addr={_port(hub, SETS)}",
        f"--metrics-addr={_port(hub, f'{SETS}-metrics')}",
        f"--webhook-addr={_port(hub, f'{SETS}-webhook')}",
        *_common(hub, "argocd-repo-server"),
    )
    # It reads the namespace of the kubeconfig's context, whatever the flag says.
    environment = {
        "KUBECONFIG": hub.identity(SETS),
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "TMPDIR": str(_home(hub) / "tmp"),
    }
    # Nothing but "not found" is served at the probe's address.
    ready = Probe(f"http://{_port(hub, f'{SETS}-metrics')}/metrics")
    return Part(hub.cluster.name, SETS, argv, ready, needs, environment)


def _common(hub: ControlPlane, flag: str) -> tuple[str, ...]:
    return f"--{flag}={_port(hub, REPOSITORIES)}", "--repo-server-plaintext", "--logformat=text"


def set_up(plane: ControlPlane) -> list[Object]:
    """Objects that OpenShift GitOps makes for an Argo CD, as far as its controllers look for them."""
    module = Path(plane.binaries.modules[MODULE])
    found: list[Object] = [
        _account(ACCOUNTS[CONTROLLER]),
        _bound("ClusterRole", "cluster-admin", ACCOUNTS[CONTROLLER]),
        _named(objects.manifests(module / SETS_ROLE)[0], ACCOUNTS[SETS]),
        _bound("Role", ACCOUNTS[SETS], ACCOUNTS[SETS]),
    ]
    for file in CONFIGURATION:
        manifest = objects.manifests(module / file)[0]
        found.append(_named(manifest, manifest["metadata"]["name"]))
    # What argocd-server makes: the key with which it signs sessions, and the project.
    found[-1]["data"] = {"server.secretkey": b64encode(b"no session is signed with this key").decode()}
    anything = {"group": "*", "kind": "*"}
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "default", "namespace": NAMESPACE},
        "spec": {
            "clusterResourceWhitelist": [anything],
            "destinations": [{"namespace": "*", "server": "*"}],
            "sourceRepos": ["*"],
        },
    }
    return [*found, project]


def _account(name: str) -> Object:
    labels = {"app.kubernetes.io/part-of": "argocd"}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def _named(manifest: Object, name: str) -> Object:
    return manifest | {"metadata": manifest["metadata"] | {"name": name, "namespace": NAMESPACE}}


def _bound(kind: str, role: str, account: str) -> Object:
    whole = kind == "ClusterRole"
    return {
        "apiVersion": RBAC,
        "kind": "ClusterRoleBinding" if whole else "RoleBinding",
        "metadata": {"name": account} | ({} if whole else {"namespace": NAMESPACE}),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}],
    }


def _token(api: Api, account: str) -> str:
    request = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": TOKEN_SECONDS},
    }
    answer = api.create(path("v1", "serviceaccounts", account, NAMESPACE, "token"), request)
    return str(answer["status"]["token"])


def main() -> int:
    parser = argparse.ArgumentParser(description="Set the hub up for Argo CD.")
    parser.add_argument("cluster")
    name = parser.parse_args().cluster
    assembly = Assembly(Layout.find())
    plane, api = assembly.plane(name), assembly.api(name, "setup")
    objects.apply_crds(api, crds.load(plane.binaries, ((MODULE, "manifests/crds/*-crd.yaml"),)))
    objects.apply(api, set_up(plane))
    for part, account in ACCOUNTS.items():
        context = plane.context(account, _token(api, account), NAMESPACE)
        kubeconfig.write(Path(plane.identity(part)), [context])
    return 0


if __name__ == "__main__":
    sys.exit(main())
