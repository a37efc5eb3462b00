"""Runs that go on at the endpoint: the application is killed, the broker drops, the agent is started anew."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fitgui.runs.journal import Journal
from fitgui_backends.events import PlaceChanged, PointFitted, TasksAccepted
from tests.cluster.stack import Stack
from tests.integration.elsewhere import (
    LOW_MASS,
    STAU,
    Application,
    globus_place,
    plan_for,
    results,
    stau,
)
from tests.processes import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
Fitgui = Callable[..., subprocess.Popen[str]]
ALL = 57


@pytest.fixture
def fitgui(tmp_path: Path) -> Iterator[Fitgui]:
    """The command, as a user calls it; whatever is left at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str | Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "fitgui", *map(str, arguments)],
            env={**os.environ, "FITGUI_DATA": str(tmp_path / "data"), "COLUMNS": "140"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def journal(tmp_path: Path) -> tuple[str, list[Any]]:
    """The newest run, and its events so far; empty while there is none."""
    path = tmp_path / "data" / "journal.sqlite"
    if not path.exists():
        return "", []
    found = Journal(path)
    try:
        runs = found.runs()
        return (runs[0].id, [one.event for one in found.events(runs[0].id)]) if runs else ("", [])
    finally:
        found.close()


def fitted(events: list[Any]) -> list[str]:
    return [event.result.name for event in events if isinstance(event, PointFitted)]


def handed_over(events: list[Any]) -> list[str]:
    tasks = [task for event in events if isinstance(event, TasksAccepted) for task in event.tasks]
    return [name for task in tasks for name in task.points]


def begin(fitgui: Fitgui, stack: Stack, pallet: Path, *more: str) -> subprocess.Popen[str]:
    where = ("--backend", "globus", "--endpoint", stack.endpoint_id, "--set", "workers_per_node=1", *more)
    return fitgui("run", pallet, "--analysis", LOW_MASS, *where)


def go_on(fitgui: Fitgui, output: Path) -> dict[str, Any]:
    """Fetch the results; the results file."""
    process = fitgui("run", "--resume", "last", "--output", output)
    said = process.communicate(timeout=240)
    assert process.returncode == 0, said
    document: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("moment", ["waiting for nodes", "some points fitted", "and the agent starts anew"])
def test_the_application_is_killed_and_finds_its_tasks(
    on_stack: Stack, real_pallets: Path, tmp_path: Path, fitgui: Fitgui, moment: str
) -> None:
    waits = moment == "waiting for nodes"
    if waits:
        on_stack.slurm.hold()
    # An endpoint of its own: no block of an earlier test is there to take the tasks.
    options = ("max_idletime=31" if waits else "max_idletime=32",)
    process = begin(fitgui, on_stack, real_pallets / STAU, *options)
    until(lambda: len(handed_over(journal(tmp_path)[1])) == ALL, 120)
    if not waits:
        until(lambda: fitted(journal(tmp_path)[1]), 120)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    on_stack.slurm.release()
    agent_anew = moment == "and the agent starts anew"
    if agent_anew:  # what it had is with nobody any more, and there was nobody to see it go
        on_stack.agent.kill()
        on_stack.start_agent()
    before = journal(tmp_path)[1]
    assert len(fitted(before)) < ALL
    document = go_on(fitgui, tmp_path / "results.json")
    assert [point["status"] for point in document["points"]] == ["done"] * ALL
    after = journal(tmp_path)[1]
    assert set(Counter(fitted(after)).values()) == {1}, "no point is counted twice"
    again = Counter(handed_over(after)) - Counter(handed_over(before))
    assert bool(again) is agent_anew, "nothing is sent again without need"
    assert set(again).isdisjoint(fitted(before))


def test_the_service_keeps_nothing_any_more(
    on_stack: Stack, real_pallets: Path, tmp_path: Path, fitgui: Fitgui
) -> None:
    on_stack.slurm.hold()
    process = begin(fitgui, on_stack, real_pallets / STAU, "max_idletime=33")
    until(lambda: len(handed_over(journal(tmp_path)[1])) == ALL, 120)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    tasks = [
        task.identifier
        for event in journal(tmp_path)[1]
        if isinstance(event, TasksAccepted)
        for task in event.tasks
    ]
    assert on_stack.standin.forget(*tasks) == len(tasks)
    on_stack.slurm.release()
    document = go_on(fitgui, tmp_path / "results.json")
    assert [point["status"] for point in document["points"]] == ["done"] * ALL
    run, events = journal(tmp_path)
    assert run
    assert set(Counter(fitted(events)).values()) == {1}
    assert Counter(handed_over(events)) == Counter(dict.fromkeys(handed_over(events), 2))
    told = [event.text for event in events if type(event).__name__ == "Notice"]
    assert any("sent again" in text for text in told)


def test_the_network_is_away_for_a_while(on_stack: Stack, real_pallets: Path, tmp_path: Path) -> None:
    on_stack.slurm.hold()
    place = globus_place(on_stack, workers_per_node=1, max_idletime=36)
    plan = plan_for(stau(real_pallets), "globus", place)
    with Application(tmp_path, "globus") as application:
        run = application.controller.start(plan)
        until(lambda: len(handed_over(application.events(run))) == ALL, 60)
        on_stack.standin.outage(12.0)
        on_stack.slurm.release()
        until(lambda: "unreachable" in places(application.events(run)), 120)
        snapshot = application.finish(run)
        assert len(results(snapshot)) == ALL
        assert set(Counter(application.fitted(run)).values()) == {1}


def places(events: list[Any]) -> list[str]:
    return [event.status for event in events if isinstance(event, PlaceChanged)]


def test_the_broker_drops_the_connection(on_stack: Stack, real_pallets: Path, tmp_path: Path) -> None:
    plan = plan_for(stau(real_pallets), "globus", globus_place(on_stack, workers_per_node=1))
    with Application(tmp_path, "globus") as application:
        run = application.controller.start(plan)
        until(on_stack.standin.broker_connections, 60)
        dropped = on_stack.standin.drop_broker(refuse_seconds=3.0)
        assert dropped
        snapshot = application.finish(run)
        assert len(results(snapshot)) == ALL
        assert set(Counter(application.fitted(run)).values()) == {1}


def test_the_agent_is_started_anew(on_stack: Stack, real_pallets: Path, tmp_path: Path) -> None:
    place = globus_place(on_stack, workers_per_node=1, max_idletime=34)
    plan = plan_for(stau(real_pallets), "globus", place)
    with Application(tmp_path, "globus") as application:
        run = application.controller.start(plan)
        until(lambda: application.fitted(run), 120)
        on_stack.agent.stop()
        on_stack.start_agent()
        snapshot = application.finish(run)
        assert len(results(snapshot)) == ALL
        assert set(Counter(application.fitted(run)).values()) == {1}
