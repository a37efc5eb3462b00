"""Time to finish: right where it can be known, silent where it cannot."""

from __future__ import annotations

import heapq
import random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.runs.pace import Pace


def simulate(
    durations: list[float], workers: int, *, start_up: float = 1.5
) -> list[tuple[float, float | None, float]]:
    """A run on a simulated clock: at twenty moments the elapsed fraction, the estimate and the truth."""
    pace = Pace()
    pace.start(0.0)
    free = [start_up * (1 + 0.3 * worker / workers) for worker in range(workers)]
    heapq.heapify(free)
    events = []
    for number, duration in enumerate(durations):
        begin = heapq.heappop(free)
        events += [(begin, 1, str(number)), (begin + duration, 0, str(number))]
        heapq.heappush(free, begin + duration + 0.01)
    end = max(time for time, _, _ in events)
    moments = [end * part / 20 for part in range(1, 20)]
    queued, estimates = len(durations), []
    for time, begins, name in sorted(events):
        while moments and moments[0] < time:
            moment = moments.pop(0)
            estimates.append((moment / end, pace.seconds_to_finish(moment, queued), end - moment))
        if begins:
            queued -= 1
            pace.take([name], time)
        else:
            pace.finish(name, time, queued=queued)
    return estimates


@pytest.mark.parametrize("workers", [1, 2, 8, 32])
@pytest.mark.parametrize("points", [20, 60, 500])
def test_equal_points_are_foretold(workers: int, points: int) -> None:
    known = [
        (estimate, truth) for _, estimate, truth in simulate([1.0] * points, workers) if estimate is not None
    ]
    assert known
    assert all(abs(estimate - truth) < 0.05 * truth + 0.1 for estimate, truth in known)


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_unequal_points_are_foretold_on_average(workers: int) -> None:
    chance = random.Random(20200601)
    ratios = []
    for _ in range(30):
        durations = [chance.uniform(0.5, 1.5) for _ in range(60)]
        for fraction, estimate, truth in simulate(durations, workers):
            if 0.3 < fraction < 0.8 and estimate is not None:
                ratios.append(estimate / truth)
    assert 0.9 < median(ratios) < 1.1
    assert sum(0.75 < ratio < 1.33 for ratio in ratios) > 0.9 * len(ratios)


def simulate_chunks(
    durations: list[float], workers: int, largest: int
) -> list[tuple[float, float | None, float, float | None]]:
    """Workers take more and more points at once, which end together: fraction, estimate, truth and speed."""
    pace = Pace()
    pace.start(0.0)
    waiting = [(str(number), duration) for number, duration in enumerate(durations)]
    free = [(0.2 + 0.01 * worker, worker) for worker in range(workers)]
    heapq.heapify(free)
    ends: list[tuple[float, list[str]]] = []
    moments: list[tuple[float, float | None, float | None]] = []
    size, end = 1, 0.0
    while waiting or ends:
        now, worker = heapq.heappop(free)
        for ended in sorted(e for e in ends if e[0] <= now):
            ends.remove(ended)
            for name in ended[1]:
                pace.finish(name, ended[0], queued=len(waiting))
            end = ended[0]
            moments.append((ended[0], pace.seconds_to_finish(ended[0], len(waiting)), pace.points_per_second))
        if not waiting:
            if ends:
                heapq.heappush(free, (max(now, min(e[0] for e in ends)), worker))
            continue
        take = max(1, min(size, largest, -(-len(waiting) // (2 * workers))))
        chunk, waiting = waiting[:take], waiting[take:]
        pace.take([name for name, _ in chunk], now)
        size *= 2
        ready = now + sum(duration for _, duration in chunk)
        ends.append((ready, [name for name, _ in chunk]))
        heapq.heappush(free, (ready, worker))
    return [(now / end, estimate, end - now, speed) for now, estimate, speed in moments]


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize(("points", "largest"), [(125, 8), (10_000, 100)])
def test_points_that_end_together_are_foretold(workers: int, points: int, largest: int) -> None:
    followed = simulate_chunks([0.02] * points, workers, largest)
    later = followed[2 * workers :]  # before, some workers have not begun, and nobody knows of them
    known = [(estimate, truth) for _, estimate, truth, _ in later if estimate is not None]
    assert len(known) > 0.9 * len(later)
    assert all(abs(estimate - truth) < 0.1 * truth + 0.1 for estimate, truth in known)


@pytest.mark.parametrize("workers", [2, 8])
def test_the_speed_of_points_that_end_together_is_no_burst(workers: int) -> None:
    chance = random.Random(7)
    followed = simulate_chunks([chance.uniform(0.005, 0.015) for _ in range(10_000)], workers, 100)
    speeds = [speed for fraction, _, _, speed in followed if 0.2 < fraction < 0.9]
    assert speeds
    assert all(speed is not None and 50 * workers < speed < 200 * workers for speed in speeds)
    estimates = [e / truth for fraction, e, truth, _ in followed if 0.2 < fraction < 0.9 and e is not None]
    assert 0.9 < median(estimates) < 1.1


def test_a_batch_that_was_lost_counts_for_nothing() -> None:
    pace = Pace()
    pace.start(0.0)
    pace.take(["a", "b", "c", "d"], 0.0)
    for name in "abcd":
        pace.finish(name, 4.0, queued=8)
    pace.take(["e", "f"], 4.0)
    for name in "ef":
        pace.drop(name, 900.0)
    pace.take(["e"], 900.0)
    pace.finish("e", 901.0, queued=7)
    assert pace.seconds_to_finish(901.0, queued=7) == pytest.approx(7.0, abs=1.0)


def test_nothing_is_promised_before_anything_is_known() -> None:
    pace = Pace()
    pace.start(0.0)
    assert pace.seconds_to_finish(5.0, queued=10) is None
    assert pace.points_per_second is None
    pace.take(["a"], 5.0)
    pace.take(["b"], 5.0)
    assert pace.seconds_to_finish(9.0, queued=8) is None
    pace.finish("a", 10.0, queued=8)
    pace.take(["c"], 10.0)
    assert pace.seconds_to_finish(10.0, queued=7) is None, "only the shorter of two has ended"
    pace.finish("b", 10.5, queued=7)
    assert pace.seconds_to_finish(10.5, queued=7) is not None


def test_start_of_the_workers_does_not_count_as_slowness() -> None:
    fast, slow = (simulate([1.0] * 20, 2, start_up=start) for start in (0.1, 60.0))
    assert fast[15][1] == pytest.approx(fast[15][2], abs=0.2)
    assert slow[-1][1] == pytest.approx(slow[-1][2], abs=0.2)


def test_what_an_earlier_session_learned_is_kept() -> None:
    pace = Pace()
    pace.start(0.0)
    pace.take(["a"], 1.0)
    pace.finish("a", 3.0, queued=3)
    pace.start(3.0)
    assert pace.seconds_to_finish(3.0, queued=3) == pytest.approx(6.0)


def test_a_backend_that_only_reports_results_is_followed_by_its_speed() -> None:
    pace = Pace()
    pace.start(0.0)
    for number in range(5):
        pace.finish(str(number), 10.0 + 2 * number, queued=20 - number)
    assert pace.points_per_second == pytest.approx(0.5)
    assert pace.seconds_to_finish(18.0, queued=16) == pytest.approx(32.0)


def test_a_point_that_outlasts_all_others_is_expected_to_go_on() -> None:
    pace = Pace()
    pace.start(0.0)
    for name in ("a", "b"):
        pace.take([name], 0.0)
    pace.finish("a", 1.0, queued=0)
    left = [pace.seconds_to_finish(now, queued=0) for now in (2.0, 20.0, 200.0)]
    assert all(seconds is not None and seconds > 0 for seconds in left)


@given(
    st.lists(st.tuples(st.sampled_from("tfd"), st.integers(0, 9), st.floats(0, 3)), max_size=60),
    st.integers(0, 50),
)
def test_no_sequence_of_reports_gives_a_negative_or_infinite_time(
    reports: list[tuple[str, int, float]], queued: int
) -> None:
    pace = Pace()
    pace.start(0.0)
    now = 0.0
    for what, number, step in reports:
        now += step
        match what:
            case "t":
                pace.take([str(number), str(number // 2)], now)
            case "f":
                pace.finish(str(number), now, queued=queued)
            case _:
                pace.drop(str(number), now)
        left = pace.seconds_to_finish(now, queued)
        assert left is None or 0 <= left < float("inf")
        assert pace.points_per_second is None or pace.points_per_second > 0
