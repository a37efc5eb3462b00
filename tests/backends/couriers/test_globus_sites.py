"""How endpoints and their workers are told to stand, for each set of options by itself."""

from __future__ import annotations

from collections.abc import Iterator

import globus_sdk
import pytest

from fitgui_backends.contract import Place
from fitgui_backends.couriers.globus_book import OpenTask
from fitgui_backends.couriers.globus_limiter import Limiter, Window
from fitgui_backends.couriers.globus_sites import Sites, is_busy, site_of, workers_of
from fitgui_backends.couriers.globus_standing import Standing
from fitgui_backends.couriers.globus_web import LoginNeededError, UnreachableError, Web
from fitgui_backends.remote.messages import FromCourier, Surroundings
from tests.backends.couriers.globus_desk import PlayedAgent
from tests.cluster.standin.grants import COMPUTE_SCOPE
from tests.cluster.standin.people import ALICE
from tests.cluster.standin.standin import StandIn

FULL = {"managers": 2, "total_workers": 8, "idle_workers": 0, "node_info": {"1": [{}], "2": [{}]}}
PROCESS_POOL = {
    "total_cores": 16,
    "total_mem": 53.1,
    "total_core_hrs": 0,
    "total_workers": 4,
    "pending_tasks": 0,
    "outstanding_tasks": 0,
    "scaling_enabled": False,
    "max_blocks": 1,
    "min_blocks": 1,
    "max_workers_per_node": 4,
    "nodes_per_block": 1,
    "engine_type": "ProcessPoolEngine",
}
"""All that agent 4.19 reports of this engine; with ``ThreadPoolEngine`` it is the same. Only the number of
workers is not a constant."""


class Watched:
    """Sites against a stand-in, with a clock that a test turns."""

    def __init__(self, globus: StandIn, agent: PlayedAgent) -> None:
        self.now = 1000.0
        self.told: list[FromCourier] = []
        self._globus = globus
        self._agent = agent
        token = globus.grants.issue(ALICE, "", (COMPUTE_SCOPE,), lasting=False)["access_token"]
        standing = Standing(self.told.append)
        standing.use(agent.identifier)
        limiter = Limiter(Window(requests=1000, patient=1000))
        web = Web(globus.url, globus_sdk.AccessTokenAuthorizer(token), limiter, standing.heard, str)
        self.sites = Sites(web, standing, lambda: self.now)

    def task(self, name: str, **options: str) -> tuple[OpenTask, str]:
        """A task with these options, and the user endpoint that has it."""
        place = Place(identifier=self._agent.identifier, options=options)
        user = self._globus.registry.user_endpoint(self._agent.identifier, ALICE.identifier, options, {})
        task = OpenTask(name, "run", name, "group", place.identifier, site_of(place))
        return task, user.identifier

    def look(self, tasks: list[OpenTask], after: float = 20.0) -> list[str]:
        """Another look, so much later; the tasks that count as lost."""
        self.now += after
        self.sites.look(tasks)
        return self.sites.lost(tasks, moved=False)

    @property
    def last(self) -> Surroundings:
        message = self.told[-1]
        assert isinstance(message, Surroundings)
        return message


@pytest.fixture
def watched(globus: StandIn, agent: PlayedAgent) -> Iterator[Watched]:
    globus.settings.rate_limit = False
    return Watched(globus, agent)


def test_workers_of_all_options_are_added_up(watched: Watched, agent: PlayedAgent) -> None:
    tasks = []
    for partition in ("short", "long"):
        task, user = watched.task(partition, partition=partition)
        agent.beat(user, **FULL, outstanding_tasks=5)
        watched.sites.learn(task.site, {"endpoint_id": user})
        tasks.append(task)
    watched.look(tasks)
    assert (watched.last.blocks_running, watched.last.nodes, watched.last.workers) == (4, 4, 16)
    assert watched.last.status == "online"
    watched.look(tasks[:1])
    assert watched.last.workers == 8


def test_workers_that_have_ended_are_none(watched: Watched, agent: PlayedAgent) -> None:
    task, user = watched.task("a")
    watched.sites.learn(task.site, {"endpoint_id": user})
    agent.beat(user, **FULL)
    watched.look([task])
    assert watched.last.workers == 8
    agent.beat(user, **FULL, active=False)
    watched.look([task])
    assert (watched.last.workers, watched.last.blocks_running) == (0, 0)


def test_tasks_with_other_options_wait_as_long_as_it_takes(watched: Watched, agent: PlayedAgent) -> None:
    done, idle = watched.task("done", partition="short")
    waiting, busy = watched.task("waiting", partition="long")
    watched.sites.learn(done.site, {"endpoint_id": idle})
    agent.beat(idle, total_workers=0, managers=0, outstanding_tasks=0)
    agent.beat(busy, total_workers=0, managers=0, outstanding_tasks=1)
    assert not any(watched.look([waiting], 600.0) for _ in range(10))


def test_tasks_that_their_endpoint_has_no_more_are_lost(watched: Watched, agent: PlayedAgent) -> None:
    task, user = watched.task("a")
    watched.sites.learn(task.site, {"endpoint_id": user})
    agent.beat(user, total_workers=1, managers=1, outstanding_tasks=1)
    assert not watched.look([task])
    agent.beat(user, total_workers=0, managers=0, outstanding_tasks=0)
    assert not watched.look([task])
    assert watched.look([task], 1000.0) == ["a"]


def test_an_endpoint_that_says_nothing_of_workers_leaves_it_open() -> None:
    assert workers_of(None) == {}
    assert workers_of({"managers": True, "total_workers": -1}) == {}
    assert workers_of({"managers": 1, "total_workers": "many"})["workers"] is None
    assert workers_of(PROCESS_POOL) == {
        "blocks_running": None,
        "nodes": None,
        "workers": 4,
        "workers_idle": None,
    }


@pytest.mark.parametrize("engine", ["ProcessPoolEngine", "ThreadPoolEngine"])
def test_a_pool_that_reports_no_tasks_may_run_a_slow_one(
    watched: Watched, agent: PlayedAgent, engine: str
) -> None:
    task, user = watched.task("slow")
    watched.sites.learn(task.site, {"endpoint_id": user})
    agent.beat(user, **{**PROCESS_POOL, "engine_type": engine})
    assert not any(watched.look([task], 600.0) for _ in range(10))
    assert watched.last.workers == 4
    agent.beat(user, **{**PROCESS_POOL, "engine_type": engine, "active": False})
    assert not watched.look([task])
    assert watched.look([task], 1000.0) == ["slow"], "its user endpoint has gone"


def test_tasks_are_believed_only_of_engines_that_count_them() -> None:
    assert is_busy({**FULL, "outstanding_tasks": 3}) is True
    assert is_busy({**FULL, "outstanding_tasks": 0, "engine_type": "GlobusComputeEngine"}) is False
    assert is_busy(FULL) is None
    assert is_busy({**FULL, **PROCESS_POOL}) is None
    assert is_busy({"outstanding_tasks": 0}) is None
    assert is_busy(None) is None


def test_the_line_to_the_service_goes_before_what_it_said(watched: Watched) -> None:
    told: list[FromCourier] = []
    standing = Standing(told.append)
    standing.use("place")
    standing.endpoint("place", "online")
    away, login = UnreachableError("Away."), LoginNeededError("Who are you?")
    for failure, of in (
        *((away, ""), (None, ""), (away, ""), (away, "")),
        *((login, "sending"), (away, ""), (None, "sending"), (None, "")),
    ):
        standing.heard(failure, of)
    statuses = [message.status for message in told if isinstance(message, Surroundings)]
    assert statuses == ["online", "unreachable", "login", "unreachable", "online"]
