"""The courier of Globus Compute with everything logged that any library logs, into a file."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fitgui_backends.couriers.globus import make_service as make_real_service
from fitgui_backends.remote.courier_process import Service, Tell


def make_service(settings: Mapping[str, Any], tell: Tell) -> Service:
    """The real one; ``log`` names the file."""
    root = logging.getLogger()
    root.setLevel(logging.DEBUG)
    root.addHandler(logging.FileHandler(settings["log"], encoding="utf-8"))
    return make_real_service(settings, tell)
