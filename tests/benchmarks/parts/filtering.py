"""How soon the list follows what is typed."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from tests.benchmarks.harness import Row, child_figures
from tests.benchmarks.page import Section, timings
from tests.benchmarks.wish import Wish

ENTRIES = 5000
BUDGET_MILLISECONDS = 16.0
TEXT = f"""\
A catalogue of {ENTRIES} published likelihoods, each with a title, a summary and an abstract as long as real
ones, and words, numbers and addresses typed letter by letter into the filter of the real window and taken
back again. A keystroke lasts until the list has been painted and the window waits for the next one."""


def measure(wish: Wish) -> Section:
    """The window, and of it the search alone."""
    return Section("Typing into the filter", TEXT, (timings(list(_rows(wish))),))


def _rows(wish: Wish) -> Iterator[Row]:
    entries = ENTRIES // 10 if wish.quick else ENTRIES
    window = child_figures("filtering_window", str(entries))["keystrokes"]
    note = f"{len(window)} keystrokes, {entries} entries"
    yield Row(
        "keystroke to the painted list, half of them within", (statistics.median(window),), "ms", note=note
    )
    yield Row(
        "keystroke to the painted list: 99th percentile", (_percentile(window),), "ms", BUDGET_MILLISECONDS
    )
    yield Row("keystroke to the painted list: longest", (max(window),), "ms", BUDGET_MILLISECONDS)
    pure = child_figures("filtering", str(entries))
    yield Row("of that, finding the rows: 99th percentile", (_percentile(pure["match"]),), "ms")
    yield Row("of that, finding the rows: longest", (max(pure["match"]),), "ms", 5.0)
    yield Row("counting what each facet would leave: longest", (max(pure["counts"]),), "ms")
    yield Row("making the catalogue ready, aside, once", (pure["first"],), "s")
    yield Row("making it ready again after a change", (pure["again"],), "s")


def _percentile(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[98]
