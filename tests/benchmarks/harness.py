"""Start child processes again and again, and keep what they measured."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_CHILD_SECONDS = 900


class ChildError(Exception):
    """A child process did not deliver its figures."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a quantity, measured several times."""

    what: str
    values: tuple[float, ...]
    unit: str
    budget: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """The middle of what was measured."""
        return statistics.median(self.values)


Measure = Callable[[int], Iterable[Row]]
"""Takes how many times to repeat; yields the rows."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Something that can be measured, by the name that the command line takes."""

    name: str
    measure: Measure
    needs: tuple[Path, ...] = field(default=())
    """Files without which it is left out."""


def pallet_folder() -> Path:
    """Where the real pallets are: ``FITGUI_PALLETS``, else beside the checkout."""
    return Path(os.environ.get("FITGUI_PALLETS") or ROOT.parent / "shared" / "pallets")


def child_figures(module: str, *arguments: str) -> dict[str, float]:
    """Run ``tests.benchmarks.children.<module>`` with a data folder of its own.

    The child gets the moment of its start as its first argument, in nanoseconds of the monotonic clock, which
    all processes of one machine share.

    Raises:
        ChildError: if it failed; with the last line that it wrote.
    """
    with tempfile.TemporaryDirectory(prefix="fitgui-benchmark-") as data_folder:
        program = [sys.executable, "-m", f"tests.benchmarks.children.{module}"]
        answer = _run([*program, str(time.monotonic_ns()), *arguments], {"FITGUI_DATA": data_folder})
    try:
        figures: dict[str, float] = json.loads(answer.splitlines()[-1])
    except (IndexError, ValueError) as error:
        raise ChildError(f"{module} printed no figures") from error
    return figures


def command_seconds(*arguments: str) -> float:
    """Wall time in seconds of one ``python -m fitgui ...``, from before its start to after its end."""
    with tempfile.TemporaryDirectory(prefix="fitgui-benchmark-") as data_folder:
        start = time.perf_counter()
        _run([sys.executable, "-m", "fitgui", *arguments], {"FITGUI_DATA": data_folder})
        return time.perf_counter() - start


def repeated(times: int, measure: Callable[[], Mapping[str, float]]) -> dict[str, tuple[float, ...]]:
    """Measure several times, after one that only warms up the disk's cache."""
    measure()
    runs = [measure() for _ in range(times)]
    return {key: tuple(run[key] for run in runs) for key in runs[0]}


def _run(command: list[str], environment: Mapping[str, str]) -> str:
    try:
        answer = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=LONGEST_CHILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ChildError(f"{' '.join(command)} took longer than {LONGEST_CHILD_SECONDS} s") from error
    if answer.returncode != 0:
        last = (answer.stderr.strip() or answer.stdout.strip() or "no output").splitlines()[-1]
        raise ChildError(f"{' '.join(command)} ended with status {answer.returncode}: {last}")
    return answer.stdout
