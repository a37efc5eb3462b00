"""Sends published signals through every format and writes docs/reinterpretation-closure-formats.md.

``.venv/bin/python -m tests.reinterpretation.make_format_closure [FOLDER]``, where FOLDER holds the published
pallets.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from fitgui.reinterpretation.model import Target
from fitgui.reinterpretation.patching.patch import signal_patch
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui_backends.results import FitResult
from tests.conftest import REPOSITORY
from tests.reinterpretation.format_round_trips import FORMATS, through
from tests.reinterpretation.make_closure import POINTS, TITLES, chosen
from tests.reinterpretation.targets import REAL, fit, real_target

PAGE = REPOSITORY / "docs" / "reinterpretation-closure-formats.md"
MEASURED = (REAL[0], REAL[3], REAL[4])

HEADER = """# What formats keep of a published signal

Each of {points} published points of a pallet, at even distances over its list, is written as a tool would
write it (efficiencies at a cross section of 20 fb and a luminosity of 139/fb; regions under the tool's own
names where fitgui knows them), read again, mapped to bins by these names, and fitted with the newton
engine. *Same content* is a patch of what the format can hold, without having been in a file: the largest
difference of CLs, observed or expected, is what writing and reading cost. *Full patch* is the published
one: the difference of the observed CLs (median, largest) is what the format does not hold; [the other
page](reinterpretation-closure.md) takes that apart.

| pallet | format | holds | same content: largest | full patch: median | largest |
|---|---|---|---|---|---|
"""

FOOTER = """
CSV, JSON, paste and CheckMATE keep all digits of a number, cut-flows seven; for SimpleAnalysis and
`CLs_output` the same content is what is left after rounding. A patch set is fitted as it is.

Made by `.venv/bin/python -m tests.reinterpretation.make_format_closure`; the tests send one point of
stau and of 1Lbb through every format each time.
"""


def largest(one: FitResult, other: FitResult) -> float:
    """The largest difference of the six CLs of two fits."""
    pairs = zip((one.cls_obs, *one.cls_exp), (other.cls_obs, *other.cls_exp), strict=True)
    return max(abs(first - second) for first, second in pairs)


def rows(target: Target, title: str) -> list[str]:
    """The lines of a pallet in the table."""
    points = chosen(target)
    signals = [signal_of_point(target, point) for point in points]
    full = [fit(target, point.operations) for point in points]
    lines = []
    for name, trip in FORMATS.items():
        same, off = [], []
        for signal, whole in zip(signals, full, strict=True):
            with tempfile.TemporaryDirectory() as folder:
                found = fit(target, signal_patch(target, through(target, signal, name, Path(folder))))
            same.append(largest(found, fit(target, signal_patch(target, trip.content(signal)))))
            off.append(abs(found.cls_obs - whole.cls_obs))
        numbers = (max(same), float(np.median(off)), max(off))
        lines.append(
            f"| {title} | {name} | {trip.holds} | " + " | ".join(f"{each:.1g}" for each in numbers) + " |"
        )
    return lines


def main(folder: Path) -> None:
    """Measure and write the page."""
    lines: list[str] = []
    for file, analysis in MEASURED:
        found = rows(real_target(folder, file, analysis), TITLES[file])
        lines += found
        print("\n".join(found), flush=True)
    PAGE.write_text(HEADER.format(points=POINTS) + "\n".join(lines) + "\n" + FOOTER, encoding="utf-8")


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("FITGUI_PALLETS")
    main(Path(given) if given else REPOSITORY.parent / "shared" / "pallets")
