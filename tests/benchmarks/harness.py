"""Start child processes again and again, and keep what they measured."""

from __future__ import annotations

import functools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fitgui_backends.machine import SINGLE_THREADED

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_CHILD_SECONDS = 600
ONE_CORE = {
    **SINGLE_THREADED,
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
"""For children whose figures are per core; they also bind themselves to one (:func:`bind_to_one_core`)."""


class ChildError(Exception):
    """A child process did not deliver its figures."""


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity, measured several times."""

    what: str
    values: tuple[float, ...]
    unit: str
    budget: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """The middle of what was measured."""
        return statistics.median(self.values)


def pallet_folder() -> Path:
    """Where the real pallets are: ``FITGUI_PALLETS``, else beside the checkout."""
    return Path(os.environ.get("FITGUI_PALLETS") or ROOT.parent / "shared" / "pallets")


def bind_to_one_core() -> None:
    """Keep this process, with all its threads, on the last core that it may use, where that can be done."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def child_figures(module: str, *arguments: str, one_core: bool = False) -> dict[str, Any]:
    """Run ``tests.benchmarks.children.<module>`` with a data folder of its own, and give its last line.

    The child gets the moment of its start as its first argument, in nanoseconds of the monotonic clock, which
    all processes of one machine share.

    Raises:
        ChildError: if it failed; with the last line that it wrote.
    """
    lines, error = child_lines(module, *arguments, one_core=one_core)
    if error:
        raise ChildError(error)
    if not lines:
        raise ChildError(f"{module} printed no figures")
    return lines[-1]


@functools.cache
def newton_fits(analysis: str) -> dict[str, Any]:
    """All points of a published analysis by the newton engine on one core, measured once for all parts.

    Raises:
        ChildError: as :func:`child_figures`.
    """
    return child_figures("newton_fits", analysis, one_core=True)


def child_lines(
    module: str, *arguments: str, one_core: bool = False, longest: float = LONGEST_CHILD_SECONDS
) -> tuple[list[dict[str, Any]], str]:
    """As :func:`child_figures`, for a child that prints several lines and may be stopped in between.

    Returns:
        The lines, and why there are no more of them; empty where the child ended by itself.
    """
    with tempfile.TemporaryDirectory(prefix="fitgui-benchmark-") as data_folder:
        program = [sys.executable, "-m", f"tests.benchmarks.children.{module}"]
        environment = {"FITGUI_DATA": data_folder, **(ONE_CORE if one_core else {})}
        answer, error = _run([*program, str(time.monotonic_ns()), *arguments], environment, longest)
    lines = [line for line in answer.splitlines() if line.startswith("{") and line.endswith("}")]
    return [json.loads(line) for line in lines], error


def command_seconds(*arguments: str) -> float:
    """Wall time in seconds of one ``python -m fitgui ...``, from before its start to after its end.

    Raises:
        ChildError: if it failed; with the last line that it wrote.
    """
    with tempfile.TemporaryDirectory(prefix="fitgui-benchmark-") as data_folder:
        start = time.perf_counter()
        command = [sys.executable, "-m", "fitgui", *arguments]
        _, error = _run(command, {"FITGUI_DATA": data_folder}, LONGEST_CHILD_SECONDS)
        seconds = time.perf_counter() - start
    if error:
        raise ChildError(error)
    return seconds


def repeated(times: int, measure: Callable[[], Mapping[str, float]]) -> dict[str, tuple[float, ...]]:
    """Measure several times, after one that only warms up the disk's cache."""
    measure()
    runs = [measure() for _ in range(times)]
    return {key: tuple(run[key] for run in runs) for key in runs[0]}


def _run(command: list[str], environment: Mapping[str, str], longest: float) -> tuple[str, str]:
    name = " ".join(command[2:4])
    try:
        answer = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=longest,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
        text = output.decode(errors="replace") if isinstance(output, bytes) else output
        return text, f"{name} took longer than {longest:.0f} s"
    if answer.returncode != 0:
        last = (answer.stderr.strip() or answer.stdout.strip() or "no output").splitlines()[-1]
        return answer.stdout, f"{name} ended with status {answer.returncode}: {last}"
    return answer.stdout, ""
