"""Write what cabinetry says of five points into ``cabinetry.json``, because it takes minutes for each.

``python -m tests.insight.make_references PALLETS`` with the folder of the archives; what is in the file
is not computed again.
"""

from __future__ import annotations

import os

# One core, read by the libraries when they load.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fitgui.pallets import Analysis, SignalPoint, open_pallet
from fitgui.resources import resource_path

STORED = Path(__file__).with_name("cabinetry.json")
ONE_LEPTON = "atlas-susy-2019-08-1Lbb.tar.gz"
STAU = "atlas-susy-2018-04-stau.tar.gz"
POINTS: tuple[tuple[str, str, str, int], ...] = (
    ("example", "", "XX_500_300", 100),
    ("example", "", "XX_400_100", 5),
    (STAU, "Region-lowMass", "DS_160_1_Staus", 2),
    (STAU, "Region-lowMass", "DS_280_40_Staus", 2),
    (ONE_LEPTON, "", "C1N2_Wh_hbb_500_150", 2),
)
"""Archive, analysis, point, how many impacts."""


def find(folder: Path, archive: str, analysis: str, name: str) -> tuple[Analysis, SignalPoint]:
    """A point of one of the pallets."""
    source = resource_path("example") if archive == "example" else folder / archive
    chosen = next(one for one in open_pallet(source).analyses if one.name == analysis or not analysis)
    return chosen, next(point for point in chosen.points if point.name == name)


def main() -> int:
    """Compute what is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.insight.make_references", description=__doc__)
    parser.add_argument("pallets", type=Path, help="the folder with the archives")
    from tests.insight.cabinetry_answers import answers  # noqa: PLC0415 - after the number of threads is set

    folder = parser.parse_args().pallets
    stored: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    for archive, analysis, name, ranked in POINTS:
        points = stored.setdefault("points", {})
        if name in points:
            continue
        points[name] = {
            "archive": archive,
            "analysis": analysis,
            **answers(*find(folder, archive, analysis, name), ranked=ranked),
        }
        stored["versions"] = {library: version(library) for library in ("cabinetry", "pyhf", "iminuit")}
        STORED.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        print(name, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
