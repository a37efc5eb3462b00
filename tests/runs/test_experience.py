"""What points took before is told to a backend that cuts a scan into tasks."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from fitgui.runs.controller import RunController
from fitgui.runs.experience import seconds_per_point
from fitgui.runs.plan import RunPlan
from tests.runs.distant import Cloud, DistantBackend, distant_plan
from tests.runs.support import small_plan

Open = Callable[..., RunController]
TOOK = 0.1 + 0.5
"""Model and fit of every result of the backend in tests/runs/support."""


def other(plan: RunPlan, **options: object) -> RunPlan:
    changed = msgspec.structs.replace(plan.plan.options, **options)
    return msgspec.structs.replace(plan, plan=msgspec.structs.replace(plan.plan, options=changed))


def test_the_newest_comparable_run_counts(open_controller: Open) -> None:
    controller = open_controller()
    assert seconds_per_point(controller.journal, small_plan()) is None
    run = controller.start(small_plan())
    assert controller.wait(run, 20)
    assert seconds_per_point(controller.journal, distant_plan()) == TOOK
    assert seconds_per_point(controller.journal, other(distant_plan(), seed=7, timeout_seconds=1.0)) == TOOK
    assert seconds_per_point(controller.journal, other(distant_plan(), limits=True)) is None
    assert seconds_per_point(controller.journal, other(distant_plan(), engine="pyhf")) is None


def test_a_cluster_is_told(open_controller: Open) -> None:
    local = open_controller()
    run = local.start(small_plan())
    assert local.wait(run, 20)
    local.close()
    backend = DistantBackend(Cloud())
    told = []
    submit = backend.submit

    def listen(plan, emit):  # type: ignore[no-untyped-def]
        told.append(plan.seconds_per_point)
        return submit(plan, emit)

    backend.submit = listen  # type: ignore[method-assign]
    open_controller(backend).start(distant_plan())
    assert told == [TOOK]
