"""How the endpoints of open tasks stand, and what their workers do.

Globus Compute starts a *user endpoint* for every user and every set of options of an endpoint; each has
blocks and workers of its own. Such a pair of endpoint and options is a site.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from fitgui_backends.contract import Place
from fitgui_backends.couriers.globus_book import OpenTask
from fitgui_backends.couriers.globus_stalled import Stalled
from fitgui_backends.couriers.globus_standing import Standing
from fitgui_backends.couriers.globus_web import DeniedError, Web

ENDPOINT_SECONDS = 15.0
"""Between two looks at an endpoint."""
WORKERS_SECONDS = 10.0
"""Between two looks at what its workers do."""
ANSWERED = 4
"""Tasks of a group that are asked for where they ran; their answers come along."""
RUNNING = "running"
COUNTED = ("blocks_running", "nodes", "workers", "workers_idle")
COUNT_NOTHING = ("ProcessPoolEngine", "ThreadPoolEngine")
"""Engines whose agent 4.19 reports ``"outstanding_tasks": 0`` whatever they do."""

_log = logging.getLogger(__name__)


def site_of(place: Place) -> str:
    """A name for an endpoint with these options, the same in every process."""
    return f"{place.identifier} {json.dumps(place.options, sort_keys=True)}"


class Sites:
    """Asks about them while they have open tasks; used by one thread, but for :meth:`learn`.

    Args:
        web: To ask by.
        standing: Learns how places stand.
        clock: Monotonic seconds.
    """

    def __init__(self, web: Web, standing: Standing, clock: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._standing = standing
        self._clock = clock
        self._stalled = Stalled(clock)
        self._endpoints: dict[str, float] = {}
        """When they were looked at."""
        self._lock = threading.Lock()
        self._users: dict[str, tuple[str, float]] = {}
        """User endpoint of each site, and when it was looked at."""
        self._numbers: dict[str, dict[str, int | None]] = {}

    def learn(self, site: str, details: object) -> None:
        """A finished task says which user endpoint ran it; that one knows of blocks and workers."""
        identifier = details.get("endpoint_id") if isinstance(details, Mapping) else None
        if not site or identifier is None:
            return
        try:
            user = str(UUID(str(identifier)))
        except ValueError:
            return
        with self._lock:
            if self._users.get(site, ("", 0.0))[0] != user:
                self._users[site] = user, float("-inf")

    def go_back(self, site: str, group: str, still_open: Collection[str]) -> None:
        """Tasks of an earlier courier are followed: those of them that were answered tell the user endpoint.

        Args:
            site: Where they are.
            group: That they belong to.
            still_open: Tasks without an answer.

        Raises:
            WebError: if the service cannot be asked.
        """
        self._stalled.unseen(site)
        try:
            listed = self._web.ask(lambda clients: clients.v2.get_task_group(group), patient=True)
            tasks = [str(task.get("id")) for task in listed.get("tasks") or () if isinstance(task, Mapping)]
            answered = [task for task in tasks if task not in still_open][-ANSWERED:]
            if answered:
                found = self._web.ask(lambda clients: clients.v2.get_task_batch(answered), patient=True)
                for view in (found.get("results") or {}).values():
                    self.learn(site, view.get("details") if isinstance(view, Mapping) else None)
        except DeniedError as error:
            _log.info("the service does not tell of a group: %s", error)

    def look(self, tasks: Sequence[OpenTask]) -> None:
        """At every endpoint of these tasks, if its time has come.

        Raises:
            WebError: if the service cannot be asked.
        """
        sites = {task.site: task.place for task in tasks}
        for place in sorted(set(sites.values())):
            own = [site for site in sites if sites[site] == place]
            self._look_at_endpoint(place, own)
            for site in own:
                self._look_at_workers(site)
            self._tell_workers(place, own)

    def lost(self, tasks: Sequence[OpenTask], *, moved: bool) -> list[str]:
        """Tasks that nobody has any more (:mod:`.globus_stalled`).

        Args:
            tasks: That are open.
            moved: Whether a state of one has changed.
        """
        lost: list[str] = []
        for site in {task.site for task in tasks}:
            own = [task.identifier for task in tasks if task.site == site]
            running = any(task.phase == RUNNING for task in tasks if task.site == site)
            self._stalled.tasks(site, frozenset(own), moved=moved, running=running)
            if self._stalled.lost(site):
                _log.warning("%d tasks are with nobody any more", len(own))
                lost += own
        return lost

    def _look_at_endpoint(self, place: str, sites: Collection[str]) -> None:
        now = self._clock()
        if now - self._endpoints.get(place, float("-inf")) < ENDPOINT_SECONDS:
            return
        self._endpoints[place] = now
        try:
            answer = self._web.ask(lambda clients: clients.v2.get_endpoint_status(place), patient=True)
        except DeniedError as error:
            _log.info("an endpoint does not say how it is: %s", error)
            return
        status = str(answer.get("status")).lower()
        if status not in ("online", "offline"):
            return
        details = answer.get("details")
        heartbeat = details.get("heartbeat_period") if isinstance(details, Mapping) else None
        for site in sites:
            self._stalled.endpoint(
                site,
                online=status == "online",
                heartbeat=float(heartbeat) if isinstance(heartbeat, int | float) else None,
            )
        text = "" if status == "online" else "The endpoint is offline: tasks wait until it is started again."
        self._standing.endpoint(place, status, text)

    def _look_at_workers(self, site: str) -> None:
        now = self._clock()
        with self._lock:
            user, looked = self._users.get(site, ("", 0.0))
            if not user or now - looked < WORKERS_SECONDS:
                return
            self._users[site] = user, now
        try:
            answer = self._web.ask(lambda clients: clients.v2.get_endpoint_status(user), patient=True)
        except DeniedError as error:
            _log.info("a user endpoint does not say how it is: %s", error)
            self._stalled.workers(site, busy=None)
            with self._lock:
                self._users[site] = user, float("inf")
            return
        online = str(answer.get("status")).lower() == "online"
        self._stalled.workers(site, busy=is_busy(answer.get("details")) if online else False)
        # What has ended reports nothing any more.
        self._numbers[site] = workers_of(answer.get("details")) if online else dict.fromkeys(COUNTED, 0)

    def _tell_workers(self, place: str, sites: Collection[str]) -> None:
        known = [numbers for site in sites if (numbers := self._numbers.get(site))]
        if known:
            self._standing.workers(place, **{name: _sum(known, name) for name in COUNTED})


def workers_of(details: object) -> dict[str, int | None]:
    """Fields of ``Surroundings`` from what an endpoint reports of its engine; empty where it says nothing."""
    if not isinstance(details, Mapping):
        return {}
    nodes = _count(details.get("managers"))
    workers = _count(details.get("total_workers"))
    if nodes is None and workers is None:
        return {}
    info = details.get("node_info")
    return {
        "blocks_running": len(info) if isinstance(info, Mapping) else None,
        "nodes": nodes,
        "workers": workers,
        "workers_idle": _count(details.get("idle_workers")),
    }


def is_busy(details: object) -> bool | None:
    """Whether an engine has tasks, from what an endpoint reports of it; ``None`` if it does not tell.

    Only engines with managers count their tasks: ``GlobusComputeEngine`` and what derives from it.
    """
    if not isinstance(details, Mapping) or details.get("engine_type") in COUNT_NOTHING:
        return None
    tasks = _count(details.get("outstanding_tasks"))
    if tasks is None or _count(details.get("managers")) is None:
        return None
    return tasks > 0


def _sum(known: Sequence[Mapping[str, int | None]], name: str) -> int | None:
    numbers = [number for each in known if (number := each.get(name)) is not None]
    return sum(numbers) if numbers else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
