"""The page ``docs/benchmarks.md``: the machine, and the parts as they were measured last."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.page import Section

LIBRARIES = ("PySide6-Essentials", "pyqtgraph", "numpy", "scipy", "pyhf", "iminuit", "jax", "jaxlib")
PICTURE = "pictures/benchmarks.svg"
INTRODUCTION = """\
Written by `make benchmark`, which takes about ten minutes; nothing here is asserted by a test. Ratios between
figures of one table hold on other machines, the seconds themselves do not. `make benchmark PARTS=NAME`
measures one part again: {names}."""


def machine() -> list[str]:
    """What somebody needs to know to judge the figures, one fact per line."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return [
        f"{processor()}, {cores()} cores, {gigabytes:.0f} GiB, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, {', '.join(_versions())}",
    ]


def moment() -> str:
    """When, and whether the machine was quiet."""
    load = os.getloadavg()[0]
    busy = ": others used this machine, trust ratios only" if load > 0.5 * cores() else ""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; load average before {load:.1f}{busy}"


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """The name of the processor, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def document(stored: Mapping[str, Any], names: Sequence[str], *, picture: bool) -> str:
    """The page, from what :mod:`tests.benchmarks.__main__` keeps of all parts."""
    lines = ["# Benchmarks", "", INTRODUCTION.format(names=", ".join(f"`{name}`" for name in names)), ""]
    lines += [f"- {fact}" for fact in stored["machine"]]
    moments = {part["moment"] for part in stored["parts"].values()}
    if len(moments) == 1:
        lines.append(f"- {moments.pop()}")
    if picture:
        lines += ["", f"![Seconds per point, and how they grow with the size of the model]({PICTURE})"]
    for name in names:
        if name in stored["parts"]:
            part = stored["parts"][name]
            lines += ["", *Section.restored(part["section"]).markdown()]
            if len({other["moment"] for other in stored["parts"].values()}) > 1:
                lines += ["", f"Measured {part['moment']}."]
    left_out = stored.get("left_out", {})
    if left_out:
        lines += ["", "## Left out", "", *(f"- {name}: {reason}" for name, reason in left_out.items())]
    return "\n".join(lines) + "\n"


def _versions() -> list[str]:
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return found
