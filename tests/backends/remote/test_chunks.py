"""How a scan is cut into tasks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.remote import chunks

SIZES = st.lists(st.integers(0, 3 << 20), min_size=1, max_size=60)


def points_of(sizes: list[int]) -> list[FitPoint]:
    # A million bytes need not be made to have their length.
    return [FitPoint(name=f"p{i}", operations=bytes(size)) for i, size in enumerate(sizes)]


@given(sizes=SIZES, seconds=st.floats(1e-4, 1e3), workers=st.integers(1, 64))
def test_each_point_is_in_one_task_in_order_and_no_task_is_too_large(
    sizes: list[int], seconds: float, workers: int
) -> None:
    points = points_of(sizes)
    tasks = list(chunks.cut(points, lambda: seconds, workers))
    assert [point for task in tasks for point in task] == points
    for task in tasks:
        assert 1 <= len(task) <= chunks.MOST_POINTS
        assert len(task) == 1 or sum(len(point.operations) for point in task) <= chunks.MOST_BYTES
        assert len(task) == 1 or len(task) * seconds <= chunks.SECONDS * 1.0001


def test_slow_points_travel_alone_and_quick_ones_together() -> None:
    assert chunks.points_per_task(57, 10.0, 4) == 1
    assert chunks.points_per_task(125, 0.04, 4) == 12
    assert chunks.points_per_task(10_000, 0.02, 8) == chunks.MOST_POINTS
    assert chunks.points_per_task(10_000, 0.05, 64) == 39


def test_every_worker_has_several_turns_where_there_is_enough_to_do() -> None:
    for workers in (1, 2, 8, 64):
        tasks = list(chunks.cut(points_of([0] * 10_000), lambda: 0.05, workers))
        assert len(tasks) >= chunks.ROUNDS * workers


def test_what_was_measured_meanwhile_counts_for_the_rest() -> None:
    seconds = [0.01]
    tasks = chunks.cut(points_of([0] * 1000), lambda: seconds[0], 1)
    first = len(next(tasks))
    seconds[0] = 1.0
    assert first > 5 * len(next(tasks))


def test_workers_are_those_that_the_options_ask_for() -> None:
    options = {"max_blocks": 4, "nodes_per_block": 2, "workers_per_node": 16, "partition": "short"}
    assert chunks.expected_workers(options) == 128
    assert chunks.expected_workers({}) == chunks.UNKNOWN_WORKERS
    assert chunks.expected_workers({"max_blocks": "many", "workers_per_node": 0}) == chunks.UNKNOWN_WORKERS


def test_a_guess_knows_what_is_asked() -> None:
    plain = chunks.guessed_seconds(FitOptions())
    assert (
        plain
        < chunks.guessed_seconds(FitOptions(limits=True))
        < chunks.guessed_seconds(FitOptions(toys=1000))
    )
    assert chunks.guessed_seconds(FitOptions(engine="pyhf")) > 100 * plain
