# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The facade: one cluster's API as the rest of the collection sees it."""

from __future__ import annotations

import builtins  # the method `list` hides the type in annotations of the class
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Callable, TypeVar

from .auth import impersonation_headers, load_configuration
from .discovery import Discovery, Resource
from .errors import Expired, MissingKind, NotFound, ObjectRef, WrongCluster, not_kubernetes
from .export import credentials_of, kubeconfig
from .transport import Transport

Object = dict[str, Any]
Item = TypeVar("Item")
Result = TypeVar("Result")

VERSION = "0.1.0"
FIELD_MANAGER = "multicluster.interconnect"
USER_AGENT = f"{FIELD_MANAGER}/{VERSION}"

# Objects a page of a LIST: bounds memory and the API server's work on large hubs.
PAGE_SIZE = 500
# Writes at the same time. API servers admit some hundreds of requests at once for all their clients
# (API Priority and Fairness, level `workload-low`): stay far below.
WORKERS = 16


class Client:
    """Reads and writes objects of one cluster. Safe to use from several threads.

    :param options: module parameters of the fragment `auth` (None: not given), with `cluster_id` and
        `cluster_api_url` for the identity that is checked before the first request.
    :raises InputError: the options name no usable credentials.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._expected_id: str | None = options.get("cluster_id")
        self._identified = self._expected_id is None
        self._identity_lock = threading.Lock()
        self._directory = tempfile.TemporaryDirectory(prefix="multicluster-interconnect-")
        try:
            self._configuration = load_configuration(options, self._directory.name)
            self._impersonation = impersonation_headers(options)
            self._transport = Transport(self._configuration, USER_AGENT, self._impersonation)
            self.server = self._transport.server
            self._check_url(options.get("cluster_api_url"))
        except BaseException:
            self._directory.cleanup()
            raise
        self._discovery = Discovery(self._transport)

    def close(self) -> None:
        """Close connections and remove the files with keys."""
        self._transport.close()
        self._directory.cleanup()

    @contextmanager
    def without_retries(self) -> Iterator[None]:
        """Let requests to a server that has answered before fail at once: a poll loop asks again and keeps the time."""
        before, self._transport.outage_seconds = self._transport.outage_seconds, 0.0
        try:
            yield
        finally:
            self._transport.outage_seconds = before

    # -- identity ----------------------------------------------------------------------------------------------------

    def _check_url(self, expected: str | None) -> None:
        if expected and expected.rstrip("/") != self.server:
            raise WrongCluster(
                f"the credentials lead to {self.server}, but cluster_api_url says {expected.rstrip('/')}: nothing was "
                "read or written; correct the context or cluster_api_url",
                expected=expected,
                found=self.server,
            )

    def check_identity(self) -> None:
        """Compare the cluster's id with the expected one, where one is given, once.

        :raises WrongCluster: they differ.
        """
        with self._identity_lock:
            if self._identified:
                return
            found = self.read_id()
            if found != self._expected_id:
                raise WrongCluster(
                    f"{self.server} is the cluster with id {found}, but cluster_id says {self._expected_id}: nothing "
                    "was written; correct the context or cluster_id (uid of namespace kube-system)",
                    expected=self._expected_id,
                    found=found,
                )
            self._identified = True

    def read_id(self) -> str:
        """The cluster's id: the uid of its namespace `kube-system`, which lives as long as the cluster."""
        what = "read namespace kube-system"
        metadata = self._transport.request("GET", "/api/v1/namespaces/kube-system", what).get("metadata") or {}
        if not metadata.get("uid"):
            raise not_kubernetes(self.server, what)
        return str(metadata["uid"])

    def read_version(self) -> str:
        """The API server's version, such as `v1.34.4`."""
        what = "read the version"
        version = self._transport.request("GET", "/version", what).get("gitVersion")
        if not version:
            raise not_kubernetes(self.server, what)
        return str(version)

    def server_time(self) -> float:
        """The API server's clock at its last answer, in seconds since 1970; asks it if there was none."""
        if not self._transport.answered_at:
            self.read_version()
        return self._transport.answered_at

    # -- what others need to reach the same server -------------------------------------------------------------------

    def ca_pem(self) -> bytes | None:
        """The CA that the server is verified with; None where that is the system's trust store."""
        path = self._configuration.ssl_ca_cert
        if not path:
            return None
        with open(path, "rb") as file:
            return file.read()

    @property
    def tls_server_name(self) -> str | None:
        """The name that the server's certificate is verified against; None where it is the one in the URL."""
        return getattr(self._configuration, "tls_server_name", None)

    def options_with_token(self, token: str) -> dict[str, Any]:
        """Options for a client of the same server that has nothing but `token` as credential."""
        configuration = self._configuration
        return {
            "host": self.server,
            "api_key": token,
            "ca_cert": configuration.ssl_ca_cert,
            "tls_server_name": self.tls_server_name,
            "proxy": configuration.proxy,
            "no_proxy": configuration.no_proxy,
        }

    def own_kubeconfig(self, server: str | None = None) -> dict[str, Any]:
        """A kubeconfig, everything embedded, that authenticates as this client does; proxies are left out.

        :param server: URL by which its user reaches the server.
        :raises InterconnectError: there are no credentials that could be handed on.
        """
        user = credentials_of(self._configuration, self._transport.authorization(), self._impersonation)
        name = getattr(self._configuration, "tls_server_name", None)
        return kubeconfig(server or self.server, self.ca_pem(), user, tls_server_name=name)

    # -- reading -----------------------------------------------------------------------------------------------------

    def resource(self, api_version: str, kind: str) -> Resource:
        """How the server serves a kind.

        :raises MissingKind: it does not.
        """
        self.check_identity()
        return self._discovery.resource(api_version, kind)

    def has_kind(self, api_version: str, kind: str) -> bool:
        """Whether the server serves the kind."""
        try:
            self.resource(api_version, kind)
        except MissingKind:
            return False
        return True

    def versions(self, group: str) -> builtins.list[str]:
        """The API versions in which a group is served, the preferred one first; none where there is no such group."""
        self.check_identity()
        return self._discovery.versions(group)

    def get(self, ref: ObjectRef) -> Object | None:
        """The object, or None where it is not there."""
        path = self.resource(ref.api_version, ref.kind).object_path(ref.name, ref.namespace)
        try:
            return self._transport.request("GET", path, f"get {ref}")
        except NotFound:
            return None

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        label_selector: str = "",
        field_selector: str = "",
    ) -> builtins.list[Object]:
        """All objects of a kind, read page by page; of all namespaces where `namespace` is None.

        Items carry `apiVersion` and `kind` as single objects do.
        """
        path = self.resource(api_version, kind).path(namespace)
        query: dict[str, Any] = {"limit": PAGE_SIZE}
        if label_selector:
            query["labelSelector"] = label_selector
        if field_selector:
            query["fieldSelector"] = field_selector
        items: builtins.list[Object] = []
        while True:
            try:
                page = self._transport.request("GET", path, f"list {kind}", query)
            except Expired:
                if not query.pop("continue", None):
                    raise
                # The pages took longer than the server keeps their state: all at once does not depend on that.
                items = []
                del query["limit"]
                continue
            items += [{"apiVersion": api_version, "kind": kind, **item} for item in page.get("items") or []]
            token = (page.get("metadata") or {}).get("continue")
            if not token:
                return items
            query["continue"] = token

    # -- writing -----------------------------------------------------------------------------------------------------

    def merge_patch(self, ref: ObjectRef, patch: Object) -> Object:
        """Apply a JSON merge patch (RFC 7386) and return the object as it is then.

        A 409 is repeated: the patch names no resourceVersion, so it stays right whatever others wrote meanwhile.
        """
        path = self.resource(ref.api_version, ref.kind).object_path(ref.name, ref.namespace)
        return self._transport.request(
            "PATCH",
            path,
            f"patch {ref}",
            {"fieldManager": FIELD_MANAGER},
            patch,
            "application/merge-patch+json",
            retry_conflict=True,
        )

    def apply(self, obj: Object, force: bool = False, dry_run: bool = False, manager: str = FIELD_MANAGER) -> Object:
        """Server-side apply.

        :param force: take fields over from other managers.
        :param dry_run: let the server compute and validate the result without storing it.
        :param manager: in whose name; by default as our own field manager.
        :raises FieldConflict: another manager owns a field and `force` is off.
        """
        ref = ObjectRef.of(obj)
        path = self.resource(ref.api_version, ref.kind).object_path(ref.name, ref.namespace)
        query: dict[str, Any] = {"fieldManager": manager, "force": "true" if force else "false"}
        if dry_run:
            query["dryRun"] = "All"
        # JSON is YAML: no YAML writer is needed.
        return self._transport.request(
            "PATCH",
            path,
            f"apply {ref}",
            query,
            obj,
            "application/apply-patch+yaml",
            # Without one, a 409 only says that others have written meanwhile (or is a FieldConflict, which stays one).
            retry_conflict="resourceVersion" not in obj["metadata"],
        )

    def update(self, obj: Object, subresource: str = "", dry_run: bool = False) -> Object:
        """Replace an object, or the part that a sub-resource stands for, by what was made of it as it was read.

        :param dry_run: let the server compute and validate the result without storing it.
        :raises Conflict: somebody has written since.
        """
        ref = ObjectRef.of(obj)
        path = self.resource(ref.api_version, ref.kind).object_path(ref.name, ref.namespace)
        if subresource:
            path = f"{path}/{subresource}"
        what = f"update {subresource} of {ref}" if subresource else f"update {ref}"
        return self._transport.request("PUT", path, what, _writing(dry_run), obj)

    def create_new(self, obj: Object, dry_run: bool = False) -> Object:
        """POST an object that is to be stored, where an apply is not allowed: that takes the verb patch.

        :param dry_run: let the server compute and validate the result without storing it.
        :raises Conflict: there is one of this name.
        """
        ref = ObjectRef.of(obj)
        path = self.resource(ref.api_version, ref.kind).path(ref.namespace)
        return self._transport.request("POST", path, f"create {ref}", _writing(dry_run), obj)

    def delete(self, ref: ObjectRef, uid: str) -> None:
        """Delete the very object with `uid`; it is no error that it is gone.

        :raises Conflict: another object has taken its name.
        """
        path = self.resource(ref.api_version, ref.kind).object_path(ref.name, ref.namespace)
        body = {"propagationPolicy": "Background", "preconditions": {"uid": uid}}
        try:
            self._transport.request("DELETE", path, f"delete {ref}", body=body)
        except NotFound:
            return

    def create(self, obj: Object, subresource_of: ObjectRef | None = None, subresource: str = "") -> Object:
        """POST an object: for kinds that are requests (access reviews, token requests) and exist only as an answer."""
        if subresource_of:
            owner = subresource_of
            path = self.resource(owner.api_version, owner.kind).object_path(owner.name, owner.namespace)
            return self._transport.request(
                "POST", f"{path}/{subresource}", f"create {subresource} of {owner}", body=obj
            )
        path = self.resource(obj["apiVersion"], obj["kind"]).path((obj.get("metadata") or {}).get("namespace"))
        return self._transport.request("POST", path, f"create {obj['kind']}", body=obj)

    # -- many objects ------------------------------------------------------------------------------------------------

    def each(
        self, function: Callable[[Item], Result], items: Iterable[Item], workers: int = WORKERS
    ) -> builtins.list[Result]:
        """`function` over `items`, some at a time; results in the order of the items.

        All items are tried; then the first error, if any, is raised, so that one object's trouble does not leave
        the others half-done.
        """
        work = list(items)
        if len(work) < 2:
            return [function(item) for item in work]
        with ThreadPoolExecutor(min(workers, len(work))) as pool:
            return [future.result() for future in [pool.submit(function, item) for item in work]]


def _writing(dry_run: bool) -> dict[str, str]:
    """The query of a write."""
    return {"fieldManager": FIELD_MANAGER, **({"dryRun": "All"} if dry_run else {})}
