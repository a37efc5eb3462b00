"""Make the region maps that come with fitgui, from public sources.

Two sources are read from clones of their repositories: the database of SModelS (``globalInfo.txt``,
``dataInfo.txt`` and the workspaces in it) and CheckMATE (``pyhf_conf.json`` and ``analysis_info``). What
others call regions was looked up by hand and stands below. Where a workspace is at hand, channels, bins and
the observed events of every region are compared with it; a region that does not agree is left out, and said.
The same input gives the same output.

    python resources/make_regions.py SMODELS_CLONE CHECKMATE_CLONE [PALLET ...]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fitgui.pallets import open_pallet
from fitgui.reinterpretation.kinds import kind_by_name
from fitgui.reinterpretation.mapping.documents import MapFile, encoded
from fitgui.reinterpretation.mapping.foreign import ForeignMap, checkmate_maps, smodels_maps
from fitgui.reinterpretation.mapping.same_names import place_of
from fitgui.reinterpretation.model import RegionKind

FOLDER = Path(__file__).resolve().parent / "regions"
SMODELS = "13TeV/ATLAS/{}-eff"
CLOSE = 0.5
"""Events, or 2 %: zeros are 1e-4 or 1e-8 in some workspaces, and 331 in a paper may be 332 in the file."""

SMODELS_SEARCHES = {
    "ATLAS-SUSY-2018-04": "ins1765529",
    "ATLAS-SUSY-2018-05-ewk": "ins2072870",
    "ATLAS-SUSY-2018-14": "ins1831504",
    "ATLAS-SUSY-2018-16": "ins1767649",
    "ATLAS-SUSY-2018-22-multibin": "ins1827025",
    "ATLAS-SUSY-2018-31": "ins1748602",
    "ATLAS-SUSY-2018-32": "ins1750597",
    "ATLAS-SUSY-2019-08": "ins1755298",
    "ATLAS-SUSY-2019-09": "ins1866951",
}
CHECKMATE_SEARCHES = {
    "atlas_1908_03122": ("ATLAS-SUSY-2018-31", "ins1748602"),
    "atlas_1908_08215": ("ATLAS-SUSY-2018-32", "ins1750597"),
    "atlas_1911_06660": ("ATLAS-SUSY-2018-04", "ins1765529"),
    "atlas_1911_12606": ("ATLAS-SUSY-2018-16", "ins1767649"),
    "atlas_2010_14293": ("ATLAS-SUSY-2018-22", "ins1827025"),
    "atlas_2101_01629": ("ATLAS-SUSY-2018-10", "ins1839446"),
    "atlas_2106_01676": ("ATLAS-SUSY-2019-09", "ins1866951"),
    "atlas_2211_08028": ("ATLAS-SUSY-2018-30", "ins2182381"),
}
PUBLISHED_AS = {
    ("ins1765529", "SRcombined.json"): "",
    ("ins1748602", "BkgOnlyA.json"): "RegionA/BkgOnly.json",
    ("ins1748602", "BkgOnlyB.json"): "RegionB/BkgOnly.json",
    ("ins1748602", "BkgOnlyC.json"): "RegionC/BkgOnly.json",
    ("ins1767649", "EWKinos_bkgonly_SR2lOnly.json"): "EWKinos_bkgonly.json",
    ("ins1827025", "simplified_MB-C_noCR_bkgonly.json"): "MB-C_bkgonly.json",
    ("ins1827025", "simplified_MB-SSd_noCR_bkgonly.json"): "MB-SSd_bkgonly.json",
    ("ins1827025", "simplified_MB-GGd_noCR_bkgonly.json"): "MB-GGd_bkgonly.json",
}
"""What the workspaces of SModelS are called where they were published; empty where all of a paper have it."""
CHANNELS = {
    "ins1748602": {
        **{f"SRA_{letter}": f"SR_meff[{number}]" for number, letter in enumerate("LMH")},
        "SRB": "SR_cuts",
        **{f"SRC_{cut}": f"SR_metsigST[{number}]" for number, cut in enumerate((22, 24, 26, 28))},
    },
    "ins1831504": {name: f"{name}_cuts" for name in ("SRee", "SRmm", "SRem")},
    "ins1866951": {f"SRWZ_{number}": f"SR{number}_WZ_cuts" for number in range(1, 21)},
}
"""Where SModelS gives an order only: the channels of the workspaces in its database, by observed events."""
MISPRINTS = {
    "atlas_1911_12606": (
        ("SSRmm_eMLLf_hghmet_cuts", "SRmm_eMLLf_hghmet_cuts", "E-high-mm-30"),
        ("SRmm_eMLLg_lowmet_deltaM_high_cuts", "SRmm_eMLLh_lowmet_deltaM_high_cuts", "E-low-mm-60"),
    ),
    "atlas_1908_03122": (
        ("SR_meff[0]", "SR_meff[2]", "SRAH"),
        ("SR_meff[1]", "SR_meff[0]", "SRAL"),
        ("SR_meff[2]", "SR_meff[1]", "SRAM"),
    ),
}
"""(as CheckMATE has it, as it must be, region); what must be is what the observed events say."""

LEVELS = ("Low", "Med", "High")
LBB = ("LM", "MM", "HM")
CUTS = (
    "by the selection: transverse mass 100-160 (LM), 160-240 (MM), above 240 GeV (HM), bins of mCT from 180, "
    "230, 280 GeV"
)
BY_HAND = (
    MapFile(
        "simpleanalysis",
        "ATLAS-SUSY-2019-08",
        {
            **{
                f"SR_h_{level}_bin{number}": (f"SR{name}EM_mct2[{number - 1}]",)
                for level, name in zip(LEVELS, LBB, strict=True)
                for number in (1, 2, 3)
            },
            **{
                f"CR_tt_{level}": (f"TR{name}EM_cuts",) for level, name in zip(LEVELS, LBB, strict=True)
            },
            "WCR": ("WREM_cuts",),
            "STCR": ("STCREM_cuts",),
        },
        ignored=(
            *(f"SR_h_{level}{end}" for level in LEVELS for end in ("", "_Incl")),
            *(f"VR_{side}_{level}" for side in ("off", "on") for level in LEVELS),
            *(f"presel_{step}" for step in ("1L", "2J", "bb", "met", "mbb")),
        ),
        references=("ins1755298",),
        source=f"EwkOneLeptonTwoBjets2018 of SimpleAnalysis, {CUTS}; sums and validation regions "
        "are left out.",
    ),
    MapFile(
        "madanalysis",
        "ATLAS-SUSY-2019-08",
        {
            f"{name}{level}CT": (f"SR{name}EM_mct2[{number}]",)
            for name in LBB
            for number, level in enumerate(("low", "med", "high"))
        },
        ignored=tuple(f"{name}disc" for name in LBB),
        references=("ins1755298",),
        source=f"atlas_susy_2019_08 of the Public Analysis Database of MadAnalysis 5, {CUTS}; sums "
        "are left out.",
    ),
    MapFile(
        "gambit",
        "ATLAS-SUSY-2019-08",
        {
            **{
                f"SR{name}EM_mct2_{number}": (f"SR{name}EM_mct2[{number}]",)
                for name in reversed(LBB)
                for number in range(3)
            },
            **{
                f"{name}_cuts_0": (f"{name}_cuts",)
                for name in ("WREM", "STCREM", "TRHMEM", "TRMMEM", "TRLMEM")
            },
        },
        references=("ins1755298",),
        source="Analysis_ATLAS_13TeV_1Lep2b_139invfb of GAMBIT, ColliderBit.",
    ),
    *(
        MapFile(
            tool,
            "ATLAS-SUSY-2018-06",
            {"SR_low": ("SRlow_cuts",), "SR_ISR": ("SRISR_cuts",)},
            references=("ins1771533",),
            source=source,
        )
        for tool, source in (
            ("smodels", "Folders SR_low and SR_ISR of ATLAS-SUSY-2018-06-eff, database of SModelS."),
            ("madanalysis", "atlas_susy_2018_06 of the Public Analysis Database of MadAnalysis 5."),
        )
    ),
    MapFile(
        "madanalysis",
        "ATLAS-SUSY-2018-04",
        {"SRlow": ("SR1cut_cuts",), "SRhigh": ("SR2cut_cuts",)},
        references=("ins1765529",),
        source="ATLAS_SUSY_2018_04 for MadAnalysis 5; which channel is which by the observed "
        "events, 10 and 7.",
    ),
    *(
        MapFile(
            "madanalysis",
            "ATLAS-SUSY-2018-31",
            {region: (CHANNELS["ins1748602"][region],) for region in regions},
            ignored=sums,
            workspaces=(workspace,),
            references=("ins1748602",),
            source="atlas_susy_2018_31 of the Public Analysis Database of MadAnalysis 5, as in ma5_expert; "
            "sums are left out.",
        )
        for workspace, regions, sums in (
            ("RegionA/BkgOnly.json", ("SRA_L", "SRA_M", "SRA_H"), ("SRA",)),
            ("RegionB/BkgOnly.json", ("SRB",), ()),
            ("RegionC/BkgOnly.json", ("SRC_22", "SRC_24", "SRC_26", "SRC_28"), ("SRC",)),
        )
    ),
    MapFile(
        "simpleanalysis",
        "ATLAS-SUSY-2019-09",
        {
            region: (re.sub(r"_([0n])j(\w+)", r"_\1J\2_cuts", region),)
            for region in (
                *(f"SR{met}_{jets}j{end}" for met, jets, ends in (
                    ("low", "0", "b c d e f1 f2 g1 g2"),
                    ("low", "n", "b c d e f1 f2 g1 g2"),
                    ("high", "0", "b c d e f1 f2 g1 g2"),
                    ("high", "n", "a b c d e f g"),
                ) for end in ends.split()),
            )
        }
        | {"CRWZ_0j": ("CR_0J_WZ_cuts",), "CRWZ_nj": ("CR_nJ_WZ_cuts",)},
        ignored=(
            "3L", "Presel", "Presel_offshell", "Presellow_0j", "Presellow_nj", "Preselhigh_0j",
            "Preselhigh_nj",
            "SRlow_0j", "SRlow_nj", "SRhigh_0j", "SRhigh_nj",
            "VRWZ_0j", "VRWZ_nj", "VRWZ_nj_lowmll", "VRttbar",
        ),
        workspaces=("bkg_offshell.json",),
        references=("ins1866951",),
        source="EwkThreeLeptonOffshell2018 of SimpleAnalysis; sums and validation regions are left out.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Workspace:
    """What is compared with a workspace: observed events by channel."""

    digest: str
    observed: Mapping[str, list[float]]
    name: str = ""
    references: tuple[str, ...] = ()


@dataclass(slots=True)
class Sources:
    """What was read."""

    smodels: Path
    checkmate: Path
    workspaces: list[Workspace] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def main() -> None:
    """Write ``resources/regions``."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("smodels", type=Path, help="clone of github.com/SModelS/smodels-database-release")
    parser.add_argument("checkmate", type=Path, help="clone of github.com/CheckMATE2/checkmate2")
    parser.add_argument("pallets", type=Path, nargs="*", help="published pallets to compare with")
    given = parser.parse_args()
    sources = Sources(given.smodels, given.checkmate)
    for path in given.pallets:
        for analysis in open_pallet(path).analyses:
            observed = {each["name"]: each["data"] for each in analysis.workspace["observations"]}
            sources.workspaces.append(
                Workspace(analysis.digest, observed, analysis.path, analysis.references)
            )
    made = [
        *(
            found
            for search, paper in SMODELS_SEARCHES.items()
            for found in of_smodels(sources, search, paper)
        ),
        *(
            found
            for search, (name, paper) in CHECKMATE_SEARCHES.items()
            for found in of_checkmate(sources, search, name, paper)
        ),
        *(checked(sources, found, {}) for found in BY_HAND),
    ]
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for found in made:
        path = FOLDER / f"{_file_name(found, made)}.json"
        if path.exists():
            raise SystemExit(f"{path} twice")
        path.write_bytes(encoded(found))
    print("\n".join(sources.said))
    print(f"{len(made)} maps, {sum(bool(found.digests) for found in made)} of them compared with workspaces")


def of_smodels(sources: Sources, search: str, paper: str) -> Iterable[MapFile]:
    """The maps of a search in the database of SModelS."""
    folder = SMODELS.format(search)
    files = set(_git(sources.smodels, "ls-tree", "-r", "--name-only", "HEAD", folder + "/").split())
    observed = {}
    for file in files:
        if file.endswith("/dataInfo.txt"):
            text = _show(sources.smodels, file)
            if (found := re.search(r"^observedN:\s*(\S+)", text, re.MULTILINE)) is not None:
                observed[file.split("/")[-2]] = float(found[1])
    for each in smodels_maps(_show(sources.smodels, f"{folder}/globalInfo.txt"), search):
        own = each.workspaces[0]
        if "fake" in own:  # made by SModelS, not published
            continue
        if f"{folder}/{own}" in files and "simplified" not in own:
            _remember(sources, paper, own, f"{folder}/{own}")
        for region in each.ordered:
            each.add(region, CHANNELS.get(paper, {}).get(region, _with_cuts(region)))
        workspace = PUBLISHED_AS.get((paper, own), own)
        yield checked(
            sources,
            MapFile(
                "smodels",
                search.removesuffix("-multibin").removesuffix("-ewk"),
                each.regions,
                channels=each.channels,
                workspaces=(workspace,) if workspace else (),
                references=(paper,),
                source=f"globalInfo.txt of {search}-eff in the database of SModelS, "
                f"github.com/SModelS/smodels-database-release, {_date(sources.smodels)}.",
            ),
            observed,
        )


def of_checkmate(sources: Sources, search: str, name: str, paper: str) -> Iterable[MapFile]:
    """The maps of a search in CheckMATE; of many workspaces with a channel or two each, one for all."""
    text = _show(sources.checkmate, f"data/{search}/pyhf_conf.json")
    misprints = MISPRINTS.get(search, ())
    for wrong, right, region in misprints:
        text = re.sub(rf'"{re.escape(wrong)}"(\s*:\s*"{re.escape(region)}")', rf'"{right}"\1', text)
    info = json.loads(_show(sources.checkmate, f"data/analysis_info/ATLAS_13TeV/{search}_var.j"))
    observed = {
        region: float(each["obs"]) for region, each in info["reference_data"].items() if "obs" in each
    }
    known = set(info["signal_regions"]) | set(info.get("control_regions", ()))
    maps = checkmate_maps(json.loads(text), search)
    if len(maps) > 6:
        joined = ForeignMap("")
        for each in maps:
            joined.regions |= each.regions
        maps = [joined]
    said = "; misprints of that file are mended, as the observed events tell" if misprints else ""
    for each in maps:
        regions = {region: bins for region, bins in each.regions.items() if region in known}
        yield checked(
            sources,
            MapFile(
                "checkmate",
                name,
                regions,
                workspaces=each.workspaces,
                references=(paper,),
                source=f"data/{search}/pyhf_conf.json of CheckMATE, github.com/CheckMATE2/checkmate2, "
                f"{_date(sources.checkmate)}{said}.",
            ),
            observed,
        )


def checked(sources: Sources, found: MapFile, observed: Mapping[str, float]) -> MapFile:
    """A map without what disagrees with the workspaces that are at hand, and with their digests."""
    regions = dict(found.regions)
    kinds: dict[str, RegionKind] = dict(found.channels)
    usable = []
    for workspace in sources.workspaces:
        if not set(workspace.references) & set(found.references):
            continue
        named = {place_of(text).channel for bins in regions.values() for text in bins}
        name_fits = not found.workspaces or any(
            f"/{workspace.name}".endswith(f"/{each}") for each in found.workspaces
        )
        if named & set(workspace.observed) and name_fits:
            usable.append(workspace)
    for workspace in usable:
        for region, bins in list(regions.items()):
            if not _present(bins[0], workspace):
                continue
            place = place_of(bins[0])
            seen = workspace.observed[place.channel][place.bin]
            if abs(observed.get(region, seen) - seen) > max(CLOSE, 0.02 * seen):
                sources.said.append(
                    f"{found.tool} {found.analysis}: {region} has {observed[region]:g} events, "
                    f"{bins[0]} {seen:g}: left out"
                )
                del regions[region]
        for channel in workspace.observed:
            kinds.setdefault(channel, kind_by_name(channel))
    nowhere = [
        region
        for region, bins in regions.items()
        if usable and not any(_present(bins[0], workspace) for workspace in usable)
    ]
    if nowhere:
        sources.said.append(f"{found.tool} {found.analysis}: in no workspace at hand: {', '.join(nowhere)}")
    if found.references == ("ins1755298",):
        kinds |= {f"TR{name}EM_cuts": RegionKind.CONTROL for name in LBB} | {
            "WREM_cuts": RegionKind.CONTROL,
            "STCREM_cuts": RegionKind.CONTROL,
        }
    kinds = {name: kind for name, kind in kinds.items() if kind is not RegionKind.UNKNOWN}
    digests = tuple(dict.fromkeys(workspace.digest for workspace in usable))
    end = "" if digests else " Not compared with the published workspace."
    return replace(found, regions=regions, channels=kinds, digests=digests, source=found.source + end)


def _present(text: str, workspace: Workspace) -> bool:
    place = place_of(text)
    size = len(workspace.observed.get(place.channel, ()))
    return place.bin < size and (size == 1 or text != place.channel)


def _remember(sources: Sources, paper: str, own: str, file: str) -> None:
    try:
        document: dict[str, Any] = json.loads(_show(sources.smodels, file))
    except (subprocess.CalledProcessError, json.JSONDecodeError):
        return
    canonical = json.dumps(document, sort_keys=True, ensure_ascii=False).encode()
    name = PUBLISHED_AS.get((paper, own), own) or own
    sources.workspaces.append(
        Workspace(
            hashlib.sha256(canonical).hexdigest(),
            {each["name"]: each["data"] for each in document["observations"]},
            name,
            (paper,),
        )
    )


def _with_cuts(region: str) -> str:
    return region if region.endswith("_cuts") else f"{region}_cuts"


def _file_name(found: MapFile, made: Iterable[MapFile]) -> str:
    several = sum((each.tool, each.references) == (found.tool, found.references) for each in made) > 1
    label = (
        re.sub(r"(/?bkg_?only|/?BkgOnly|\.json|_bkgonly)+$", "", (found.workspaces or ("",))[0])
        if several
        else ""
    )
    return "-".join(part for part in (found.references[0], found.tool, label.replace("/", "-")) if part)


def _show(clone: Path, file: str) -> str:
    return _git(clone, "show", f"HEAD:{file}")


def _date(clone: Path) -> str:
    return _git(clone, "log", "-1", "--format=%cd", "--date=format:%B %Y").strip()


def _git(clone: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603
        ["git", "-C", str(clone), *arguments],  # noqa: S607
        capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip


if __name__ == "__main__":
    main()
