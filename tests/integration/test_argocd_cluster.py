# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""argocd_cluster: tokens that really open a cluster, and none that opens it longer than it should."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from tests.integration.conftest import Audit
from tests.integration.runs import Ansible, Run, step, triple
from tests.integration.scratch import RBAC, Scratch, wait_until
from tests.lab import Lab
from tests.lab.api import Api, ApiError, Object, path

MODULE = "argocd_cluster"
SPOKE = "us-philly"
ARGOCD = "openshift-gitops"
# An API server remembers a good token for 10 s (k8s.io/apiserver: TokenSuccessCacheTTL).
FORGOTTEN_SECONDS = 15.0


@dataclass(frozen=True)
class Access:
    """One cluster as Argo CD is to know it, under names of the test's own."""

    lab: Lab
    scratch: Scratch

    @property
    def args(self) -> dict[str, Any]:
        return {
            "name": self.scratch.id,
            "hub": {"kubeconfig": str(self.lab.kubeconfig), "context": self.lab.hub},
            "service_account": self.scratch.id,
            "service_account_namespace": "default",
            "wait_sleep": 1,
        }

    @property
    def secret(self) -> str:
        return path("v1", "secrets", f"{self.scratch.id}-cluster-secret", ARGOCD)

    def own(self) -> Access:
        """Have everything that the module makes removed after the test."""
        name = self.scratch.id
        self.scratch.owns(self.lab.hub, self.secret)
        self.scratch.owns(SPOKE, path("v1", "serviceaccounts", name, "default"))
        self.scratch.owns(SPOKE, path(RBAC, "clusterroles", f"{name}-role"))
        self.scratch.owns(SPOKE, path(RBAC, "clusterrolebindings", f"{name}-role-binding"))
        return self

    def token(self) -> str:
        """The token that Argo CD has now; empty where it has none."""
        secret = self.lab.api(self.lab.hub).find(self.secret)
        return token_of(secret) if secret else ""

    def opens(self, token: str) -> bool:
        """Whether the spoke lets the bearer of a token in, as one who may do everything."""
        bearer = Api(self.lab.url(SPOKE), self.lab.ca(SPOKE), token=token)
        try:
            bearer.get(path("v1", "secrets", namespace="kube-system"))
        except ApiError as error:
            if error.status not in (401, 403):
                raise
            return False
        finally:
            bearer.close()
        return True


def token_of(secret: Object) -> str:
    config = json.loads(base64.b64decode(secret["data"]["config"]))
    return str(config["bearerToken"])


def access(lab: Lab, scratch: Scratch) -> Access:
    return Access(lab, scratch).own()


@dataclass
class Watch:
    """Uses Argo CD's token without a pause while a block runs, as Argo CD does."""

    access: Access
    tokens: list[str] = field(default_factory=list)
    """All that were seen, in order."""
    refused: list[str] = field(default_factory=list)
    """Tokens that were refused while they stood in Argo CD's Secret."""

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(10)

    def _watch(self) -> None:
        while not self._over.is_set():
            token = self.access.token()
            if token not in self.tokens:
                self.tokens.append(token)
            # Between our two requests the Secret may have been given another one.
            if not self.access.opens(token) and self.access.token() == token:
                self.refused.append(token)


def writes_of(name: str, verb: str, generation: int = 1) -> list[str]:
    """One write to each object that the access consists of."""
    return [
        f"ca-central: {verb} secrets {ARGOCD}/{name}-cluster-secret",
        f"{SPOKE}: {verb} clusterrolebindings {name}-role-binding",
        f"{SPOKE}: {verb} clusterroles {name}-role",
        f"{SPOKE}: {verb} secrets default/{name}-token-{generation}",
        f"{SPOKE}: {verb} serviceaccounts default/{name}",
    ]


def actions(run: Run, name: str) -> list[tuple[str, str, str]]:
    return [(each["kind"], each["name"], each["action"]) for each in run.task(name)["resources"]]


def test_access_is_given_changed_and_taken_away_by_one_write_an_object(
    either_way: Ansible, lab: Lab, scratch: Scratch, audit: Audit
) -> None:
    given = access(lab, scratch)
    narrow = {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}], "labels": {"site": "us"}}
    with audit() as log:
        run = either_way.steps(
            *triple("give", MODULE, **given.args), *triple("narrow", MODULE, **given.args, **narrow), cluster=SPOKE
        )
    log.expect_triple(run, "give", writes_of(scratch.id, "patch"))
    changed = [line for line in writes_of(scratch.id, "patch") if "cluster-secret" in line or " clusterroles " in line]
    log.expect_triple(run, "narrow", changed)
    assert actions(run, "check give") == actions(run, "give")
    assert run.task("give")["secret"] == f"Secret {ARGOCD}/{scratch.id}-cluster-secret"
    assert run.task("give")["server"] == lab.url(SPOKE)

    secret = lab.api(lab.hub).get(given.secret)
    assert secret["metadata"]["labels"]["argocd.argoproj.io/secret-type"] == "cluster"
    assert secret["metadata"]["labels"]["site"] == "us"
    assert base64.b64decode(secret["data"]["server"]).decode() == lab.url(SPOKE)
    config = json.loads(base64.b64decode(secret["data"]["config"]))
    assert base64.b64decode(config["tlsClientConfig"]["caData"]) == lab.ca(SPOKE)
    assert config["tlsClientConfig"]["insecure"] is False
    bearer = Api(lab.url(SPOKE), lab.ca(SPOKE), token=given.token())
    assert bearer.find(path("v1", "pods", "no-such-pod", "default")) is None
    assert not given.opens(given.token()), "it may do no more than the rules say"

    with audit() as log:
        run = either_way.steps(*triple("take", MODULE, **given.args, state="absent"), cluster=SPOKE)
    log.expect_triple(run, "take", writes_of(scratch.id, "delete"))
    assert not given.opens(config["bearerToken"])


def test_rotation_never_leaves_argocd_without_a_token_that_works(
    ansible: Ansible, lab: Lab, scratch: Scratch, audit: Audit
) -> None:
    given = access(lab, scratch)
    ansible.steps(step("give", MODULE, **given.args), cluster=SPOKE)
    first = given.token()
    with audit() as log, Watch(given) as watch:
        run = ansible.steps(
            step("check rotate", MODULE, check=True, **given.args, state="rotated"),
            step("rotate", MODULE, **given.args, state="rotated"),
            step("rotate twice", MODULE, **given.args, state="rotated"),
            step("give", MODULE, **given.args),
            cluster=SPOKE,
        )
    assert watch.refused == []
    assert watch.tokens[0] == first
    assert watch.tokens[-1] == given.token() != first
    assert log.during(run.task("check rotate")) == []
    assert actions(run, "check rotate") == actions(run, "rotate")
    rotated = [
        f"{SPOKE}: patch secrets default/{scratch.id}-token-2",
        f"ca-central: patch secrets {ARGOCD}/{scratch.id}-cluster-secret",
        f"{SPOKE}: delete secrets default/{scratch.id}-token-1",
    ]
    assert log.during(run.task("rotate")) == rotated, "the new one first, the old one last"
    assert log.during(run.task("give")) == []
    assert run.task("rotate twice")["token_secret"].endswith("-token-3")
    wait_until("the first token is refused", lambda: not given.opens(first), FORGOTTEN_SECONDS)


def test_a_token_that_was_revoked_behind_our_back_is_replaced(ansible: Ansible, lab: Lab, scratch: Scratch) -> None:
    given = access(lab, scratch)
    ansible.steps(step("give", MODULE, **given.args), cluster=SPOKE)
    lab.api(SPOKE).delete(path("v1", "secrets", f"{scratch.id}-token-1", "default"))
    run = ansible.steps(*triple("give", MODULE, **given.args), cluster=SPOKE)
    assert [run.task(each).changed for each in ("check give", "give", "give again")] == [True, True, False], run.output
    assert given.opens(given.token())


def test_a_cluster_that_does_not_answer_does_not_hold_up_its_removal_from_argocd(
    ansible: Ansible, lab: Lab, scratch: Scratch, audit: Audit, tmp_path: Path
) -> None:
    given = access(lab, scratch)
    lost = yaml.safe_load(lab.kubeconfig.read_text())
    for entry in lost["clusters"]:
        if entry["cluster"]["server"] == lab.url(SPOKE):
            entry["cluster"]["server"] = lab.url(SPOKE).rpartition(":")[0] + ":1"  # nobody listens there
    kubeconfig = tmp_path / "lost"
    kubeconfig.write_text(yaml.safe_dump(lost))
    gone: dict[str, Any] = {**given.args, "state": "absent"}
    with audit() as log:
        run = ansible.steps(
            step("give", MODULE, **given.args),
            step("take, while it is away", MODULE, **gone, kubeconfig=str(kubeconfig)),
            step("take", MODULE, **gone),
            cluster=SPOKE,
        )
    away = run.task("take, while it is away")
    assert not away.failed
    assert away.changed
    assert log.during(away) == [f"ca-central: delete secrets {ARGOCD}/{scratch.id}-cluster-secret"]
    assert f"ServiceAccount default/{scratch.id}" in away["remaining"]
    assert "does not answer" in run.output, "a warning says what is left, and why"
    assert run.task("take")["remaining"] == []
    assert sorted(log.during(run.task("take"))) == [line for line in writes_of(scratch.id, "delete") if SPOKE in line]


def test_a_second_secret_for_the_same_cluster_is_refused(
    ansible: Ansible, lab: Lab, scratch: Scratch, audit: Audit
) -> None:
    given = access(lab, scratch)
    theirs = {
        "metadata": {"name": scratch.id, "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
        "stringData": {"name": "philadelphia", "server": lab.url(SPOKE), "config": "{}"},
    }
    scratch.make(lab.hub, path("v1", "secrets", namespace=ARGOCD), theirs)
    with audit() as log:
        run = ansible.steps(step("give", MODULE, **given.args), cluster=SPOKE)
    assert log.writes == []
    task = run.task("give")
    assert task["others"] == [scratch.id]
    assert f"already by Secret {scratch.id}" in task.message
