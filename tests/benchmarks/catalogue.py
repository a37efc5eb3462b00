"""What is measured, and the budgets of it (seconds on two cores)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.harness import (
    Benchmark,
    Measure,
    Row,
    child_figures,
    command_seconds,
    pallet_folder,
    repeated,
)

ONE_LBB = "atlas-susy-2019-08-1Lbb.tar.gz"
STAU = "atlas-susy-2018-04-stau.tar.gz"
THREE_LEPTONS = "atlas-susy-2018-06-3L-eRJR.tar.gz"
HEARTBEAT_SECONDS = 60


def benchmarks() -> tuple[Benchmark, ...]:
    """All benchmarks, the quick ones first."""
    folder = pallet_folder()
    pallets = [folder / name for name in (ONE_LBB, STAU, THREE_LEPTONS)]
    return (
        Benchmark("help", _help),
        *(Benchmark(f"open-{_short(path)}", _opening(path), (path,)) for path in pallets),
        Benchmark("window-start", _window_start),
        *(Benchmark(f"window-open-{_short(path)}", _window_open(path), (path,)) for path in pallets),
        Benchmark("example", _example),
        Benchmark("newton-1Lbb", _newton(folder / ONE_LBB), (folder / ONE_LBB,)),
        Benchmark("heartbeat", _heartbeat(folder / STAU), (folder / STAU,)),
    )


def _short(path: Path) -> str:
    return path.name.removesuffix(".tar.gz").rpartition("-")[2]


def _help(times: int) -> Iterator[Row]:
    seconds = repeated(times, lambda: {"wall": command_seconds("--help")})
    yield Row("`fitgui --help`", seconds["wall"], "s")


def _opening(path: Path) -> Measure:
    def measure(times: int) -> Iterator[Row]:
        figures = repeated(times, lambda: child_figures("open_pallet", str(path)))
        note = f"{figures['points'][0]:.0f} points"
        yield Row(f"read {path.name}, in a new process", figures["open"], "s", note=note)

    return measure


def _window_start(times: int) -> Iterator[Row]:
    figures = repeated(times, lambda: child_figures("window", "example"))
    yield Row("start of the process to a usable window", figures["usable"], "s", budget=1.5)
    yield Row("start of the process to the plotted example", figures["plotted"], "s")


def _window_open(path: Path) -> Measure:
    def measure(times: int) -> Iterator[Row]:
        figures = repeated(times, lambda: child_figures("window", "example", str(path)))
        budget = 2.0 if path.name == ONE_LBB else None
        what = f"open {path.name} in the window, to the plotted plane"
        yield Row(what, figures["opened"], "s", budget=budget)

    return measure


def _example(_times: int) -> Iterator[Row]:
    seconds = command_seconds("run", "example", "--workers", "2")
    yield Row("`fitgui run example`, two workers, engine pyhf", (seconds,), "s", budget=60.0)


def _newton(path: Path) -> Measure:
    def measure(times: int) -> Iterator[Row]:
        command = ("run", str(path), "--engine", "newton", "--workers", "2")
        seconds = repeated(times, lambda: {"wall": command_seconds(*command)})
        what = f"`fitgui run {path.name}`, two workers, engine newton, start and reading included"
        yield Row(what, seconds["wall"], "s", note="125 points, CLs observed and band")

    return measure


def _heartbeat(path: Path) -> Measure:
    def measure(_times: int) -> Iterator[Row]:
        figures = child_figures("heartbeat", str(path), "Region-lowMass", "2", str(HEARTBEAT_SECONDS))
        note = f"{figures['beats']:.0f} beats in {HEARTBEAT_SECONDS} s, {figures['done']:.0f} points came in"
        what = "gaps of the event loop while stau Region-lowMass is fitted by two workers"
        yield Row(f"{what}: 99th percentile", (figures["p99"],), "ms", budget=50.0, note=note)
        yield Row(f"{what}: longest", (figures["longest"],), "ms")

    return measure
