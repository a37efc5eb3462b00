"""The table and the machine on which it was measured, as Markdown."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.harness import Row

LIBRARIES = ("PySide6-Essentials", "pyqtgraph", "numpy", "scipy", "pyhf")


def machine() -> list[str]:
    """What somebody needs to know to judge the figures, one fact per line."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0]
    busy = ": others used this machine, trust ratios only" if load > 0.5 * (cores or 1) else ""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return [
        f"{processor()}, {cores} cores, {gigabytes:.0f} GiB, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, {versions}",
        f"{datetime.now(UTC):%Y-%m-%d}; load average before the start {load:.1f}{busy}",
    ]


def processor() -> str:
    """The name of the processor, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as a Markdown table; a budget that is missed is marked."""
    lines = ["| what | median | min | max | budget | |", "|---|---:|---:|---:|---:|---|"]
    for row in rows:
        figures = [quantity(value, row.unit) for value in (row.median, min(row.values), max(row.values))]
        budget = "" if row.budget is None else quantity(row.budget, row.unit)
        missed = row.budget is not None and row.median > row.budget
        remark = "; ".join(part for part in ("**missed**" if missed else "", row.note) if part)
        lines.append(f"| {row.what} | {' | '.join(figures)} | {budget} | {remark} |")
    return lines


def quantity(value: float, unit: str) -> str:
    """A figure with three digits and its unit."""
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"


def document(facts: Sequence[str], rows: Sequence[Row], left_out: Sequence[str]) -> str:
    """The page ``docs/benchmarks.md``."""
    parts = ["# Benchmarks", "", "Written by `make benchmark`; each figure is of fresh processes.", ""]
    parts += [f"- {fact}" for fact in facts]
    parts += ["", *table(rows)]
    if left_out:
        parts += ["", "Left out:", *(f"- {reason}" for reason in left_out)]
    return "\n".join(parts) + "\n"
