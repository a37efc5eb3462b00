"""What newton found on the published pallets, as :mod:`tests.exclusion.make_data` stored it in ``data/``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from fitgui.exclusion.model import PlanePoints

DATA = Path(__file__).resolve().parent / "data"
NAMES = ("1Lbb", "stau-combined", "stau-lowMass", "stau-highMass", "3L")


@cache
def document(name: str) -> dict[str, Any]:
    """One of the files."""
    content: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return content


def points(name: str) -> PlanePoints:
    """The points of one of :data:`NAMES`."""
    content = document(name)
    x, y, cls = (np.array(content[key], dtype=np.float64) for key in ("x", "y", "cls"))
    return PlanePoints(tuple(content["names"]), x, y, cls)
