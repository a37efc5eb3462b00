"""What the tests of layouts and of pairing share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyhf

from fitgui.pallets import Analysis, Pallet
from fitgui_backends.histfactory.patching import apply_patch, decode_operations
from tests.builders import make_patch_set, make_workspace

WORKSPACE = make_workspace()
PATCHES = make_patch_set(WORKSPACE)
REGIONS = {
    "RegionA": make_workspace({"SRA": [5.0, 3.0], "CR": [50.0]}),
    "RegionB": make_workspace({"SRB": [7.0], "CR": [50.0]}),
    "RegionC": make_workspace({"SRC": [9.0, 8.0, 7.0], "CR": [50.0]}),
}
Write = Callable[..., Path]
BRANCHING = dict(zip("abcdefg", [60.0, 20.0, 20.0, 33.0, 33.0, 33.0, 500.5], strict=True))


def save(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def summary(pallet: Pallet) -> dict[str, tuple[int, bool | None]]:
    return {analysis.name: (len(analysis.points), analysis.digest_verified) for analysis in pallet.analyses}


def only(pallet: Pallet) -> Analysis:
    assert len(pallet.analyses) == 1
    return pallet.analyses[0]


def as_pyhf_counts(analysis: Analysis) -> int:
    """Parameters of pyhf's model with the first point."""
    document = apply_patch(analysis.workspace, decode_operations(analysis.points[0].operations))
    return int(pyhf.Workspace(document).model().config.npars)
