"""The parts of the page, in its order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks.harness import pallet_folder
from tests.benchmarks.page import Section
from tests.benchmarks.parts import (
    clusters,
    comparing,
    drawing,
    filtering,
    reinterpretation,
    scaling,
    stages,
    starting,
    toys,
    waiting,
)
from tests.benchmarks.wish import ONE_LBB, STAU, THREE_LEPTONS, Wish

PARTS: Mapping[str, Callable[[Wish], Section]] = {
    "waiting": waiting.measure,
    "drawing": drawing.measure,
    "pyhf": comparing.measure,
    "stages": stages.measure,
    "scaling": scaling.measure,
    "toys": toys.measure,
    "starting": starting.measure,
    "filtering": filtering.measure,
    "reinterpretation": reinterpretation.measure,
    "clusters": clusters.measure,
}
_WITHOUT_PALLETS = ("scaling", "filtering")


def missing(name: str) -> list[Path]:
    """Files that a part needs and that are not there."""
    if name in _WITHOUT_PALLETS:
        return []
    paths = [pallet_folder() / file for file in (ONE_LBB, STAU, THREE_LEPTONS)]
    return [path for path in paths if not path.exists()]
