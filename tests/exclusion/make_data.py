"""Fits the published pallets with newton and writes down what tests of exclusions need: ``data/*.json``.

``python -m tests.exclusion.make_data [FOLDER]``: FOLDER holds the pallets (see CONTRIBUTING.md). A file is
``{"pallet", "analysis", "labels": [x, y], "names": [n], "x": [n], "y": [n], "cls": [n][6], "limits": [n][6],
"converged": [n]}``; the six are observed and expected at -2 to +2 sigma, ``null`` is no limit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PALLETS = HERE.parents[2] / "shared" / "pallets"
ANALYSES = {
    "1Lbb": ("atlas-susy-2019-08-1Lbb.tar.gz", "BkgOnly"),
    "stau-combined": ("atlas-susy-2018-04-stau.tar.gz", "Region-combined"),
    "stau-lowMass": ("atlas-susy-2018-04-stau.tar.gz", "Region-lowMass"),
    "stau-highMass": ("atlas-susy-2018-04-stau.tar.gz", "Region-highMass"),
    "3L": ("atlas-susy-2018-06-3L-eRJR.tar.gz", "BkgOnly"),
}
DIGITS = 8
"""Significant ones: newton and pyhf agree to fewer, and CLs far inside an exclusion is tiny."""


def fitted(pallet: Path, analysis: str) -> dict[str, Any]:
    """What ``fitgui run --limits`` answers."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "fitgui", "run", str(pallet)]
        command += ["--analysis", analysis, "--limits", "--json"]
        environment = {**os.environ, "FITGUI_DATA": folder}
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def condensed(document: dict[str, Any]) -> dict[str, Any]:
    """The part of a results file that is kept."""
    points = document["points"]
    x, y = list(points[0]["values"])[:2]
    return {
        "pallet": document["pallet"]["name"],
        "analysis": document["analysis"]["name"],
        "labels": [x, y],
        "names": [point["name"] for point in points],
        "x": [point["values"][x] for point in points],
        "y": [point["values"][y] for point in points],
        "cls": [_rounded([point["cls_obs"], *point["cls_exp"]]) for point in points],
        "limits": [_rounded([point["mu_upper_obs"], *point["mu_upper_exp"]]) for point in points],
        "converged": [point["converged"] for point in points],
    }


def _rounded(values: list[float | None]) -> list[float | None]:
    return [None if value is None else float(f"{value:.{DIGITS}g}") for value in values]


def written(content: dict[str, Any]) -> str:
    """JSON with one line for each column."""
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items())
    return "{" + ",\n ".join(lines) + "}\n"


def main() -> None:
    """Write all files."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PALLETS
    for name, (pallet, analysis) in ANALYSES.items():
        target = HERE / "data" / f"{name}.json"
        target.write_text(written(condensed(fitted(folder / pallet, analysis))), encoding="utf-8")
        print(target.relative_to(HERE), target.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
