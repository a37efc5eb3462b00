"""What this machine offers: cores that may be used, memory, one thread per worker."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

SINGLE_THREADED = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    ),
    "1",
)
"""Environment of a worker, before numpy loads: with one point per core, more threads only get in each other's
way (two per worker made fits five times slower)."""

_CGROUP = Path("/sys/fs/cgroup")


def usable_cores() -> int:
    """Cores that this process may use: affinity and the quota of a container count, not what is built in."""
    count = getattr(os, "process_cpu_count", os.cpu_count)() or 1
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    quota = _cgroup_cores()
    return max(1, count if quota is None else min(count, math.ceil(quota)))


def memory_bytes() -> int | None:
    """Memory that this process may use: of the machine, or of its container if that is less."""
    try:
        installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    limit = _first_number(_CGROUP / "memory.max", _CGROUP / "memory" / "memory.limit_in_bytes")
    return installed if limit is None else min(installed, int(limit))


def resident_bytes() -> int | None:
    """Memory that this process holds now; where the system does not tell, the most it ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        try:
            import resource  # noqa: PLC0415  (POSIX only)
        except ImportError:
            return None
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return pages * os.sysconf("SC_PAGE_SIZE")


def _cgroup_cores() -> float | None:
    try:  # version 2: "quota period" or "max period"
        quota, period = (_CGROUP / "cpu.max").read_text().split()[:2]
        return None if quota == "max" else float(quota) / float(period)
    except (OSError, ValueError):
        pass
    quota_us = _first_number(_CGROUP / "cpu" / "cpu.cfs_quota_us")
    period_us = _first_number(_CGROUP / "cpu" / "cpu.cfs_period_us")
    if quota_us is None or period_us is None or quota_us <= 0 or period_us <= 0:
        return None
    return quota_us / period_us


def _first_number(*paths: Path) -> float | None:
    for path in paths:
        try:
            return float(path.read_text())
        except (OSError, ValueError):
            continue
    return None
