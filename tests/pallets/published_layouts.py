"""Files as they are published, and what must come out of each (whose: see :mod:`tests.hepdata.layouts`)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.hepdata import layouts

Point = Mapping[str, float | str]


@dataclass(frozen=True)
class Expected:
    """What must come out of a file.

    Args:
        points: How many, by analysis.
        labels: Of every analysis with points.
        example: A point of the first analysis, and where it lies.
        verified: Whether the patch sets name their workspaces rightly; ``None`` where nothing says so.
        problems: Of the pallet, as they begin.
        doubts: The problems of every analysis.
    """

    points: dict[str, int]
    labels: tuple[str, ...] = ()
    example: tuple[str, Point] | None = None
    verified: bool | None = True
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """A file as it is published, and what must come out of it."""

    name: str
    content: Callable[[], bytes]
    expected: Expected
    kind: str = "HistFactory"
    """As HEPData has it."""


REGIONS = ("RegionA", "RegionB", "RegionC")
LAYOUTS = {
    "one workspace, with leftovers of macOS": Layout(
        "1Lbb-likelihoods-hepdata.tar.gz",
        layouts.lbb,
        Expected({"BkgOnly": 125}, ("m1", "m2"), ("C1N2_Wh_hbb_150_0", {"m1": 150.0, "m2": 0.0})),
    ),
    "zip with two folders at the top": Layout(
        "Likelihoods.zip",
        layouts.two_top_folders,
        Expected({"RegionA": 2, "RegionB": 2}, ("mg", "mn"), ("GG_1200_1", {"mg": 1200.0, "mn": 1.0})),
    ),
    "tar of .json.tgz": Layout(
        "llh_jsons.tar",
        layouts.nested,
        Expected(
            {"RJR_C1N2": 2, "STR_GG": 3, "ewk_discovery": 1},
            ("m1", "m2"),
            ("C1N2_300_100", {"m1": 300.0, "m2": 100.0}),
        ),
    ),
    "in a folder": Layout(
        "statistical_models.tar.gz",
        functools.partial(layouts.compressed_spectra, 1),
        Expected(
            {"offshell": 6, "onshell": 1},
            ("m1", "m2"),
            ("CN_WZ_150_100_higgsino_offshell", {"m1": 150.0, "m2": 100.0}),
        ),
    ),
    "a patch in each file": Layout(
        "HEPData_workspaces.tar.gz",
        layouts.sbottom_first,
        Expected(
            dict.fromkeys(REGIONS, 2),
            ("x1", "x2", "x3"),
            ("sbottom_900_280_150", {"x1": 900.0, "x2": 280.0, "x3": 150.0}),
            verified=None,
        ),
        kind="gz",
    ),
    "patches that remove channels": Layout(
        "HEPData_workspaces.tar.gz",
        layouts.sbottom,
        Expected(
            dict.fromkeys(REGIONS, 2),
            ("m_sbottom", "m_neutralino2", "m_neutralino1"),
            ("sbottom_1300_850_60", {"m_sbottom": 1300.0, "m_neutralino2": 850.0, "m_neutralino1": 60.0}),
        ),
    ),
    "a workspace for each point beside patch sets": Layout(
        "Likelihoods.zip",
        layouts.complete_workspaces,
        Expected(
            {"SRMET": 2, "SRMU": 2},
            ("mass", "lifetime"),
            ("StopRHadron_1200_100", {"mass": 1200.0, "lifetime": 100.0}),
            problems=(
                "2 complete workspaces of SRMET repeat points of a patch set",
                "2 complete workspaces of SRMU repeat points of a patch set",
            ),
        ),
    ),
    "a workspace for each point and nothing else": Layout(
        "Likelihoods.zip",
        layouts.only_complete_workspaces,
        Expected(
            {"SRMET": 3, "SRMU": 3},
            ("x1", "x2"),
            ("StopRHadron_1400_100", {"x1": 1400.0, "x2": 100.0}),
            verified=None,
        ),
    ),
    "seven coordinates": Layout(
        "FullLikelihoods_sm.tar.gz",
        layouts.branching,
        Expected(
            {"inclusive": 6},
            ("brZ", "brH", "brW", "bre", "brm", "brt", "mass"),
            (
                "brZ_60_brH_20_brW_20_bre_33_brm_33_brt_33_mass_500",
                {"brZ": 60.0, "brH": 20.0, "brW": 20.0, "bre": 33.0, "brm": 33.0, "brt": 33.0, "mass": 500.0},
            ),
        ),
    ),
    "seven coordinates that only the names tell": Layout(
        "FullLikelihoods_sm.tar.gz",
        layouts.branching_names,
        Expected(
            {"inclusive": 6},
            ("brZ", "brH", "brW", "bre", "brm", "brt", "mass"),
            (
                "brZ_60_brH_20_brW_20_bre_33_brm_33_brt_33_mass_500",
                {"brZ": 60.0, "brH": 20.0, "brW": 20.0, "bre": 33.0, "brm": 33.0, "brt": 33.0, "mass": 500.0},
            ),
            verified=None,
        ),
    ),
    "words among the values": Layout(
        "likelihoods.tar.gz",
        layouts.words_as_values,
        Expected(
            {"BkgOnly": 4},
            ("model", "m1", "m2", "m3"),
            ("SS_oneStep_1400_700_60", {"model": "SS", "m1": 1400.0, "m2": 700.0, "m3": 60.0}),
        ),
    ),
    "an empty digest": Layout(
        "GG.tar.xz",
        layouts.empty_digest,
        Expected(
            {"BkgOnly": 2},
            ("m1", "m2"),
            ("GG_1400_60", {"m1": 1400.0, "m2": 60.0}),
            verified=None,
            doubts=("Patch set patchset gives no digest, so nothing proves that it belongs here.",),
        ),
    ),
    "several patch sets for one workspace": Layout(
        "likelihoods.tar.gz",
        layouts.several_patch_sets,
        Expected(
            {"bkgonly": 6},
            ("m_C1", "m_N1", "m_slepton"),
            ("C1C1WW_300_50", {"m_C1": 300.0, "m_N1": 50.0}),
        ),
    ),
    "bare JSON": Layout("workspace.json", layouts.bare, Expected({"workspace": 0}, verified=None)),
}
