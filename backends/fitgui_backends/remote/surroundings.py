"""Where a worker is: host, job of the batch system, versions, and what the check of a place reports.

This module travels: it imports nothing but the standard library and what travels too.
"""

from __future__ import annotations

import os
import platform
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fitgui_backends.machine import SINGLE_THREADED, memory_bytes, usable_cores
from fitgui_backends.remote import folder
from fitgui_backends.remote.packing import FORMAT

NOT_INSTALLED = "not installed"
_LIBRARIES = ("fitgui-backends", "pyhf", "numpy", "scipy")
_JOBS = {
    "SLURM_JOB_ID": "Slurm",
    "PBS_JOBID": "PBS",
    "LSB_JOBID": "LSF",
    "FLUX_JOB_ID": "Flux",
    "COBALT_JOBID": "Cobalt",
}
_PARTITIONS = ("SLURM_JOB_PARTITION", "PBS_QUEUE", "LSB_QUEUE", "QUEUE")
_ACCOUNTS = ("SLURM_JOB_ACCOUNT", "PBS_ACCOUNT", "LSB_PROJECT_NAME")


def worker_name() -> str:
    """This process, as ``host:pid``."""
    return f"{socket.gethostname()}:{os.getpid()}"


def block() -> str:
    """The job of the batch system that this process belongs to, by the name of the system; or empty."""
    return _job()[1]


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Of what fits here, by distribution, and of Python; what is not installed is left out."""
    found = {}
    for name in (*_LIBRARIES, "iminuit", "jax"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return {**found, "Python": platform.python_version()}


def check() -> dict[str, str]:
    """What a person wants to know of a worker, in words; what cannot be found out says so, nothing fails."""
    system, job = _job()
    reports: dict[str, Callable[[], str]] = {
        "host": socket.gethostname,
        "Python": platform.python_version,
        **{name: partial(_version, name) for name in _LIBRARIES},
        "cores": lambda: str(usable_cores()),
        "memory": _memory,
        "block": lambda: f"{system} {job}".strip() or "none",
        "partition": lambda: _first(_PARTITIONS),
        "account": lambda: _first(_ACCOUNTS),
        "cache folder": _cache,
        "import of pyhf": _import_seconds,
        "BLAS threads": _threads,
        "format": lambda: str(FORMAT),
    }
    found = {name: _tell(report) for name, report in reports.items()}
    return {name: text for name, text in found.items() if text}


def _version(name: str) -> str:
    return versions().get(name, NOT_INSTALLED)


def _tell(report: Callable[[], str]) -> str:
    try:
        return report()
    except Exception as error:  # noqa: BLE001  (a check that fails would say nothing at all)
        return f"unknown ({type(error).__name__})"


def _job() -> tuple[str, str]:
    """The batch system, and the job."""
    for variable, system in _JOBS.items():
        if os.environ.get(variable):
            return system, os.environ[variable]
    condor = os.environ.get("_CONDOR_JOB_AD")
    if condor:
        return "HTCondor", _condor_job(Path(condor))
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return "Kubernetes", os.environ.get("POD_NAME") or socket.gethostname()
    if os.environ.get("SGE_ROOT") and os.environ.get("JOB_ID"):
        return "Grid Engine", os.environ["JOB_ID"]
    return "", ""


def _condor_job(description: Path) -> str:
    """``ClusterId.ProcId`` from the description that HTCondor puts beside a job."""
    with suppress(OSError):
        rows = (line.partition("=") for line in description.read_text(errors="replace").splitlines())
        fields = {name.strip(): value.strip() for name, _, value in rows}
        if "ClusterId" in fields:
            return f"{fields['ClusterId']}.{fields.get('ProcId', '0')}"
    return os.environ.get("_CONDOR_SLOT", "job")


def _first(variables: tuple[str, ...]) -> str:
    return next((os.environ[name] for name in variables if os.environ.get(name)), "")


def _memory() -> str:
    amount = memory_bytes()
    return "unknown" if amount is None else f"{amount / 2**30:.1f} GiB"


def _cache() -> str:
    place = folder.writable()
    return "none that can be written" if place is None else str(place)


def _import_seconds() -> str:
    if "pyhf" in sys.modules:
        return "done before"
    # As before a fit: numpy reads these once.
    os.environ.update(SINGLE_THREADED)
    began = time.perf_counter()
    try:
        import pyhf  # noqa: F401, PLC0415
    except ImportError as error:
        return NOT_INSTALLED if error.name == "pyhf" else f"fails ({error})"
    return f"{time.perf_counter() - began:.1f} s"


def _threads() -> str:
    """After numpy was loaded: what the libraries themselves say, else what they were told."""
    try:
        import threadpoolctl  # noqa: PLC0415
    except ImportError:
        return os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or "not limited"
    numbers = sorted({int(pool["num_threads"]) for pool in threadpoolctl.threadpool_info()})
    return ", ".join(map(str, numbers)) or "no library that has threads"
