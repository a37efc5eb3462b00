"""Where Parsl can start workers from here, and whether it can now."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import version

from fitgui_backends.contract import Health, Need, Place, PlaceInfo
from fitgui_backends.couriers.parsl_options import LOCAL, SLURM, PoolOptions, options_of
from fitgui_backends.machine import usable_cores
from fitgui_backends.remote.courier_process import ServiceError

SINFO_SECONDS = 10
"""A scheduler that takes longer to list its partitions counts as one that does not answer."""

_FROZEN = (
    "Workers of Parsl need a Python, which this package does not have: install fitgui with "
    'pip install "fitgui[parsl]".'
)
_NO_SBATCH = (
    "There is no sbatch on this machine: start fitgui on the login node of a Slurm cluster, or use "
    "Globus Compute."
)


def places() -> tuple[PlaceInfo, ...]:
    """Slurm where its commands are, and this machine."""
    local = PlaceInfo(
        identifier=LOCAL,
        name="Parsl on this machine",  # other than what fitgui calls its own workers here
        status="online",
        description=f"{usable_cores()} cores",
    )
    if shutil.which("sbatch") is None:
        return (local,)
    partitions, error = _partitions()
    slurm = PlaceInfo(
        identifier=SLURM,
        name="Slurm",
        status="offline" if error else "online",
        description=error or f"partitions: {', '.join(partitions)}",
    )
    return slurm, local


def require(place: str) -> None:
    """Look whether workers of a place can be started from here at all.

    Raises:
        ServiceError: if not, in words.
    """
    if getattr(sys, "frozen", False):  # a package made by PyInstaller
        raise ServiceError(_FROZEN, Need.PACKAGE)
    if place == SLURM and shutil.which("sbatch") is None:
        raise ServiceError(_NO_SBATCH, Need.PLACE)


def health(place: Place | None) -> Health:
    """Whether workers can be started, without starting any.

    Raises:
        ServiceError: if the options of the place do not fit, in words.
    """
    try:
        require("" if place is None else place.identifier)
    except ServiceError as error:
        return Health(ready=False, summary="not here", remedy=str(error), needs=error.needs)
    details = {"parsl": version("parsl"), "sbatch": shutil.which("sbatch") or "not found"}
    if place is None or not place.identifier:
        return Health(ready=True, summary="installed", needs=Need.PLACE, details=details)
    options = options_of(place)
    if place.identifier == LOCAL:
        summary = f"ready, workers on this machine: {options.workers_per_node}"
        return Health(ready=True, summary=summary, details=details)
    return _health_of_slurm(options, details)


def _health_of_slurm(options: PoolOptions, details: dict[str, str]) -> Health:
    partitions, error = _partitions()
    if error:
        return Health(
            ready=False,
            summary="Slurm does not answer",
            remedy=f"{error} Try again later.",
            needs=Need.ONLINE,
            details=details,
        )
    details = {**details, "partitions": ", ".join(partitions)}
    known = {name.rstrip("*") for name in partitions}
    unknown = [name for name in options.partition.split(",") if name and name not in known]
    if unknown:
        return Health(
            ready=False,
            summary=f"Slurm has no partition {unknown[0]}",
            remedy=f"Choose from {', '.join(partitions)}.",
            needs=Need.PLACE,
            details=details,
        )
    return Health(ready=True, summary="ready, Slurm answers", details=details)


def _partitions() -> tuple[list[str], str]:
    """What ``sinfo`` lists, the default with a star; or why it does not, as a sentence."""
    command = ["sinfo", "--noheader", "--format=%P"]
    try:
        answer = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=SINFO_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [], f"sinfo does not answer ({type(error).__name__})."
    if answer.returncode != 0:
        words = answer.stderr.strip().splitlines()
        return [], (words[-1] if words else "sinfo fails").rstrip(".") + "."
    return list(dict.fromkeys(answer.stdout.split())), ""
