"""Real points on a real cluster: numbers are those of this machine, and a job of Slurm has fitted them."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil
import pytest

from fitgui_backends.events import PlaceChanged, TasksAccepted
from tests.cluster.stack import Stack
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
TWENTY = slice(0, 20)
THREE = slice(0, 3)


@pytest.mark.parametrize("backend", ["globus", "parsl"])
def test_twenty_points_of_stau(on_stack: Stack, real_pallets: Path, tmp_path: Path, backend: str) -> None:
    place = globus_place(on_stack, workers_per_node=2) if backend == "globus" else parsl_place()
    plan = plan_for(stau(real_pallets), backend, place, points=TWENTY)
    with Application(tmp_path / "there", backend) as application:
        run = application.controller.start(plan)
        until(lambda: application.timed(run) or not application.controller.is_active(run), 120)
        jobs = {job.identifier for job in on_stack.slurm.jobs()}
        there = results(application.finish(run))
        events = application.events(run)
        timed = application.timed(run)
    assert_equal(there, fit_here(plan, tmp_path / "here"), within=1e-9)
    # Fitted in a job of Slurm, on this host, and not by a process of the application.
    blocks = {result.block for result in there.values()}
    assert blocks
    assert blocks <= jobs
    assert {result.worker.partition(":")[0] for result in there.values()} == {socket.gethostname()}
    own = {str(process.pid) for process in psutil.Process().children(recursive=True)}
    assert own.isdisjoint(result.worker.partition(":")[2] for result in there.values())
    assert sorted(name for event in timed for name in event.points) == sorted(plan.points)
    assert any(isinstance(event, TasksAccepted) for event in events)
    assert any(isinstance(event, PlaceChanged) and event.status == "online" for event in events)
    for result in there.values():
        assert result.seconds.total >= result.seconds.model + result.seconds.fit > 0
        assert min(result.seconds.queued, result.seconds.transfer, result.seconds.delay) >= 0


def test_workers_that_have_nothing_but_pyhf(on_stack: Stack, real_pallets: Path, tmp_path: Path) -> None:
    place = globus_place(on_stack, mode="process", environment="pyhf", workers_per_node=2)
    pallet = stau(real_pallets)
    plan = plan_for(pallet, "globus", place, points=THREE, engine="pyhf")
    with Application(tmp_path / "there", "globus") as application:
        there = results(application.finish(application.controller.start(plan)))
        newton = plan_for(pallet, "globus", place, points=THREE)
        snapshot = application.finish(application.controller.start(newton))
    here = fit_here(plan, tmp_path / "here")
    assert_equal(there, here, within=1e-6)
    for name, result in there.items():
        assert (result.converged, result.warnings) == (here[name].converged, here[name].warnings)
    errors = {status.error for status in snapshot.points.values()}
    assert len(errors) == 1
    assert "fitgui-backends" in str(errors.pop())
