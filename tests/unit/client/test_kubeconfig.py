# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials from a kubeconfig: every form that one has, and a message for every form of trouble."""

from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
)
from tests.unit.client.certificates import Authority
from tests.unit.client.kubeconfigs import inline, write_kubeconfig
from tests.unit.client.scripted_server import Answer, ScriptedServer, running

SECRET = "hunter2-hunter2"
Kubeconfig = Callable[..., str]


@pytest.fixture
def kubeconfig(server: ScriptedServer, authority: Authority, tmp_path: Path) -> Kubeconfig:
    """Writes a kubeconfig for the server."""

    def write(user: dict[str, Any], name: str = "config", context: str = "ca-toronto", **cluster: Any) -> str:
        server.on("GET /version", Answer(body={"gitVersion": "v1.34.4"}))
        return write_kubeconfig(tmp_path / name, server.url, authority.file, user, context, **cluster)

    return write


def authorization(server: ScriptedServer, **options: Any) -> list[str]:
    """The header of a request that `options` lead to."""
    client = Client(options)
    try:
        client.read_version()
    finally:
        client.close()
    return server.requests[-1].header("Authorization")


def refusal(**options: Any) -> InterconnectError:
    """The error that `options` lead to; no message may show a secret."""
    with pytest.raises(InterconnectError) as caught:
        Client(options)
    assert SECRET not in caught.value.message
    assert SECRET not in repr(caught.value.details)
    return caught.value


def plugin(tmp_path: Path, script: str) -> dict[str, Any]:
    """A user whose credentials a program prints."""
    program = tmp_path / "plugin"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": str(program),
            "env": [{"name": "FROM_KUBECONFIG", "value": SECRET}],
            "interactiveMode": "Never",
        }
    }


def test_clients_made_at_once_have_files_of_their_own(kubeconfig: Kubeconfig, authority: Authority) -> None:
    path = kubeconfig({"token": SECRET})
    expected = authority.file.read_text()

    def ca_of(_number: int) -> str:
        with closing(Client({"kubeconfig": path})) as client:
            return Path(str(client._configuration.ssl_ca_cert)).read_text()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ca_of, range(200))) == {expected}


def test_a_token(server: ScriptedServer, kubeconfig: Kubeconfig) -> None:
    assert authorization(server, kubeconfig=kubeconfig({"token": SECRET})) == [f"Bearer {SECRET}"]


def test_a_token_file_that_ends_with_a_line_break(
    server: ScriptedServer, kubeconfig: Kubeconfig, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(f"{SECRET}\n")
    assert authorization(server, kubeconfig=kubeconfig({"tokenFile": "token"})) == [f"Bearer {SECRET}"]


def test_a_user_and_password(server: ScriptedServer, kubeconfig: Kubeconfig) -> None:
    found = authorization(server, kubeconfig=kubeconfig({"username": "jane", "password": "open"}))
    assert found == ["Basic amFuZTpvcGVu"]


def test_a_plugin(server: ScriptedServer, kubeconfig: Kubeconfig, tmp_path: Path) -> None:
    answer = (
        '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'
        "'$FROM_KUBECONFIG'\"}}"
    )
    user = plugin(tmp_path, f"echo '{answer}'")
    assert authorization(server, kubeconfig=kubeconfig(user)) == [f"Bearer {SECRET}"]


@pytest.mark.parametrize(
    ("script", "words"),
    [("echo 'please log in first' >&2; exit 3", "please log in first"), ("echo no-json", "decode"), ("exit 1", "1")],
)
def test_a_plugin_that_fails_is_named_before_any_request(
    script: str, words: str, server: ScriptedServer, kubeconfig: Kubeconfig, tmp_path: Path
) -> None:
    error = refusal(kubeconfig=kubeconfig(plugin(tmp_path, script)))
    assert "context (current) gets no credentials: exec: " in error.message
    assert words in error.message
    assert server.requests == []


def test_a_plugin_that_is_not_installed_is_named(kubeconfig: Kubeconfig, tmp_path: Path) -> None:
    user = plugin(tmp_path, "")
    (tmp_path / "plugin").unlink()
    assert str(tmp_path / "plugin") in refusal(kubeconfig=kubeconfig(user)).message


def test_inline_keys_are_for_the_owner_alone_and_go_with_the_client(
    authority: Authority, tmp_path: Path, server_pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    pair = authority.issue("jane")
    user = {"client-certificate-data": inline(pair.certificate), "client-key-data": inline(pair.key)}
    with running(server_pair, client_ca=str(authority.file)) as server:
        server.on("GET /version", Answer(body={"gitVersion": "v1.34.4"}))
        path = write_kubeconfig(tmp_path / "config", server.url, authority.file, user)
        for _second_finds_what_the_first_found in range(2):
            client = Client({"kubeconfig": path})
            (folder,) = tmp_path.glob("multicluster-interconnect-*")
            files = list(folder.iterdir())
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 3
            assert client.ca_pem() == authority.file.read_bytes()
            client.read_version()
            client.close()
            assert list(tmp_path.glob("multicluster-interconnect-*")) == []
        certificate = server.requests[-1].peer_certificate
    assert certificate is not None
    assert certificate["subject"] == ((("commonName", "jane"),),)


def test_keys_are_gone_after_a_refusal_too(
    kubeconfig: Kubeconfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = kubeconfig({"token": SECRET})
    refusal(kubeconfig=path, cluster_api_url="https://elsewhere.example.com")
    refusal(kubeconfig=path, impersonate_groups=["admins"])
    assert list(tmp_path.glob("multicluster-interconnect-*")) == []


def test_the_default_is_the_file_of_the_environment(
    server: ScriptedServer, kubeconfig: Kubeconfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", kubeconfig({"token": "from-the-environment"}))
    assert authorization(server) == ["Bearer from-the-environment"]
    assert authorization(server, kubeconfig=kubeconfig({"token": "given"}, "other")) == ["Bearer given"]


def test_several_files_are_merged_and_missing_ones_left_out(
    server: ScriptedServer, kubeconfig: Kubeconfig, tmp_path: Path
) -> None:
    kubeconfig({"token": "one"}, "first", "ca-toronto")
    kubeconfig({"token": "two"}, "second", "us-philly")
    path = f"~/nowhere:~/first:{tmp_path}/second"
    assert authorization(server, kubeconfig=path, context="us-philly") == ["Bearer two"]
    assert authorization(server, kubeconfig=path, context="ca-toronto") == ["Bearer one"]


def test_an_unknown_context_is_answered_by_those_that_there_are(kubeconfig: Kubeconfig, tmp_path: Path) -> None:
    kubeconfig({"token": SECRET}, "a", "us-philly")
    kubeconfig({"token": SECRET}, "b", "ca-toronto")
    path = f"{tmp_path}/a:{tmp_path}/b"
    error = refusal(kubeconfig=path, context="ca-central")
    assert error.message == f"context: ca-central is not a context of {path}; it has ca-toronto, us-philly"


def test_no_current_context_is_answered_by_those_that_there_are(kubeconfig: Kubeconfig) -> None:
    path = Path(kubeconfig({"token": SECRET}))
    path.write_text(path.read_text().replace('"current-context": "ca-toronto", ', ""))
    error = refusal(kubeconfig=str(path))
    assert error.message == f"context: is missing: {path} has no current context; it has ca-toronto"


def test_no_kubeconfig_does_not_mean_the_pod_that_we_run_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "1")
    error = refusal()
    assert error.details["field"] == "kubeconfig"
    assert "no such file" in error.message
    assert ".kube/config" in error.message


@pytest.mark.parametrize(
    "text",
    [
        f"token: [{SECRET}",
        f"just some words {SECRET}",
        "",
        f"[{SECRET}]",
        "{contexts: 1, users: 2, clusters: 3}",
        f"{{contexts: [{SECRET}]}}",
        "\x00",
    ],
)
def test_a_file_of_another_kind_is_an_input_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(text)
    for context in (None, "ca-toronto"):
        error = refusal(kubeconfig=str(tmp_path / "config"), context=context)
        assert isinstance(error, InputError)
        assert str(tmp_path / "config") in error.message


def test_a_folder_is_an_input_error(tmp_path: Path) -> None:
    assert "can not be read as a kubeconfig" in refusal(kubeconfig=str(tmp_path)).message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"user": {"token"', '"usr": {"token"'),
        ('"clusters": [', '"klusters": ['),
        ('"context": {', '"kontext": {'),
        ('"server"', '"serwer"'),
    ],
)
def test_a_misspelt_entry_is_named_without_its_secrets(before: str, after: str, kubeconfig: Kubeconfig) -> None:
    path = Path(kubeconfig({"token": SECRET}))
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    error = refusal(kubeconfig=str(path), context="ca-toronto")
    assert isinstance(error, InputError)


def test_a_missing_key_file_is_named(kubeconfig: Kubeconfig, tmp_path: Path) -> None:
    error = refusal(kubeconfig=kubeconfig({"client-certificate": "nowhere.crt", "client-key": "nowhere.key"}))
    assert f"{tmp_path}/nowhere.crt" in error.message


def test_inline_data_that_is_no_base64_is_an_input_error(kubeconfig: Kubeconfig) -> None:
    error = refusal(kubeconfig=kubeconfig({"client-certificate-data": f"{SECRET}!", "client-key-data": SECRET}))
    assert isinstance(error, InputError)


def test_tls_is_verified_whatever_the_kubeconfig_says(
    server: ScriptedServer, authority: Authority, tmp_path: Path
) -> None:
    server.on("GET /version", Answer(body={"gitVersion": "v1.34.4"}))
    insecure: dict[str, Any] = {"insecure-skip-tls-verify": True}
    path = write_kubeconfig(tmp_path / "config", server.url, None, {"token": SECRET}, **insecure)
    error = refusal(kubeconfig=path, context="ca-toronto")
    assert "context ca-toronto has insecure-skip-tls-verify" in error.message
    assert server.requests == []
    assert authorization(server, kubeconfig=path, ca_cert=str(authority.file)) == [f"Bearer {SECRET}"]


def test_plain_http_is_refused(tmp_path: Path) -> None:
    path = write_kubeconfig(tmp_path / "config", "http://127.0.0.1:1", None, {"token": SECRET})
    assert "not an https URL" in refusal(kubeconfig=path).message
