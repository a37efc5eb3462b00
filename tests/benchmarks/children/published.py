"""The published analyses as the children take them."""

from __future__ import annotations

from fitgui.pallets import Analysis, open_pallet
from tests.benchmarks.harness import pallet_folder
from tests.references.work import PALLETS


def open_analysis(name: str) -> Analysis:
    """One of :data:`tests.references.work.PALLETS`, read as fitgui reads it."""
    archive, inside = PALLETS[name]
    pallet = open_pallet(pallet_folder() / archive)
    return next(analysis for analysis in pallet.analyses if analysis.path.startswith(f"{inside}/"))
