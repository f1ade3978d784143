# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of Skupper's site-controller 1.9.6, for all namespaces of one cluster.

Follows S1 cmd/site-controller/controller.go, its mistakes included:

- one worker for everything, so that a site that waits for its load balancer holds up all others (Run, `go c.run`);
- what fails is said in the log and forgotten: a request is looked at again when its Secret or the site's ConfigMap
  changes, or when the controller starts (processNextTrigger always Forgets; the resync is filtered by version);
- requests where there is no ConfigMap ``skupper-site`` are dropped without a trace in the cluster (checkTokenRequest);
- a site whose ``skupper-internal`` is there counts as made, whatever is missing (checkSite, RouterInspectNamespace);
- a Secret with the request's label gets a new key, whatever it has (generate); one with the token's label is left
  alone, whatever it lacks;
- one Update of the Secret as it was read, which a change meanwhile makes fail (409).

Left out: changes of logging, debug mode and annotations of a site that stands, updates of its version, host aliases.
"""

from __future__ import annotations

import argparse
import sys

from tests.lab.api import Api, ApiError, Object, path
from tests.lab.errors import LabError
from tests.lab.informer import Informer, Key, key_of
from tests.lab.layout import Layout
from tests.lab.process import say_ready
from tests.lab.skupper.v1 import issuing, names, resolver, settings, site_creation
from tests.lab.workqueue import WorkQueue

IDENTITY = "skupper-site-controller"
SITES = path("v1", "configmaps", fieldSelector=f"metadata.name={names.SITE}", labelSelector=f"!{names.IGNORE}")
REQUESTS = path("v1", "secrets", labelSelector=f"{names.TYPE}={names.REQUEST}")


class SiteController:
    def __init__(self, api: Api, layout: Layout, cluster: str) -> None:
        self._api, self._switch = api, site_creation.switch(layout, cluster)
        self._queue: WorkQueue[tuple[str, Key]] = WorkQueue()
        self._sites = Informer(api, SITES, lambda before, after: self._notice("site", before, after))
        self._requests = Informer(api, REQUESTS, lambda before, after: self._notice("request", before, after))

    def run(self) -> None:
        """Serve for ever."""
        for informer in (self._sites, self._requests):
            informer.start()
        self._sites.synced.wait()
        say_ready()
        while True:
            kind, key = self._queue.get()
            try:
                if kind == "site":
                    self._check_site(key)
                else:
                    self._check_request(key)
            except (LabError, ApiError, OSError, LookupError, ValueError) as error:
                print(f"{kind} {'/'.join(key)}: {error}", flush=True)

    def _notice(self, kind: str, before: Object | None, after: Object | None) -> None:
        thing = after or before
        assert thing
        self._queue.add((kind, key_of(thing)))

    def _check_site(self, key: Key) -> None:
        config_map = self._sites.objects.get(key)
        if config_map is None:
            return  # what the ConfigMap owns is left to the cluster's garbage collector
        if self._api.find(path("v1", "configmaps", names.INTERNAL, key[0])):
            print(f"Skupper site exists {key[0]}", flush=True)
        else:
            print(f"Initialising skupper site {key[0]} ...", flush=True)
            site = settings.read(config_map, resolver.default_ingress(self._api))
            site_creation.SiteCreation(self._api, site, self._timeout()).run()
            print(f"Skupper site initialised {key[0]}", flush=True)
        for each in [*self._requests.objects]:  # of all namespaces, as upstream
            self._queue.add(("request", each))

    def _check_request(self, key: Key) -> None:
        request = self._requests.objects.get(key)
        if request is None:
            return
        if self._api.find(path("v1", "configmaps", names.SITE, key[0])) is None:
            print(f"Cannot handle token request {'/'.join(key)}, as site not yet initialised", flush=True)
            return
        token = issuing.issue(self._api, key[0], key[1])
        metadata = request["metadata"]
        labels = metadata["labels"] | {names.TYPE: names.TOKEN}
        annotations = (metadata.get("annotations") or {}) | token.annotations
        changed = request | {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata | {"labels": labels, "annotations": annotations},
            "data": token.data,
        }
        self._api.replace(path("v1", "secrets", key[1], key[0]), changed)
        print(f"Generated token for request {'/'.join(key)}", flush=True)

    def _timeout(self) -> float:
        try:
            return float(self._switch.read_text())
        except FileNotFoundError:
            return site_creation.TIMEOUT_SECONDS


def main() -> int:
    parser = argparse.ArgumentParser(description="Double of Skupper v1's site-controller in one cluster of the lab.")
    parser.add_argument("cluster")
    cluster: str = parser.parse_args().cluster
    layout = Layout.find()
    api = Api.from_kubeconfig(layout.identity(cluster, IDENTITY), user_agent="lab-skupper-site-controller")
    SiteController(api, layout, cluster).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
