"""How long a user waits for a whole analysis."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.harness import Row, child_figures, command_seconds, pallet_folder, repeated
from tests.benchmarks.page import Section, timings
from tests.benchmarks.wish import ONE_LBB, Wish

WORKERS = 2
HEARTBEAT_SECONDS = 30
TEXT = f"""\
All 125 points of 1Lbb (14 bins, 126 parameters) with {WORKERS} workers: from the press of *Run* in a
window whose workers are warm until the last point is shown, and from the command line, where the start of
Python, reading the pallet, starting the workers and writing the journal are included. While points come
in the window must go on reacting: the gaps of its event loop are what a user would feel as stutter."""


def measure(wish: Wish) -> Section:
    """The window, the command line, a worker, the example, and the event loop."""
    rows = [*_runs(wish), *_responsive(wish)]
    return Section(title="A whole analysis", text=TEXT, tables=(timings(rows),))


def _runs(wish: Wish) -> Iterator[Row]:
    path, times = str(pallet_folder() / ONE_LBB), 1 if wish.quick else wish.repeat
    for words, option, budget in (
        ("CLs observed and band", (), 3.0),
        ("and upper limits", ("limits",), 10.0),
    ):
        runs = [child_figures("window_run", path, str(WORKERS), *option) for _ in range(times)]
        values = tuple(run["last_point"] for run in runs)
        yield Row(
            f"1Lbb in the window, press of *Run* to the last point: {words}", values, "s", budget=budget
        )
    for words, flag in (("CLs observed and band", ()), ("and upper limits", ("--limits",))):
        command = ("run", path, "--workers", str(WORKERS), *flag)
        values = tuple(command_seconds(*command) for _ in range(times))
        yield Row(f"`fitgui run 1Lbb{' --limits' if flag else ''}`: {words}", values, "s")
    seconds = repeated(times, lambda: child_figures("worker_start"))
    yield Row("start of a worker's process until it can fit", seconds["ready"], "s", budget=0.5)
    values = tuple(command_seconds("run", "example", "--workers", str(WORKERS)) for _ in range(times))
    yield Row("`fitgui run example`", values, "s")


def _responsive(wish: Wish) -> Iterator[Row]:
    seconds = 5 if wish.quick else HEARTBEAT_SECONDS
    path = str(pallet_folder() / ONE_LBB)
    figures = child_figures("heartbeat", path, "BkgOnly", str(WORKERS), str(seconds), '{"limits": true}')
    note = f"{figures['beats']:.0f} beats, {figures['done']:.0f} points came in"
    what = "gaps of the event loop while 1Lbb is fitted with limits"
    yield Row(f"{what}: 99th percentile", (figures["p99"],), "ms", budget=50.0, note=note)
    yield Row(f"{what}: longest", (figures["longest"],), "ms")
