# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Skupper v2: Certificate and Link, or AccessGrant and AccessToken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..._apply.ownership import made_by
from ..._client.client import FIELD_MANAGER, Object
from ..._client.errors import Forbidden, InterconnectError, MissingKind
from .. import sites
from ..backend import Backend
from ..generations import belongs, number_of
from ..job import Job, Place
from ..model import Issued, Linked, LinkState, Observation, Site
from ..names import LINK_LABEL
from ..sites import SITE_CONFIG_MAP, active_site, refuse_other_version, standing
from . import objects, reading
from .objects import API, CLAIM_FIELDS, SITE_SERVER
from .reading import name_of, spec_of

CONTROLLED = "internal.skupper.io/controlled"
"""Annotation of what the controller has made for its own use (internal/kube/certificates mgr.go)."""

V1_TYPE = "skupper.io/type"
"""Label of v1's tokens; v2 has none (skupperproject/skupper 1.9.6 api/types/types.go)."""

TRIED = "multicluster.interconnect/tried"
RETRY_SECONDS = 10.0


@dataclass(frozen=True)
class _Token:
    """The objects of one token at the linking site."""

    secret: Object | None
    links: tuple[Object, ...]
    access: Object | None


class V2(Backend):
    """One link between two v2 sites."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._tries = 1

    # -- reading -----------------------------------------------------------------------------------------------------

    def look(self) -> Observation:
        issuer_site, issuer = self._site(self.job.issuer, with_server=True)
        issued, taken = self._issued(issuer)
        if self.job.linking is None:
            return Observation(issuer, issued=issued, taken=frozenset(taken))
        linking_site, linking = self._site(self.job.there)
        tokens, taken_there = self._tokens()
        linked = {
            token: reading.linked_token(token, parts.secret, parts.links, parts.access, issuer)
            for token, parts in tokens.items()
        }
        states = self._states(tokens, linked, linking_site, issuer_site)
        return Observation(issuer, linking, issued, linked, states, frozenset(taken | taken_there))

    def states(self) -> Mapping[str, LinkState]:
        tokens, _taken = self._tokens(with_secrets=False)
        ends = [active_site(self.job.list(place, API, "Site")) for place in (self.job.there, self.job.issuer)]
        nowhere = Site("", "", "", "")
        linked = {
            token: reading.linked_token(token, None, parts.links, parts.access, nowhere)
            for token, parts in tokens.items()
        }
        return self._states(tokens, linked, ends[0], ends[1])

    def _states(
        self,
        tokens: Mapping[str, _Token],
        linked: Mapping[str, Linked],
        linking: Mapping[str, object] | None,
        issuer: Mapping[str, object] | None,
    ) -> dict[str, LinkState]:
        return {
            token: reading.link_state(parts.links, linked[token], linking, issuer) for token, parts in tokens.items()
        }

    def _site(self, place: Place, with_server: bool = False) -> tuple[Mapping[str, object] | None, Site]:
        """The Site at a place, and what it says.

        :param with_server: read the certificate that its router shows, too.
        """
        config_map = self.job.get(place, "v1", "ConfigMap", SITE_CONFIG_MAP)
        try:
            there = self.job.list(place, API, "Site")
        except MissingKind:
            if config_map is None:
                raise
            there = []
        found = standing(config_map, there)
        if not self.job.tolerant or found not in (sites.NONE, sites.V2):
            refuse_other_version(sites.V2, found, str(place))
        site = active_site(there)
        server = self._server_secret(place) if with_server and site else None
        return site, reading.site_of(site, place.namespace, place.client.server, server)

    def _server_secret(self, place: Place) -> Object | None:
        try:
            return self.job.get(place, "v1", "Secret", SITE_SERVER)
        except Forbidden as error:
            self.job.task.warn(f"tokens are not compared with the site's present authority: {error.message}")
            return None

    def _issued(self, site: Site) -> tuple[dict[str, Issued], set[str]]:
        """Tokens of this link at the issuing site, and names of what else there is."""
        place, tokens, taken = self.job.issuer, dict[str, Issued](), set[str]()
        for grant in self.job.list(place, API, "AccessGrant"):
            self.job.task.secrets |= {code for code in [str(reading.status_of(grant).get("code") or "")] if code}
            if belongs(self.job.link, grant):
                tokens[name_of(grant)] = reading.issued_claim(grant, site, made_by(grant, FIELD_MANAGER))
            else:
                taken.add(name_of(grant))
        for certificate in self.job.list(place, API, "Certificate"):
            name = name_of(certificate)
            if belongs(self.job.link, certificate) and not _is_internal(certificate):
                secret = self.job.get(place, "v1", "Secret", name)  # after its Certificate: see issued_certificate
                tokens[name] = reading.issued_certificate(
                    certificate, secret, site, made_by(certificate, FIELD_MANAGER)
                )
            else:
                taken.add(name)
        return tokens, taken

    def _tokens(self, with_secrets: bool = True) -> tuple[dict[str, _Token], set[str]]:
        """Objects of this link's tokens at the linking site, by token, and names of what else there is."""
        place, link = self.job.there, self.job.link
        access = {name_of(each): each for each in self.job.list(place, API, "AccessToken")}
        for each in access.values():
            self.job.task.secrets |= {code for code in [str(spec_of(each).get("code") or "")] if code}
        claims = {name for name, each in access.items() if belongs(link, each)}
        links: dict[str, list[Object]] = {}
        taken = set(access) - claims
        for each in self.job.list(place, API, "Link"):
            credentials = _credentials(each)
            lost = _is_redeemed(each) and not _labelled(each) and credentials not in access
            if credentials in claims or ((lost or _labelled(each) == link) and number_of(link, credentials)):
                links.setdefault(credentials, []).append(each)
            elif belongs(link, each):
                links.setdefault(name_of(each), []).append(each)
            else:
                taken |= {name_of(each), credentials}
        users = {
            **{claim: claim for claim in claims},
            **{token: _credentials(each[0]) for token, each in links.items()},
        }
        secrets = self._secrets(users) if with_secrets else {}
        if with_secrets and link not in secrets and self._is_taken(link):
            taken.add(link)
        return {
            token: _Token(secrets.get(token), tuple(links.get(token, ())), access.get(token))
            for token in {*claims, *links, *secrets}
        }, taken

    def _secrets(self, users: Mapping[str, str]) -> dict[str, Object]:
        """Secrets of this link's tokens, by token.

        :param users: tokens of which something else is there, and the Secret of each, which others may have made.
        """
        place = self.job.there
        found = self.job.list(place, "v1", "Secret", f"{LINK_LABEL}={self.job.link}")
        self.job.hide(*found)
        secrets = {name_of(each): each for each in found if belongs(self.job.link, each)}
        for token, name in users.items():
            if token not in secrets:
                secret = self.job.get(place, "v1", "Secret", name)
                secrets.update({token: secret} if secret else {})
        return secrets

    def _is_taken(self, name: str) -> bool:
        """Whether a Secret that is no part of this link bears the link's name.

        :raises InterconnectError: it is a token of v1, which a v2 site can do nothing with.
        """
        secret = self.job.get(self.job.there, "v1", "Secret", name)
        kind = (((secret or {}).get("metadata") or {}).get("labels") or {}).get(V1_TYPE)
        if kind and not self.job.tolerant:
            raise InterconnectError(
                f"Secret {name} in {self.job.there} is a {kind} of Skupper v1, with which a v2 site can not be linked: "
                "remove it, or use version: v1 between v1 sites. Nothing was written"
            )
        return secret is not None

    # -- the issuing site --------------------------------------------------------------------------------------------

    def request(self, token: str) -> None:
        params = self.job.params
        if params["type"] == "claim":
            wanted = objects.access_grant(token, params["redemptions"], params["expiration"])
        else:
            site = active_site(self.job.list(self.job.issuer, API, "Site"))
            wanted = objects.certificate(token, str(reading.status_of(site).get("defaultIssuer") or ""))
        self.job.apply(self.job.issuer, wanted)

    def nudge(self, token: str, waited: float) -> None:
        """Have a claim that could not be redeemed tried again: the controller does so every five minutes only.

        It also does when the AccessToken changes (internal/kube/controller controller.go, checkAccessToken).
        """
        if self.job.linking is None or waited < self._tries * RETRY_SECONDS:
            return
        access = self.job.get(self.job.there, API, "AccessToken", token)
        if access is None or reading.condition(access, "Redeemed")[0] != "False":
            return
        ref, tried = self.job.there.ref(API, "AccessToken", token), str(self._tries)
        self.job.there.client.merge_patch(ref, {"metadata": {"annotations": {TRIED: tried}}})
        self._tries += 1

    def retire(self, token: str) -> None:
        for kind in ("Certificate", "AccessGrant"):
            live = self.job.get(self.job.issuer, API, kind, token)
            if live is not None and belongs(self.job.link, live) and not _is_internal(live):
                self.job.remove(self.job.issuer, API, kind, token)

    # -- the linking site --------------------------------------------------------------------------------------------

    def deliver(self, token: str, issued: Issued | None) -> None:
        place, cost = self.job.there, int(self.job.params["cost"])
        is_claim = self.job.params["type"] == "claim" if issued is None else issued.claim is not None
        if is_claim:
            wanted = objects.access_token(token, issued.claim if issued else None, cost)
            self.job.apply(place, wanted, hidden=CLAIM_FIELDS)
            return
        self.job.apply(place, objects.secret(token, issued.material if issued else None))
        endpoints = issued.endpoints if issued else self._site(self.job.issuer)[1].endpoints
        for link in objects.links(token, endpoints, cost):
            self.job.apply(place, link)

    def withdraw(self, token: str) -> list[Object]:
        place = self.job.there
        tokens, _taken = self._tokens()
        parts = tokens.get(token)
        if parts is None:
            return []
        # What names the others goes last, so that a run that ends in between leaves nothing that cannot be found: the
        # Secret need not bear our label.
        if parts.secret is not None:
            self.job.remove(place, "v1", "Secret", name_of(parts.secret))
        for link in parts.links:
            self.job.remove(place, API, "Link", name_of(link))
        if parts.access is not None:
            self.job.remove(place, API, "AccessToken", token, hidden=CLAIM_FIELDS)
        return [objects.restorable(each) for each in (parts.secret, *parts.links) if each is not None]


def _credentials(link: Object) -> str:
    """The name of the Secret that a Link uses."""
    return str(spec_of(link).get("tlsCredentials") or "")


def _labelled(obj: Object) -> str:
    return str((obj["metadata"].get("labels") or {}).get(LINK_LABEL) or "")


def _is_redeemed(link: Object) -> bool:
    """Whether the controller has made a Link by a claim (internal/kube/grants redeem.go): it bears no label of ours."""
    return any(owner.get("kind") == "Site" for owner in link["metadata"].get("ownerReferences") or [])


def _is_internal(obj: Object) -> bool:
    """Whether the controller has made an object for itself: a link may be called as its certificate."""
    return CONTROLLED in (obj["metadata"].get("annotations") or {})
