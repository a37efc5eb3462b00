"""Every view of the results of every published pallet that is at hand, light and dark.

Each pallet is fitted by newton, with limits: first by one worker, for the wall time, then by two. One
window shows all views of that in light colours, then, as a user would have it, in dark ones. At 200 %
scaling, which Qt takes over only when a process starts, another process shows the recorded runs again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from fitgui.gui import theme
from fitgui.gui.analysis_choice import AnalysisChoice
from fitgui.gui.limits.view import LimitsView
from fitgui.gui.look_choice import Mode
from fitgui.gui.plane.contour_item import Wanted
from fitgui.gui.plane.view import PlaneView
from fitgui.gui.point.view import KINDS, PointView
from fitgui.gui.talk.window import TalkWindow
from fitgui.gui.walltime.view import WallTimeView
from fitgui.gui.window import MainWindow
from tests.gui.pictures.stage import (
    ROOT,
    SIZE,
    faults,
    open_pallet,
    run_to_the_end,
    show_view,
    take,
    tick,
    wait,
    wait_until,
)

MODES: Final[tuple[Mode, ...]] = ("light", "dark")
SECONDS_FOR_CONTOURS = 1.5
TALK = (("title", 0.0), ("plane", 0.7), ("race", 0.7), ("final", 0.0))
"""The screens of a talk, and at which part of what they play they are pictured."""


@dataclass(frozen=True, slots=True)
class Pallet:
    """A published pallet, and what of it is pictured."""

    name: str
    file: str
    point: str
    """Into which one looks."""
    pages: tuple[str, ...] = ("Yields", "Impacts")
    """Of the inside of that point."""
    analysis: str = ""
    """Of several, this one."""


PALLETS: Final = (
    Pallet(
        "1lbb",
        "atlas-susy-2019-08-1Lbb.tar.gz",
        "C1N2_Wh_hbb_500_150",
        pages=tuple(kind.title for kind in KINDS),
    ),
    Pallet("stau", "atlas-susy-2018-04-stau.tar.gz", "DS_160_1_Staus", analysis="Region-combined"),
    Pallet("3l", "atlas-susy-2018-06-3L-eRJR.tar.gz", "ERJR_250_50"),
)


def pallets_folder() -> Path:
    """Where the published pallets are, if they are."""
    return Path(os.environ.get("FITGUI_PALLETS", ROOT.parent / "shared" / "pallets"))


def missing_pallets() -> list[str]:
    """The files of :data:`PALLETS` that are not there."""
    return [pallet.file for pallet in PALLETS if not (pallets_folder() / pallet.file).exists()]


def picture_gallery() -> bool:
    """All pictures, at 100 % and at 200 %; whether nothing was found in those at 200 %."""
    with tempfile.TemporaryDirectory() as folder:
        for pallet in PALLETS:
            window = fit_pallet(pallet, Path(folder) / pallet.name)
            picture_pallet(window, pallet)
        command = [sys.executable, "-m", "tests.gui.pictures.gallery", folder]
        return (
            subprocess.run(command, env={**os.environ, "QT_SCALE_FACTOR": "2"}, check=False).returncode == 0
        )


def picture_again(folder: Path) -> None:
    """The same of runs that are recorded there, at the scale of this process."""
    for pallet in PALLETS:
        window = open_pallet(pallets_folder() / pallet.file, theme.LIGHT, folder / pallet.name)
        bench = window.workbench
        bench.show_recorded(bench.journal.runs()[0].id)
        wait_until(lambda bench=bench: bench.snapshot is not None)
        wait_until(lambda window=window: bool(window.results_panel.notice.text))
        window.results_panel.notice.hide()
        choose_fits(window)
        picture_pallet(window, pallet)


def fit_pallet(pallet: Pallet, folder: Path) -> MainWindow:
    """A window with two runs in it."""
    window = open_pallet(pallets_folder() / pallet.file, theme.LIGHT, folder)
    if pallet.analysis:
        (choice,) = window.findChildren(AnalysisChoice)
        choice.choose(pallet.analysis)
    choose_fits(window)
    for workers in (1, 2):
        window.compute_panel.places.workers_box.setValue(workers)
        run_to_the_end(window)
    return window


def choose_fits(window: MainWindow) -> None:
    """Limits, and no check."""
    tick(window, "Check with pyhf", on=False)
    tick(window, "Upper limits on μ", on=True)


def picture_pallet(window: MainWindow, pallet: Pallet) -> None:
    """Everything that can be seen of the runs, then close the window."""
    for mode in MODES:
        window.look_choice.choose(mode)
        for name in picture_views(window, pallet):
            take(window, f"{pallet.name}-{name}-{mode}")
        picture_talk(window, pallet, mode)
    window.close()


def picture_views(window: MainWindow, pallet: Pallet) -> Iterator[str]:
    """Bring one view after another to the front, and say what it is called."""
    panel = window.results_panel
    panel.preview(set())
    page = panel.plane_page
    panel.show_tab(page)
    wait_until(lambda: page.view.up_to_date)
    yield "plane"
    if pallet is PALLETS[0]:
        before, sizes = page.toolbar.choices, panel.splitter.sizes()
        colour = page.toolbar.colour_box.currentText()
        page.toolbar.show_choices(replace(before, numbers=True, contours=Wanted(wide_band=True)))
        page.toolbar.colour_box.setCurrentText("Significance observed")
        panel.splitter.setSizes([600, 80])
        yield "plane-numbers"
        page.toolbar.show_choices(before)
        page.toolbar.colour_box.setCurrentText(colour)
        panel.splitter.setSizes(sizes)
    limits = show_view(window, LimitsView)
    wait_until(lambda: limits.limits is not None)
    yield "limits"
    times = show_view(window, WallTimeView)
    wait_until(lambda: len(times.runs) == 1)
    yield "walltime"
    times.show_page(curves=True)
    yield "walltime-curves"
    times.show_page(curves=False)
    inside = show_view(window, PointView)
    panel.preview({pallet.point})
    wait_until(lambda: inside.inside is not None and inside.inside.complete)
    for title in pallet.pages:
        inside.show_page(title)
        yield f"point-{title.lower().replace(' ', '-').replace('μ', 'mu')}"


def picture_talk(window: MainWindow, pallet: Pallet, mode: Mode) -> None:
    """Every screen of a talk about both runs, by F11."""
    opener = window.actions_.talk
    opener.open()
    wait_until(lambda: opener.window is not None and bool(opener.window.slides))
    talk = opener.window
    assert talk is not None
    talk.showNormal()
    talk.resize(*SIZE)
    assert len(talk.slides) == len(TALK)
    for name, part in TALK:
        if part:
            play_until(talk, part)
        elif name == "final":
            wait(SECONDS_FOR_CONTOURS)  # the reach is looked up when this screen is
        take(talk, f"{pallet.name}-talk-{name}-{mode}")
        talk.turn(1)
    talk.close()
    wait_until(lambda: opener.window is None)


def play_until(talk: TalkWindow, part: float) -> None:
    """Let time pass as fast as it can be drawn, then stand still until contours have come."""
    while (talk.slide.progress or 0.0) < part:
        talk.advance(0.1)
    talk.slide.toggle()
    wait(SECONDS_FOR_CONTOURS)  # they wait for their turn
    wait_until(lambda: all(view.up_to_date for view in talk.slide.findChildren(PlaneView)))


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    picture_again(Path(sys.argv[1]))
    sys.exit(1 if faults else 0)
