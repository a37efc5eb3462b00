"""What goes wrong on a cluster is said in words, loses no point, and counts none twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from fitgui_backends.contract import LoginBackend, TaskState
from fitgui_backends.events import PlaceChanged, RunEvent, TasksAccepted, TaskStateChanged
from tests.cluster.stack import Stack
from tests.cluster.trouble import MissingPythonError
from tests.integration.elsewhere import (
    Application,
    assert_equal,
    fit_here,
    globus_place,
    parsl_place,
    plan_for,
    results,
    stau,
)
from tests.processes import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
SIX = slice(0, 6)


@pytest.fixture
def application(on_stack: Stack, tmp_path: Path) -> Iterator[Application]:
    """One that sends to the endpoint of the stack."""
    with Application(tmp_path / "data", "globus") as opened:
        yield opened


@pytest.fixture
def with_login(on_stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    """The same, where Alice has logged in herself."""
    for name in ("GLOBUS_COMPUTE_CLIENT_ID", "GLOBUS_COMPUTE_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    with Application(tmp_path / "data", "globus") as opened:
        log_in(opened)
        yield opened


def log_in(application: Application) -> None:
    """Visit the page of the login, as a browser does: it comes back by itself."""
    backend = application.backend
    assert isinstance(backend, LoginBackend)
    address = backend.begin_login(browser=True)
    assert requests.get(address, timeout=30).ok
    assert "alice" in backend.finish_login().summary


def places(events: list[RunEvent]) -> list[str]:
    return [event.status for event in events if isinstance(event, PlaceChanged)]


def counted_once(application: Application, run: str) -> bool:
    return set(Counter(application.fitted(run)).values()) == {1}


@pytest.mark.parametrize("backend", ["globus", "parsl"])
def test_a_job_that_is_cancelled_costs_each_of_its_points_one_more_try(
    on_stack: Stack, real_pallets: Path, tmp_path: Path, backend: str
) -> None:
    place = globus_place(on_stack, max_idletime=51) if backend == "globus" else parsl_place(workers=1)
    plan = plan_for(stau(real_pallets), backend, place)
    with Application(tmp_path / "data", backend) as application:
        before = {job.identifier for job in on_stack.slurm.jobs()}
        run = application.controller.start(plan)
        until(lambda: application.fitted(run), 120)
        (job,) = [job for job in on_stack.slurm.jobs() if job.identifier not in before]
        on_stack.slurm.scancel(job)
        snapshot = application.finish(run)
        assert len(results(snapshot)) == snapshot.total
        assert counted_once(application, run)
        assert any("sent once more" in text for text in application.notices(run))
        assert len({result.block for result in results(snapshot).values()}) == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"partition": "nowhere"}, "invalid partition"),
        ({"partition": "physics", "account": "nobody"}, "Invalid account"),
    ],
)
def test_what_slurm_refuses_is_said_in_its_words(
    application: Application,
    on_stack: Stack,
    real_pallets: Path,
    options: dict[str, str],
    sentence: str,
) -> None:
    plan = plan_for(stau(real_pallets), "globus", globus_place(on_stack, **options), points=SIX)
    run = application.controller.start(plan)
    snapshot = application.finish(run)
    errors = {status.error for status in snapshot.points.values()}
    assert snapshot.counts[TaskState.FAILED] == snapshot.total
    assert all(error is not None and sentence.lower() in error.lower() for error in errors), errors


def test_options_that_the_endpoint_does_not_know(
    application: Application, on_stack: Stack, real_pallets: Path
) -> None:
    plan = plan_for(stau(real_pallets), "globus", globus_place(on_stack, colour="green"), points=SIX)
    run = application.controller.start(plan)
    snapshot = application.finish(run)
    errors = {status.error for status in snapshot.points.values()}
    assert len(errors) == 1
    assert "colour" in str(errors.pop())


def test_an_endpoint_that_is_stopped_is_waited_for(
    application: Application, on_stack: Stack, real_pallets: Path
) -> None:
    on_stack.agent.stop()
    place = globus_place(on_stack, mode="process", environment="pyhf")
    plan = plan_for(stau(real_pallets), "globus", place, points=slice(0, 1), engine="pyhf")
    run = application.controller.start(plan)
    until(lambda: "offline" in places(application.events(run)), 60)
    phases = [e.phase for e in application.events(run) if isinstance(e, TaskStateChanged)]
    assert phases[-1] == "waiting for endpoint"
    on_stack.start_agent()
    assert len(results(application.finish(run))) == 1
    assert "online" in places(application.events(run))


def test_an_expired_token_is_renewed_without_a_word(
    with_login: Application, on_stack: Stack, real_pallets: Path
) -> None:
    place = globus_place(on_stack, mode="process", environment="pyhf")
    plan = plan_for(stau(real_pallets), "globus", place, points=slice(0, 1), engine="pyhf")
    assert on_stack.standin.expire()
    run = with_login.controller.start(plan)
    assert len(results(with_login.finish(run))) == 1
    assert "login" not in places(with_login.events(run))
    assert with_login.notices(run) == []


def test_a_run_whose_login_cannot_be_renewed_waits_for_another(
    with_login: Application, on_stack: Stack, real_pallets: Path
) -> None:
    place = globus_place(on_stack, mode="process", environment="pyhf")
    plan = plan_for(stau(real_pallets), "globus", place, points=slice(0, 1), engine="pyhf")
    assert on_stack.standin.expire(refresh=True)
    run = with_login.controller.start(plan)
    until(lambda: "login" in places(with_login.events(run)), 60)
    assert with_login.controller.is_active(run)
    log_in(with_login)
    assert len(results(with_login.finish(run))) == 1
    assert counted_once(with_login, run)


def test_requests_that_are_too_large_are_made_smaller(
    application: Application, on_stack: Stack, real_pallets: Path
) -> None:
    on_stack.standin.set(payload_limit=70_000)
    plan = plan_for(stau(real_pallets), "globus", globus_place(on_stack, workers_per_node=2))
    run = application.controller.start(plan)
    snapshot = application.finish(run)
    assert len(results(snapshot)) == snapshot.total
    assert counted_once(application, run)
    accepted = [event for event in application.events(run) if isinstance(event, TasksAccepted)]
    assert len(accepted) > 1
    assert max(event.sent_bytes for event in accepted) <= 70_000


def test_a_service_that_is_away_is_waited_for(
    application: Application, on_stack: Stack, real_pallets: Path
) -> None:
    on_stack.standin.fault("status", "submit", status=503, times=5)
    plan = plan_for(stau(real_pallets), "globus", globus_place(on_stack, workers_per_node=2), points=SIX)
    run = application.controller.start(plan)
    snapshot = application.finish(run)
    assert len(results(snapshot)) == snapshot.total
    assert counted_once(application, run)


def test_an_answer_to_a_request_that_was_lost_fits_points_twice_and_counts_them_once(
    application: Application, on_stack: Stack, real_pallets: Path
) -> None:
    on_stack.standin.fault("lost", "submit")
    plan = plan_for(stau(real_pallets), "globus", globus_place(on_stack, workers_per_node=2), points=SIX)
    run = application.controller.start(plan)
    snapshot = application.finish(run)
    assert len(results(snapshot)) == snapshot.total
    assert counted_once(application, run)


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_workers_with_another_python(
    on_stack: Stack, real_pallets: Path, tmp_path: Path, version: str
) -> None:
    try:
        on_stack.add_python(version)
    except MissingPythonError as error:
        pytest.skip(str(error))
    place = globus_place(on_stack, environment=version, workers_per_node=2)
    plan = plan_for(stau(real_pallets), "globus", place, points=SIX)
    with Application(tmp_path / "there", "globus") as application:
        run = application.controller.start(plan)
        snapshot = application.finish(run)
        there = results(snapshot)
    assert snapshot.versions["Python"][0].startswith(version)
    assert_equal(there, fit_here(plan, tmp_path / "here"), within=1e-9)
