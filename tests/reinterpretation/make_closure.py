"""Measures how much of a published patch its yields alone tell, and writes docs/reinterpretation-closure.md.

``.venv/bin/python -m tests.reinterpretation.make_closure [FOLDER]``; FOLDER holds the published pallets.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fitgui.pallets import SignalPoint
from fitgui.reinterpretation.model import Signal, Target
from fitgui.reinterpretation.patching.patch import signal_patch
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines import load_engine
from fitgui_backends.results import FitResult
from tests.conftest import REPOSITORY
from tests.reinterpretation import by_hand
from tests.reinterpretation.targets import REAL, fit, real_target, without_uncertainties

PAGE = REPOSITORY / "docs" / "reinterpretation-closure.md"
POINTS = 20
TITLES = {
    "atlas-susy-2018-04-stau.tar.gz": "stau",
    "atlas-susy-2018-06-3L-eRJR.tar.gz": "3L",
    "atlas-susy-2019-08-1Lbb.tar.gz": "1Lbb",
}
EXCLUDED = 0.05
SHOWN = 1e-4
"""Differences of CLs below count as none."""


def with_flat(share: float) -> Callable[[Signal], Signal]:
    """The yields with one relative uncertainty in all bins, as tools add it that know no better."""
    from fitgui.reinterpretation.model import Systematic  # noqa: PLC0415

    def change(signal: Signal) -> Signal:
        up = {channel: tuple(share * value for value in events) for channel, events in signal.yields.items()}
        down = {
            channel: tuple(-share * value for value in events) for channel, events in signal.yields.items()
        }
        return replace(without_uncertainties(signal), systematics=(Systematic("signal_flat", up, down),))

    return change


@dataclass(frozen=True, slots=True)
class Content:
    """What of a published signal is kept."""

    title: str
    change: Callable[[Signal], Signal]
    hand: Callable[[by_hand.Document, bytes], bytes] | None = None
    """The same by hand, where there is such a thing."""
    joined: bool = True
    """Whether the statistical uncertainty joins the staterror of the background where published ones do."""


CONTENTS = (
    Content(
        "yields, all uncertainties", lambda signal: replace(signal, patch=None), by_hand.with_uncertainties
    ),
    Content(
        "the same, statistical uncertainties on their own",
        lambda signal: replace(signal, patch=None),
        joined=False,
    ),
    Content("yields, statistical uncertainties", lambda signal: replace(signal, patch=None, systematics=())),
    Content("yields, 20 % on all of them", with_flat(0.2)),
    Content("yields alone", without_uncertainties, by_hand.yields_alone),
    Content("yields of signal regions alone", lambda signal: signal),
)


def chosen(target: Target) -> Sequence[SignalPoint]:
    """Points over the whole list, at even distances."""
    points = target.analysis.points
    return [points[round(place)] for place in np.linspace(0, len(points) - 1, POINTS)]


def content_of(target: Target, content: Content, signal: Signal) -> Signal:
    """What is left of a signal; the last content leaves the control regions without one."""
    if content is not CONTENTS[-1]:
        return content.change(signal)
    signal_regions = {channel.name for channel in target.channels if channel.is_signal}
    bare = without_uncertainties(signal)
    return replace(bare, yields={name: each for name, each in bare.yields.items() if name in signal_regions})


def on_its_own(target: Target) -> Target:
    """As if published signals had statistical uncertainties of their own: so has every other signal then."""
    return replace(target, channels=tuple(replace(channel, staterror="") for channel in target.channels))


def scale_row(target: Target, title: str) -> str:
    """How much upper limits depend on the scale at which the same yields are given."""
    engine = load_engine("newton").prepare(
        target.analysis.workspace, target.measurement, FitOptions(limits=True)
    )

    def limit(of: Target, signal: Signal) -> float | None:
        found = engine.fit(FitPoint(name=signal.name, operations=signal_patch(of, signal))).limits
        return None if found is None else found.obs

    near: list[float] = []
    far: list[float] = []
    alone: list[float] = []
    for point in chosen(target)[::2]:
        signal = replace(signal_of_point(target, point), patch=None)
        first = limit(target, signal)
        again = None if first is None else limit(target, signal.scaled(first))
        own = limit(on_its_own(target), signal)
        if first is not None and again is not None and own is not None:
            (near if 0.5 <= first <= 2.0 else far).append(1.0 - 1.0 / again)
            alone.append(own / (first * again) - 1.0)
    cells = [f"{100.0 * most(some):.1f} % ({len(some)})" if some else "-" for some in (near, far)]
    return f"| {title} | {' | '.join(cells)} | {100.0 * float(np.median(alone)):+.1f} % |"


def differences(found: Sequence[FitResult], full: Sequence[FitResult]) -> tuple[list[float], list[float]]:
    """CLs minus those of the full patch, observed, then expected."""
    pairs = list(zip(found, full, strict=True))
    return (
        [one.cls_obs - other.cls_obs for one, other in pairs],
        [one.cls_exp[2] - other.cls_exp[2] for one, other in pairs],
    )


def rows(target: Target, title: str) -> tuple[list[str], float]:
    """The lines of an analysis in the table, and the largest difference to patches that were made by hand."""
    points = chosen(target)
    full = [fit(target, point.operations) for point in points]
    signals = [signal_of_point(target, point) for point in points]
    lines: list[str] = []
    by_hand_most = 0.0
    for content in CONTENTS:
        here = target if content.joined else on_its_own(target)
        patches = [signal_patch(here, content_of(target, content, signal)) for signal in signals]
        found = [fit(target, patch) for patch in patches]
        observed, expected = differences(found, full)
        lower = sum(difference < -SHOWN for difference in observed)
        higher = sum(difference > SHOWN for difference in observed)
        other = sum(
            (one.cls_obs < EXCLUDED) != (published.cls_obs < EXCLUDED)
            for one, published in zip(found, full, strict=True)
        )
        if content.hand is not None:
            workspace = dict(target.analysis.workspace)
            reference = [fit(target, content.hand(workspace, point.operations)) for point in points]
            by_hand_most = max(
                by_hand_most, *(abs(each) for both in differences(found, reference) for each in both)
            )
        cells = [title, content.title]
        cells += [words(size) for side in (observed, expected) for size in (median(side), most(side))]
        cells += [f"{lower} / {higher}", f"{other} of {len(points)}"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines, by_hand_most


def median(values: Sequence[float]) -> float:
    """Of the sizes."""
    return float(np.median(np.abs(values)))


def most(values: Sequence[float]) -> float:
    """The largest size."""
    return float(np.max(np.abs(values)))


def words(size: float) -> str:
    """A difference of CLs in two digits."""
    return f"{size:.2g}" if size > SHOWN / 10.0 else "0"


HEADER = """# What yields tell of a published signal

Yields of published patches are read, put into patches of fitgui's own, and fitted with the newton
engine. The table compares CLs at μ = 1 with those of the full published patch, for {points} points of
each pallet at even distances over its list: by how much they differ (median and largest, observed and
expected), for how many points the observed CLs is lower (too easily excluded) or higher by more than
{shown}, and how many are excluded at 95 % CL by one and not by the other.

| pallet | content | obs.: median | largest | exp.: median | largest | lower / higher | other verdict |
|---|---|---|---|---|---|---|---|
"""

SCALES = """
Where published signals share the staterror of the background, so do fitgui's. Its size in a bin is that of
background and signal at μ = 1, so that a limit far from 1 depends on the scale at which yields are given.
The limit was found from the published yields, and from these times that limit, where it is near 1: by how
much both differ at most (number of points), and by how much limits differ with statistical uncertainties of
the signal's own (median).

| pallet | limits from 0.5 to 2 | other limits | on their own |
|---|---|---|---|
"""

FOOTER = """
Another question is whether fitgui translates what it is given faithfully. The same content was written
into patches by hand, without fitgui: CLs of these patches differ from those of fitgui's own by at most
{hand}, over all points of the table, without uncertainties and with all of them. The tests ask the same
of [every format](reinterpretation-closure-formats.md), out and in again.

What follows:

- With all its uncertainties a signal gives the published answer. What is left is that a normsys and a
  histosys of one name become one modifier (1Lbb).
- Without uncertainties a signal is mostly excluded a little too easily. How much depends on how large
  they are: those of stau are tens of per cent, and decide on points near the contour.
- A flat uncertainty is a guess, as good as its size. Where a tool gives none, look at the answer with
  one and without.
- Statistical uncertainties of the signal's own are not what was published. Shared as in published signals,
  CLs at μ = 1 are exact, and limits the better the nearer to 1; fitgui says where yields at another scale
  give a better one.
- Yields of control regions matter where a signal reaches into them (3L); fitgui says how much published
  signals put there.

Made by `.venv/bin/python -m tests.reinterpretation.make_closure`; the tests of closure fit a few of
these points each time.
"""


def main(folder: Path) -> None:
    """Measure and write the page."""
    lines: list[str] = []
    scales: list[str] = []
    by_hand_most = 0.0
    for file, analysis in REAL:
        target = real_target(folder, file, analysis)
        title = TITLES[file] + ("" if analysis == "BkgOnly" else f", {analysis.removeprefix('Region-')}")
        found, largest = rows(target, title)
        lines += found
        by_hand_most = max(by_hand_most, largest)
        print("\n".join(found), flush=True)
        if any(channel.staterror for channel in target.channels):
            scales.append(scale_row(target, title))
            print(scales[-1], flush=True)
    text = (
        HEADER.format(points=POINTS, shown=SHOWN)
        + "\n".join(lines)
        + "\n"
        + SCALES
        + "\n".join(scales)
        + "\n"
    )
    PAGE.write_text(text + FOOTER.format(hand=f"{by_hand_most:.0e}"), encoding="utf-8")


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("FITGUI_PALLETS")
    main(Path(given) if given else REPOSITORY.parent / "shared" / "pallets")
