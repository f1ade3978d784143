# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens and links of Skupper v1."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ..._apply.present import UPDATED, Outcome
from ..._client.client import FIELD_MANAGER, Object
from ..._client.errors import InterconnectError, ObjectRef
from .. import durations, sites
from ..backend import Backend
from ..generations import belongs, next_name
from ..job import Job, Place
from ..model import Endpoint, Issued, LinkState, Observation
from ..names import LINK_LABEL
from ..network_status import Network, of_v1
from . import claims, management, tokens
from .management import Connection
from .reading import issued_by, issued_of, link_state, linked_of, links_to, view
from .router import read_router_config
from .settling import Connectors
from .signing import signed
from .site import SiteV1, as_site, why_it_does_not_issue
from .site_reading import read_site
from .vocabulary import (
    GENERATED_BY,
    NETWORK_STATUS,
    POKED,
    REQUEST,
    ROUTER_CONFIG,
    SITE_CA,
    SITE_VERSION,
    TYPE,
)

POKE_SECONDS = 10.0
"""How long the site controller has for a request, which takes it a moment, before it is asked again; and again."""

# Stands for a key that nobody knows yet, where a check run predicts what will be written. The diff shows neither.
_UNKNOWN = "dW5rbm93bg=="


class V1(Backend):
    """One link between two v1 sites."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._issuer = SiteV1(job.issuer.namespace)
        self._linking = SiteV1(job.linking.namespace if job.linking else "")
        self._at_issuer: dict[str, Object] = {}
        """Secrets of the link's tokens, by name, as the last look has found them."""
        self._at_linking: dict[str, Object] = {}
        self._others: set[str] | None = None
        self._versions_checked = False
        self._poked: dict[str, float] = {}
        self._digests: dict[str, str] = {}
        self._warned: set[str] = set()
        self._connectors = Connectors(job.clock)

    # -- looking -----------------------------------------------------------------------------------------------------

    def look(self) -> Observation:
        """See Backend. What is read first is older: a Secret seen besides an older site is looked at again."""
        job = self.job
        self._issuer = self._read_site(job.issuer, issues=True)
        if self._issuer.unreadable:
            self._warn(f"tokens are not compared with the site's present authority: {self._issuer.unreadable}")
        if job.linking:
            self._linking = self._read_site(job.linking, issues=False)
        self._versions_checked = True
        taken = self._read_tokens()
        # Claims are redeemed by the site's own pods.
        signs = bool(job.params["sign"]) or job.params["type"] == "claim"
        waits_for = self._why_nothing_is_issued()
        issued = {name: issued_of(secret, self._issuer, waits_for) for name, secret in self._at_issuer.items()}
        ids = (self._issuer.id, self._linking.id)
        linked = {name: linked_of(secret, *ids) for name, secret in self._at_linking.items()}
        self._watch_keys()
        return Observation(
            issuer=as_site(self._issuer, job.issuer, issues=True, signs=signs),
            linking=as_site(self._linking, job.linking, issues=False, signs=False) if job.linking else None,
            issued={name: self._held_up(each) for name, each in issued.items()},
            linked=linked,
            states=self._states_now() if job.linking else {},
            taken=frozenset(taken),
        )

    def _read_site(self, place: Place, issues: bool) -> SiteV1:
        found = read_site(self.job, place, issues)
        if not self._versions_checked:
            of_v2 = self._sites_of_v2(place)
            standing = sites.standing(found.config, of_v2)
            if not (standing == sites.NONE and self.job.tolerant):
                sites.refuse_other_version(sites.V1, standing, str(place))
        return found

    def _sites_of_v2(self, place: Place) -> list[Object]:
        if not place.client.has_kind(sites.SITE_API, "Site"):
            return []
        return self.job.list(place, sites.SITE_API, "Site")

    def _why_nothing_is_issued(self) -> str:
        if self._issuer.config is None:
            return ""
        return why_it_does_not_issue(self._issuer, str(self.job.issuer), signs=False)

    def _read_tokens(self) -> set[str]:
        """Read the Secrets of the link's tokens on both sides; return names that a new one can not have."""
        job = self.job
        here = self._secrets(job.issuer)
        there = self._secrets(job.linking) if job.linking else {}
        self._at_issuer = {name: each for name, each in here.items() if self._issues(each)}
        self._at_linking = {name: each for name, each in there.items() if self._links(each)}
        taken = {*here, *there} - {*self._at_issuer, *self._at_linking}
        return taken | self._taken_by_others({*self._at_issuer, *self._at_linking}, taken)

    def _secrets(self, place: Place) -> dict[str, Object]:
        """Those with the link's label, and the one with the link's name, which others may have made."""
        job = self.job
        found = job.list(place, "v1", "Secret", f"{LINK_LABEL}={job.link}")
        job.hide(*found)
        known = {each["metadata"]["name"]: each for each in found if belongs(job.link, each)}
        if job.link not in known:
            first = job.get(place, "v1", "Secret", job.link)
            if first is not None:
                known[job.link] = first
        return known

    def _issues(self, secret: Object) -> bool:
        return belongs(self.job.link, secret) and issued_by(self._issuer, secret)

    def _links(self, secret: Object) -> bool:
        return belongs(self.job.link, secret) and links_to(self._issuer, secret)

    def _taken_by_others(self, known: set[str], taken: set[str]) -> set[str]:
        """Names of coming tokens under which some Secret stands already.

        Asked once: a list of all names would bring all Secrets of the namespace along.
        """
        if self._others is None:
            others: set[str] = set()
            while self._is_taken(candidate := next_name(self.job.link, known, taken | others)):
                others.add(candidate)
            self._others = others
        return self._others

    def _is_taken(self, name: str) -> bool:
        places = [place for place in (self.job.issuer, self.job.linking) if place]
        return any(self.job.get(place, "v1", "Secret", name) is not None for place in places)

    def _held_up(self, issued: Issued) -> Issued:
        """A token whose like is still being removed at the linking site, is not brought there meanwhile.

        Removal and return of a Secret that come together are no change to the site, whatever is in it
        (skupperproject/skupper#1223).
        """
        router = self._linking.router
        if issued.name in self._at_linking or router is None or not router.holds(issued.name) or not self.job.copies:
            return issued
        why = (
            f"ConfigMap {ROUTER_CONFIG} of {self.job.there} still has the connector of a Secret of that name, which "
            "was removed: see its service controller"
        )
        return replace(issued, material=None, pending=issued.pending or why)

    def _watch_keys(self) -> None:
        """Tell of somebody who has tokens issued anew under the same name: routers never take up the new key."""
        for name, secret in self._at_issuer.items():
            now, what = tokens.digest(secret), f"{name} of {self.job.issuer}"
            if tokens.is_asked_for_again(secret, FIELD_MANAGER):
                self._warn_of_new_key(name, what, secret)
            if tokens.state_of(secret) != tokens.ISSUED:
                continue
            before, copied = self._digests.setdefault(name, now), self._at_linking.get(name)
            differs = copied is not None and tokens.state_of(copied) == tokens.ISSUED and tokens.digest(copied) != now
            if before != now or differs:
                self._warn_of_new_key(name, what, secret)

    def _warn_of_new_key(self, name: str, what: str, secret: Object) -> None:
        writers = tokens.writers_of(secret, FIELD_MANAGER)
        by = f" (field managers that write it: {', '.join(writers)})" if writers else ""
        self._warn(
            f"the token {what} is issued anew under the same name{by}. A link that it has made before goes on with the "
            "old key, and is left as it is; state: rotated replaces it. If the request comes from a repository (Argo "
            "CD), take it out of there, or it is issued anew over and over",
            about=name,
        )

    def _warn(self, warning: str, about: str = "") -> None:
        """Warn once; of one thing, too, once only."""
        if (about or warning) not in self._warned:
            self._warned.add(about or warning)
            self.job.task.warn(warning)

    # -- the state of the link ---------------------------------------------------------------------------------------

    def states(self) -> Mapping[str, LinkState]:
        """See Backend."""
        there = self.job.there
        internal = self.job.get(there, "v1", "ConfigMap", ROUTER_CONFIG)
        self._linking = SiteV1(there.namespace, self._linking.config, read_router_config(internal))
        self._at_linking = {name: each for name, each in self._secrets(there).items() if self._links(each)}
        return self._states_now()

    def _states_now(self) -> dict[str, LinkState]:
        """By what was read of Secrets and of the router's configuration; the network is asked for here."""
        self._connectors.note(self._linking.router)
        if not self._at_linking:
            return {}
        here, there = self._linking, self._issuer
        views = [
            view(here.name, self._network(self.job.there), here.id, there.id, dials=True),
            view(there.name, self._network(self.job.issuer), there.id, here.id, dials=False),
        ]
        own = self._connections()
        states = {name: link_state(secret, here.router, views, own) for name, secret in self._at_linking.items()}
        if own is not None:
            return states
        return {name: self._connectors.settled(name, state, self._at_linking) for name, state in states.items()}

    def _connections(self) -> dict[str, Connection] | None:
        """What the linking site's router itself says; None where it is not to be asked."""
        job = self.job
        if not job.params["exec"] or job.check_mode:
            return None
        pod = management.running(job.list(job.there, "v1", "Pod", management.ROUTER_PODS))
        return management.connections(job.there.client, job.there.namespace, pod) if pod else {}

    def _network(self, place: Place) -> Network:
        found = self.job.get(place, "v1", "ConfigMap", NETWORK_STATUS)
        return of_v1(((found or {}).get("data") or {}).get("NetworkStatus"))

    # -- the issuing site --------------------------------------------------------------------------------------------

    def request(self, token: str) -> None:
        """See Backend."""
        job, namespace = self.job, self.job.issuer.namespace
        if job.params["type"] == "claim":
            job.apply(job.issuer, self._new_record(token))
        elif job.params["sign"]:
            job.apply(job.issuer, self._signed_token(token))
        else:
            job.apply(job.issuer, tokens.request(token, namespace, {}))

    def _new_record(self, token: str) -> Object:
        job = self.job
        config = job.get(job.issuer, "v1", "ConfigMap", ROUTER_CONFIG)
        if config is None and not job.check_mode:
            raise InterconnectError(f"{job.issuer} has no ConfigMap {ROUTER_CONFIG}: the site is not made yet")
        owner = config or {"metadata": {"name": ROUTER_CONFIG, "namespace": job.issuer.namespace, "uid": "unknown"}}
        expires = datetime.now(timezone.utc) + durations.parse(job.params["expiration"], "expiration")
        terms = claims.Terms(expires, int(job.params["redemptions"]))
        return claims.record(token, {}, self._issuer.version, claims.new_password(), terms, owner)

    def _signed_token(self, token: str) -> Object:
        """A token signed with the site's CA key, as upstream's CLI does it."""
        job = self.job
        data = dict.fromkeys(("ca.crt", "tls.crt", "tls.key"), _UNKNOWN)
        if not job.check_mode:
            ca = job.get(job.issuer, "v1", "Secret", SITE_CA)
            if ca is None:
                raise InterconnectError(f"{job.issuer} has no Secret {SITE_CA}: the site is not made yet")
            if len(self._issuer.dialled_at) < 2:
                raise InterconnectError(f"{job.issuer}: it can not be read where the site is reached: see permissions")
            data = signed(token, ca, datetime.now(timezone.utc))
        return tokens.token(token, job.issuer.namespace, {}, data, self._annotations_of_new())

    def _annotations_of_new(self) -> dict[str, str]:
        """What the site writes on the tokens that it issues now."""
        ends = {
            f"{end.role}-{part}": value
            for end in self._issuer.dialled_at
            for part, value in (("host", end.host), ("port", end.port))
        }
        return {**ends, GENERATED_BY: self._issuer.id, SITE_VERSION: self._issuer.version}

    def nudge(self, token: str, waited: float) -> None:
        """See Backend. The site controller never comes back to a request that it has dropped (skupper#537)."""
        secret = self._at_issuer.get(token)
        if secret is None or self._why_nothing_is_issued():
            return
        state = tokens.state_of(secret)
        if state == tokens.HOSTLESS:
            self._patch(secret, {"labels": {TYPE: REQUEST}})
        elif state == tokens.REQUESTED and waited - self._poked.get(token, 0.0) >= POKE_SECONDS:
            self._poked[token] = waited
            self._patch(secret, {"annotations": {POKED: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}})

    def _patch(self, secret: Object, metadata: Mapping[str, Any]) -> None:
        job = self.job
        ref = ObjectRef("v1", "Secret", secret["metadata"]["name"], job.issuer.namespace)
        after = secret if job.check_mode else job.issuer.client.merge_patch(ref, {"metadata": metadata})
        job.hide(after)
        job.outcomes.append(Outcome(ref, UPDATED, secret, after))

    def retire(self, token: str) -> None:
        """See Backend."""
        self.job.remove(self.job.issuer, "v1", "Secret", token)

    # -- the linking site --------------------------------------------------------------------------------------------

    def deliver(self, token: str, issued: Issued | None) -> None:
        """See Backend. A whole copy stays as it is: what is written over it, the router does not take up."""
        job = self.job
        there = self._at_linking.get(token)
        if there is not None and tokens.state_of(there) == tokens.ISSUED:
            return
        if issued.claim if issued else job.params["type"] == "claim":
            job.apply(job.there, self._claim(token, issued))
            return
        if issued is not None and tokens.state_of(self._at_issuer.get(token)) != tokens.ISSUED:
            raise InterconnectError(f"the token {token} of {job.issuer} is not issued any more: run again")
        source = self._at_issuer[token] if issued is not None else self._predicted(token)
        job.apply(job.there, self._copy(source))

    def _copy(self, source: Object) -> Object:
        made = tokens.copy(source, self.job.there.namespace, {}, int(self.job.params["cost"]))
        # An old token does not say who has issued it; without, upstream's CLI refuses any further link of the site.
        made["metadata"]["annotations"].setdefault(GENERATED_BY, self._issuer.id)
        return made

    def _predicted(self, token: str) -> Object:
        """The token as the site would issue it."""
        annotations = {**dict.fromkeys(tokens.COPIED_ANNOTATIONS, "unknown"), **self._annotations_of_new()}
        data = dict.fromkeys(("ca.crt", "tls.crt", "tls.key"), _UNKNOWN)
        kind = "kubernetes.io/tls" if self.job.params["sign"] else "Opaque"
        made = tokens.token(token, self.job.issuer.namespace, {}, data, annotations)
        return {**made, "type": kind}

    def _claim(self, token: str, issued: Issued | None) -> Object:
        job = self.job
        record = self._at_issuer[token] if issued else self._new_record(token)
        endpoint = self._issuer.access.endpoints.get("claims")
        if endpoint is None or not self._issuer.ca:
            if not job.check_mode:
                raise InterconnectError(
                    f"claims of {job.issuer} can not be redeemed: where that is done is not known, or the site's CA is "
                    "not (Secret skupper-site-server)"
                )
            endpoint = endpoint or Endpoint("claims", "unknown", "0")
        redeemer = claims.Redeemer(self._issuer.id, endpoint, self._issuer.ca)
        return claims.claim(record, job.there.namespace, {}, redeemer, int(job.params["cost"]))

    def withdraw(self, token: str) -> list[Object]:
        """See Backend."""
        live = self._at_linking.pop(token, None)
        self.job.remove(self.job.there, "v1", "Secret", token)
        return [tokens.plain(live)] if live else []
