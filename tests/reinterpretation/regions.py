"""Targets and files of regions that tests of region maps make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fitgui.pallets.model import Analysis, Channel
from fitgui.reinterpretation.kinds import kind_by_name
from fitgui.reinterpretation.model import (
    BinRef,
    Imported,
    ImportedPoint,
    RegionMap,
    RegionYield,
    Target,
    TargetChannel,
)


def made_target(bins: Mapping[str, int], *, digest: str = "0" * 64, path: str = "BkgOnly.json") -> Target:
    """A target with these channels; kinds by their names."""
    analysis = Analysis(
        name="BkgOnly",
        path=path,
        workspace={},
        workspace_json=b"{}",
        digest=digest,
        channels=tuple(Channel(name, number, ("bkg",)) for name, number in bins.items()),
        parameters=1,
        poi="mu_SIG",
        measurements=("NormalMeasurement",),
        patch_sets=(),
    )
    channels = tuple(
        TargetChannel(name, kind_by_name(name), "its name", (1.0,) * number, (1.0,) * number)
        for name, number in bins.items()
    )
    return Target("made", "made.json", analysis, None, "mu_SIG", channels)


ONE_LEPTON = made_target(
    {
        **dict.fromkeys(("WCREM_cuts", "STCREM_cuts", "TCRHMEM_cuts", "TCRMMEM_cuts", "TCRLMEM_cuts"), 1),
        **dict.fromkeys(("SRHMEM_mct2", "SRMMEM_mct2", "SRLMEM_mct2"), 3),
    }
)
"""As the 1Lbb search, with CR in the names of its control regions."""
STAU = made_target(dict.fromkeys(("QCR1cut_cuts", "QCR2cut_cuts", "SR1cut_cuts", "SR2cut_cuts"), 1))


def imported(regions: Iterable[str], *, tool: str = "csv", ordered: bool = False) -> Imported:
    """A file with one point, whose regions have 1, 2, 3 ... events."""
    yields = tuple(RegionYield(region, float(number)) for number, region in enumerate(regions, start=1))
    return Imported(tool, "signal.txt", "", (), (ImportedPoint("point", {}, yields),), ordered=ordered)


def texts(region_map: RegionMap, target: Target) -> dict[str, str]:
    """Bins by region, as they are written; regions without a bin are left out."""
    return {one.region: ", ".join(map(target.text, one.bins)) for one in region_map.assignments if one.bins}


def taken(region_map: RegionMap) -> list[BinRef]:
    """All bins that are given, as often as they are."""
    return [place for one in region_map.assignments for place in one.bins]
