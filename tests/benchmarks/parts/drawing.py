"""Whether the window stays smooth while points come in, and the plane with its contours while it is moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.benchmarks.harness import Row, child_figures, pallet_folder
from tests.benchmarks.page import Section, timings
from tests.benchmarks.wish import ONE_LBB, Wish

WORKERS = 2
POINTS, FEWER_POINTS = 10_000, 900
RATE = 1000
GAP_BUDGET_MILLISECONDS = 50.0
FRAME_BUDGET_MILLISECONDS = 16.0
TEXT = f"""\
The plane is in front, with contours and bands that grow. The 125 points of 1Lbb are fitted with {WORKERS}
workers; of a generated plane {RATE:,} results a second come in through the same path, made up by a backend
that fits nothing. Gaps of the event loop are what a user feels as stutter; a frame is one painting of the
plot. The time of the processor is that of the window's own thread: what remains on a machine with cores to
spare."""

Figures = Mapping[str, float]


def measure(wish: Wish) -> Section:
    """Two planes."""
    return Section("A plane that fills", TEXT, (timings(list(_rows(wish))),))


def _rows(wish: Wish) -> Iterator[Row]:
    times = 1 if wish.quick else wish.repeat
    real = ("real", str(pallet_folder() / ONE_LBB), "BkgOnly", str(WORKERS))
    points = FEWER_POINTS if wish.quick else POINTS
    made_up = ("made-up", str(points), str(RATE))
    for name, arguments in (("1Lbb", real), (f"{points:,} points", made_up)):
        yield from _of_plane(name, [child_figures("drawing", *arguments) for _ in range(times)])


def _of_plane(name: str, runs: Sequence[Figures]) -> Iterator[Row]:
    first = runs[0]
    came_in = f"{first['points']:,.0f} points in {first['seconds']:.1f} s"
    yield _row(
        f"{name}: gaps of the event loop while points come in", "gaps", runs, GAP_BUDGET_MILLISECONDS, came_in
    )
    yield _row(f"{name}: the longest gap", "gaps", runs, key="longest")
    drawn = f"{first['live_frames']:.0f} frames"
    yield _row(f"{name}: a frame while points come in", "live", runs, FRAME_BUDGET_MILLISECONDS, drawn)
    yield _row(f"{name}: a frame while the plane is moved", "moved", runs, FRAME_BUDGET_MILLISECONDS)
    values = tuple(1000 * run["contours"] for run in runs)
    note = f"drawn anew {first['updates']:.0f} times in the run"
    yield Row(f"{name}: all contours of all points, on a thread", values, "ms", note=note)


def _row(
    what: str,
    figure: str,
    runs: Sequence[Figures],
    budget: float | None = None,
    note: str = "",
    *,
    key: str = "p99",
) -> Row:
    processor = sorted(run[f"{figure}_cpu_{key}"] for run in runs)[len(runs) // 2]
    ending = ": 99th percentile" if key == "p99" else ""
    notes = [part for part in (note, f"of the processor {processor:.3g} ms") if part]
    return Row(what + ending, tuple(run[f"{figure}_{key}"] for run in runs), "ms", budget, "; ".join(notes))
