# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections to one API server: TLS that is always verified, the client's certificate, proxies on the way.

Works with urllib3 1.26, which the oldest supported `kubernetes` asks for, and with 2.x.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # in Python, not in typeshed

from .errors import InputError

if TYPE_CHECKING:
    from kubernetes.client import Configuration
    from urllib3 import PoolManager

CONNECT_TIMEOUT_SECONDS = 10.0
READ_TIMEOUT_SECONDS = 65.0  # above the API server's own limit of 60 s for a request
MAX_CONNECTIONS = 32


def connection_pool(configuration: Configuration) -> PoolManager:
    """A pool with one TLS context, made once: files with keys are not needed afterwards.

    :raises InputError: a certificate, key or proxy that can not be used.
    """
    import urllib3
    from urllib3 import PoolManager, ProxyManager, Timeout
    from urllib3.exceptions import HTTPError
    from urllib3.util import make_headers, parse_url

    options: dict[str, Any] = {
        "ssl_context": tls_context(configuration),
        "maxsize": MAX_CONNECTIONS,
        "retries": False,
        "timeout": Timeout(connect=CONNECT_TIMEOUT_SECONDS, read=READ_TIMEOUT_SECONDS),
    }
    if getattr(configuration, "tls_server_name", None):
        options["server_hostname"] = configuration.tls_server_name
    host = (parse_url(configuration.host).host or "").strip("[]")
    if getattr(urllib3, "__version__", "").startswith("1."):
        # It tells the TLS library no name where the host is an address, and compares the certificate's names by itself.
        options["ssl_context"].check_hostname = False
        options["assert_hostname"] = getattr(configuration, "tls_server_name", None) or host
    if not configuration.proxy or goes_direct(host, configuration.no_proxy or ""):
        return PoolManager(**options)
    headers = dict(configuration.proxy_headers or {})
    try:
        credentials = parse_url(configuration.proxy).auth
        if credentials:
            headers.update(make_headers(proxy_basic_auth=unquote(credentials)))
        return ProxyManager(configuration.proxy, proxy_headers=headers, **options)
    except HTTPError as error:  # its text would show a password in the URL
        raise InputError("proxy", "must be an http:// or https:// URL") from error


def goes_direct(host: str, no_proxy: str) -> bool:
    """Whether `no_proxy` (names, domains, addresses and networks, separated by commas) exempts a host."""
    if proxy_bypass_environment(host, {"no": no_proxy}):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in map(_network, no_proxy.split(",")) if network)


def _network(entry: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(entry.strip(), strict=False)
    except ValueError:  # a name
        return None


def tls_context(configuration: Configuration) -> ssl.SSLContext:
    """Verifying TLS context with the cluster's CA and the client's certificate.

    :raises InputError: a certificate or key that can not be loaded.
    """
    field, path = "ca_cert", configuration.ssl_ca_cert
    try:
        context = ssl.create_default_context(cafile=path or None)
        context.set_alpn_protocols(["http/1.1"])
        context.__class__ = _SettledContext
        # Python 3.13 demands extensions that the CAs of many clusters lack; chain, name and dates stay verified.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if configuration.cert_file:
            field, path = "client_cert", configuration.cert_file
            # Without a password given, OpenSSL asks at the terminal for that of an encrypted key.
            context.load_cert_chain(configuration.cert_file, configuration.key_file, password="")
    except (ssl.SSLError, OSError) as error:
        raise InputError(field, f"{path} can not be loaded: {error}") from error
    return context


class _SettledContext(ssl.SSLContext):
    """A TLS context that many threads may use at once, as nothing of it is changed any more.

    urllib3 sets the application's protocol on the context at each connection. That frees in OpenSSL what another thread
    may just be copying for a connection of its own, whose first message then is refused (alert decode_error).
    """

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """They are set before anybody connects."""
        del alpn_protocols
