"""How soon there is something to look at."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.harness import Row, child_figures, command_seconds, pallet_folder, repeated
from tests.benchmarks.page import Section, timings
from tests.benchmarks.wish import ONE_LBB, STAU, THREE_LEPTONS, Wish

TEXT = """\
From the start of a process to a window that reacts, and from choosing a pallet to its signal points on the
screen. Nothing is fitted here, and pyhf is not loaded: the application starts without it."""


def measure(wish: Wish) -> Section:
    """Commands, reading, and the window, in fresh processes."""
    return Section(
        title="Start and reading",
        text=TEXT,
        tables=(timings(list(_rows(wish))),),
    )


def _rows(wish: Wish) -> Iterator[Row]:
    times = wish.repeat
    seconds = repeated(times, lambda: {"wall": command_seconds("--help")})
    yield Row("`fitgui --help`", seconds["wall"], "s")
    figures = repeated(times, lambda: child_figures("window", "example"))
    yield Row("start of the process to a usable window", figures["usable"], "s", budget=1.5)
    yield Row("start of the process to the plotted example", figures["plotted"], "s")
    for name in (ONE_LBB, STAU, THREE_LEPTONS):
        path = str(pallet_folder() / name)
        figures = repeated(times, lambda path=path: child_figures("open_pallet", path))  # type: ignore[misc]
        note = f"{figures['points'][0]:.0f} points"
        yield Row(f"read {name}, in a new process", figures["open"], "s", note=note)
    for name in (ONE_LBB, STAU, THREE_LEPTONS):
        path = str(pallet_folder() / name)
        figures = repeated(max(1, times - 2), lambda path=path: child_figures("window", "example", path))  # type: ignore[misc]
        budget = 2.0 if name == ONE_LBB else None
        yield Row(f"open {name} in the window, to the plotted plane", figures["opened"], "s", budget=budget)
