"""Targets that tests of reinterpretation share; opened once for each process."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from fitgui.pallets import Analysis, Pallet, open_pallet
from fitgui.reinterpretation.model import Signal, Target
from fitgui.reinterpretation.target.target import target_of
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines import load_engine
from fitgui_backends.engines.base import PreparedWorkspace
from fitgui_backends.results import FitResult
from tests.builders import make_patch_set, make_workspace

STAU = "atlas-susy-2018-04-stau.tar.gz"
THREE_LEPTONS = "atlas-susy-2018-06-3L-eRJR.tar.gz"
ONE_LEPTON = "atlas-susy-2019-08-1Lbb.tar.gz"

REAL = (
    (STAU, "Region-combined"),
    (STAU, "Region-lowMass"),
    (STAU, "Region-highMass"),
    (THREE_LEPTONS, "BkgOnly"),
    (ONE_LEPTON, "BkgOnly"),
)
"""File and analysis of the published pallets."""


@cache
def pallet_of(path: Path | str) -> Pallet:
    """A pallet, opened once."""
    return open_pallet(path)


@cache
def real_target(folder: Path, file: str, analysis: str) -> Target:
    """A target of a published pallet; ``folder`` is the fixture ``real_pallets``."""
    pallet = pallet_of(folder / file)
    return target_of(pallet, analysis_of(pallet, analysis))


@cache
def example_target() -> Target:
    """The bundled example: SR (3 bins), CR_W (3 bins), CR_top (2 bins)."""
    pallet = pallet_of("example")
    return target_of(pallet, pallet.analyses[0])


def without_uncertainties(signal: Signal) -> Signal:
    """The yields alone, as many tools give them; the luminosity stays as it was."""
    return replace(signal, statistical={}, systematics=(), patch=None)


def analysis_of(pallet: Pallet, name: str) -> Analysis:
    """The analysis of that name."""
    return next(analysis for analysis in pallet.analyses if analysis.name == name)


def fit(target: Target, operations: bytes, name: str = "point") -> FitResult:
    """What newton says of a patch."""
    key = target.analysis.digest, target.measurement
    if key not in _prepared:
        _prepared[key] = load_engine("newton").prepare(
            target.analysis.workspace, target.measurement, FitOptions()
        )
    if (*key, operations) not in _fitted:
        _fitted[*key, operations] = _prepared[key].fit(FitPoint(name=name, operations=operations))
    return _fitted[*key, operations]


_prepared: dict[tuple[str, str | None], PreparedWorkspace] = {}
_fitted: dict[tuple[str, str | None, bytes], FitResult] = {}
"""Several tests compare with the same patches."""


def opened(folder: Path, workspace: dict[str, Any], patches: dict[str, Any] | None = None) -> Pallet:
    """A pallet of one workspace, written to disk and read again."""
    (folder / "BkgOnly.json").write_text(json.dumps(workspace), encoding="utf-8")
    if patches is not None:
        (folder / "patchset.json").write_text(json.dumps(patches), encoding="utf-8")
    return open_pallet(folder)


def target_without_validation_region(folder: Path) -> Target:
    """Of a workspace with a validation region ``VR``, which every published patch removes."""
    workspace = make_workspace({"SR": [12.0, 5.0], "CR": [80.0], "VR": [20.0]})
    patches = make_patch_set(workspace)
    for patch in patches["patches"]:
        patch["patch"] += [
            {"op": "remove", "path": "/channels/2"},
            {"op": "remove", "path": "/observations/2"},
        ]
    pallet = opened(folder, workspace, patches)
    return target_of(pallet, pallet.analyses[0])
