"""The backend ``parsl``: the cluster on whose login node the application runs, and no service in between."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from fitgui_backends.contract import Health, Need
from fitgui_backends.remote.backend import RemoteBackend


class ParslBackend(RemoteBackend):
    """Sends points to blocks that Parsl asks of Slurm, or starts on this machine; ends with the application.

    Args:
        folder: For what Parsl writes while it runs.
    """

    name = "parsl"
    title = "Parsl"
    factory = "fitgui_backends.couriers.parsl:make_service"
    survives = False
    most_payload = None

    def __init__(self, *, folder: Path) -> None:
        super().__init__(folder, {})

    def missing(self) -> Health | None:
        """Whether Parsl is installed."""
        if find_spec("parsl") is not None:
            return None
        return Health(
            ready=False,
            summary="not installed",
            remedy='Install it with: pip install "fitgui[parsl]"',
            needs=Need.PACKAGE,
        )
