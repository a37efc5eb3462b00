"""Write the pictures of the README by driving the real window: ``make screenshots``.

The bundled example is opened and fitted; pictures are taken half way and at the end, light and dark. The
browser of pallets is pictured with a stand-in for HEPData. Where the real pallets are at hand, they are
pictured too, with limits and a check with pyhf: that takes minutes. A cluster is played by this machine. With
words as arguments, only pictures of these kinds are taken: ``example``, ``cluster``, ``browser``,
``published``, ``talk``, ``walltime``, ``planes``, ``points``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDialog, QSpinBox, QWidget

from fitgui.gui import theme
from fitgui.gui.analysis_choice import AnalysisChoice
from fitgui.gui.app import make_application, make_window
from fitgui.gui.plane.contour_item import Wanted
from fitgui.gui.point.view import KINDS, PointView
from fitgui.gui.walltime.view import WallTimeView
from fitgui.gui.window import MainWindow
from fitgui.pallets.catalogue.shelf import Row
from fitgui.runs.clusters import ClusterSettings
from fitgui_backends.contract import Backend, Emit, Place, Plan, RunHandle, TaskState
from fitgui_backends.events import BackendEvent, PlaceChanged, PointFitted, TaskStateChanged, TaskTimed
from fitgui_backends.local import LocalBackend
from tests.gui.clusters import RIVER, HandGlobus, parsl
from tests.hepdata.faults import Slow
from tests.hepdata.standin import StandIn

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = (1360, 840)
SMALL_SIZE = (1280, 720)
TALK_SIZE = (1280, 720)
SECONDS_TO_LOOK = 3.0
PATIENCE_MILLISECONDS = 15 * 60_000
STAU = "atlas-susy-2018-04-stau.tar.gz"
THREE_LEPTONS = "atlas-susy-2018-06-3L-eRJR.tar.gz"
ONE_LEPTON = "atlas-susy-2019-08-1Lbb.tar.gz"


def wait_until(condition: Callable[[], bool]) -> None:
    """Run the event loop until ``condition`` holds.

    Raises:
        TimeoutError: if that takes longer than a quarter of an hour.
    """
    loop = QEventLoop()
    poll, limit = QTimer(), QTimer()
    poll.timeout.connect(lambda: condition() and loop.quit())
    limit.setSingleShot(True)
    limit.timeout.connect(lambda: loop.exit(1))
    poll.start(20)
    limit.start(PATIENCE_MILLISECONDS)
    if loop.exec() != 0:
        raise TimeoutError("the window did not come to what was to be pictured")


def take(window: QWidget, name: str) -> None:
    """Save the window as it stands."""
    QApplication.processEvents()
    path = PICTURES / f"{name}.png"
    window.grab().save(str(path))
    print(path.relative_to(PICTURES.parents[1]))


def fitted(window: MainWindow) -> int:
    """How many points have a result."""
    snapshot = window.workbench.snapshot
    return 0 if snapshot is None else snapshot.counts[TaskState.DONE]


def picture_example(look: theme.Theme, folder: Path) -> None:
    """The bundled example: before, during and after the run, which is checked."""
    window = open_pallet("example", look, folder)
    points = len(window.compute_panel.chosen_points)
    if look is theme.LIGHT:
        take(window, "first-start")
    window.run()
    wait_until(lambda: fitted(window) >= 0.4 * points)
    take(window, f"running-{look.name}")
    wait_until(lambda: not window.workbench.running and window.compute_panel.ready)
    wait_until(lambda: is_checked(window))
    take(window, f"window-{look.name}")
    for place, name in ((0, "palette"), (2, "shortcuts")):
        window.actions_.groups["Help"][place].trigger()
        (dialog,) = [found for found in window.findChildren(QDialog) if found.isVisible()]
        take(dialog, f"{name}-{look.name}")
        dialog.close()
    if look is theme.LIGHT:
        window.results_panel.tabs.setCurrentWidget(window.results_panel.log)
        take(window, "log")
    window.close()


class PicturedCluster(HandGlobus):
    """Fits with workers of this machine, which it calls workers of two blocks elsewhere."""

    workers = 4

    def warm_up(self) -> None:
        self._local = LocalBackend(workers=self.workers)
        self._local.warm_up()

    def submit(self, plan: Plan, emit: Emit) -> RunHandle:
        known: dict[str, int] = {}

        def elsewhere(worker: str) -> tuple[str, str]:
            number = known.setdefault(worker, len(known))
            block = 2 * number // self.workers
            return f"river-{17 + 4 * block:03}:{40210 + number}" if worker else "", str(418 + block)

        def dressed(event: BackendEvent) -> None:
            match event:
                case TaskTimed():
                    worker, block = elsewhere(event.worker)
                    emit(msgspec.structs.replace(event, worker=worker, block=block))
                case TaskStateChanged() if event.worker:
                    emit(msgspec.structs.replace(event, worker=elsewhere(event.worker)[0]))
                case PointFitted():
                    worker, _block = elsewhere(event.result.worker)
                    emit(PointFitted(result=msgspec.structs.replace(event.result, worker=worker)))
                case _:
                    emit(event)

        emit(PlaceChanged(status="online", blocks_pending=0, blocks_running=2, workers=self.workers))
        return self._fitter().submit(msgspec.structs.replace(plan, workers=self.workers, place=None), dressed)


def picture_cluster(look: theme.Theme, folder: Path) -> None:
    """The bundled example at an endpoint that this machine plays: its card, then the workers."""
    settings = ClusterSettings(folder)
    options = {"account": "atlas", "max_blocks": 2, "partition": "long"}
    settings.remember("globus", Place(identifier=RIVER.identifier, name=RIVER.name, options=options))
    settings.set_favourite("globus", RIVER.identifier, on=True)
    cluster = PicturedCluster(user="ada@example.org")
    cluster.warm_up()
    window = open_pallet("example", look, folder, {"globus": lambda: cluster, "parsl": parsl})
    tick(window, "Check with pyhf", on=False)
    window.compute_panel.places.choose("globus")
    wait_until(lambda: window.where.standing.look.word == "ready")
    points = len(window.compute_panel.chosen_points)
    window.run()
    wait_until(lambda: fitted(window) >= 0.4 * points)
    take(window, f"cluster-{look.name}")
    wait_until(lambda: not window.workbench.running and window.compute_panel.ready)
    tabs = window.results_panel.tabs
    tabs.setCurrentIndex(next(n for n in range(tabs.count()) if tabs.tabText(n) == "Workers"))
    take(window, f"workers-{look.name}")
    window.close()


def picture_browser(standin: StandIn, look: theme.Theme, folder: Path) -> None:
    """From the catalogue to a kept pallet: filter, card with its preview, download, library."""
    window = open_pallet("example", look, folder)
    panel, store = window.pallet_panel, window.store
    wait_until(lambda: store.index is not None)
    take(window, f"catalogue-{look.name}")
    panel.catalogue.filter_line.setText("lepton")
    panel.catalogue.facets.unfold()
    panel.catalogue.choose(row_of(window, "3ℓ eRJR").key)
    if look is theme.LIGHT:
        take(window, "filter")
    panel.catalogue.facets.unfold(on=False)
    panel.catalogue.filter_line.clear()
    panel.catalogue.choose(row_of(window, "1Lbb").key)
    slow = standin.fault("file", Slow(piece=40_000, pause=0.1))
    panel.card.press_primary()
    wait_until(lambda: received(window) > 900_000)
    if look is theme.LIGHT:
        take(window, "download")
    slow.end()
    wait_until(lambda: window.workbench.pallet is not None and window.workbench.pallet.source != "example")
    panel.catalogue.choose(row_of(window, "Direct stau").key)
    panel.card.press_primary()
    wait_until(lambda: len(store.items) == 2)
    wait_until(lambda: window.workbench.pallet is not None and "2018-04" in window.workbench.pallet.name)
    panel.card.show_preview()
    take(window, f"card-{look.name}")
    panel.show_tab(1)
    panel.library.choose(store.items[-1].digest)
    take(window, f"library-{look.name}")
    window.close()


def row_of(window: MainWindow, nickname: str) -> Row:
    """A row of the catalogue."""
    return next(row for row in window.store.rows if nickname in row.entry.nickname)


def received(window: MainWindow) -> int:
    """Bytes of the download that is going on."""
    states = [state for state in window.store.downloads.values() if state.going_on]
    return states[0].progress.received if states and states[0].progress is not None else 0


def picture_limits(pallets: Path, look: theme.Theme, folder: Path) -> None:
    """A whole published pallet with upper limits, checked with pyhf; the colour tells the limit."""
    window = open_pallet(pallets / ONE_LEPTON, look, folder)
    tick(window, "Upper limits on μ", on=True)
    (number,) = [spin for spin in window.findChildren(QSpinBox) if spin.accessibleName() == "Points to check"]
    number.setValue(1)  # pyhf takes about a minute for each
    window.run()
    wait_until(lambda: fitted(window) > 0)
    wait_until(lambda: not window.workbench.running and window.compute_panel.ready)
    wait_until(lambda: is_checked(window))
    colours = next(b for b in window.findChildren(QComboBox) if b.accessibleName() == "Colour")
    colours.setCurrentIndex(1)
    take(window, f"limits-{look.name}")
    view = next(view for view in window.results_panel.views if view.title == "Limits")
    window.results_panel.show_tab(view)
    take(window, f"band-{look.name}")
    window.close()


def picture_check(pallets: Path, look: theme.Theme, folder: Path) -> None:
    """A pallet on which pyhf's minimiser stops too early, and how the window tells."""
    window = open_pallet(pallets / THREE_LEPTONS, look, folder)
    window.run()
    wait_until(lambda: fitted(window) > 0)
    wait_until(lambda: not window.workbench.running and window.compute_panel.ready)
    wait_until(lambda: is_checked(window))
    window.results_panel.show_check_details()
    take(window, f"check-{look.name}")
    window.close()


def picture_published(pallets: Path, look: theme.Theme, folder: Path) -> None:
    """A region of a published pallet, while it is being fitted."""
    window = open_pallet(pallets / STAU, look, folder)
    window.compute_panel.choose_analysis("Region-lowMass")
    tick(window, "Check with pyhf", on=False)
    points = len(window.compute_panel.chosen_points)
    window.run()
    wait_until(lambda: fitted(window) >= 0.5 * points)
    take(window, "published-pallet")
    wait_until(lambda: not window.workbench.running)
    window.close()


def picture_talk(pallets: Path, look: theme.Theme, folder: Path) -> None:
    """Every screen of a talk about two runs of a published pallet, by F11."""
    window = open_pallet(pallets / ONE_LEPTON, look, folder)
    panel, opener = window.compute_panel, window.actions_.talk
    for workers in (1, 2):
        panel.places.workers_box.setValue(workers)
        tick(window, "Check with pyhf", on=False)
        window.run()
        wait_until(lambda: window.workbench.running)
        wait_until(lambda: not window.workbench.running and panel.ready)
    opener.open()
    wait_until(lambda: opener.window is not None)
    talk = opener.window
    assert talk is not None
    talk.showNormal()
    talk.resize(*TALK_SIZE)
    for page, part in (("title", 0.0), ("plane", 0.7), ("race", 0.7), ("comparison", 0.0)):
        if part:
            wait_until(lambda part=part: (talk.slide.progress or 0.0) >= part)
            talk.slide.toggle()
            paused = time.monotonic()  # contours come a moment later
            wait_until(lambda paused=paused: time.monotonic() > paused + SECONDS_TO_LOOK)
        take(talk, f"talk-{page}-{look.name}")
        talk.turn(1)
    talk.close()
    window.close()


def picture_planes(pallets: Path, look: theme.Theme, folder: Path) -> None:
    """The planes of three published pallets with their contours; of one also with numbers at its points."""
    for name, pallet in (("1lbb", ONE_LEPTON), ("stau", STAU), ("3l", THREE_LEPTONS)):
        window = open_pallet(pallets / pallet, look, folder)
        window.resize(*SMALL_SIZE)
        tick(window, "Check with pyhf", on=False)
        window.run()
        wait_until(lambda window=window: fitted(window) > 0)
        wait_until(lambda window=window: not window.workbench.running and window.compute_panel.ready)
        page = window.results_panel.plane_page
        wait_until(lambda page=page: page.view.up_to_date)
        take(window, f"plane-{name}-{look.name}")
        if name == "1lbb":
            numbers = replace(page.toolbar.choices, numbers=True, contours=Wanted(wide_band=True))
            page.toolbar.show_choices(numbers)
            page.toolbar.colour_box.setCurrentText("Significance observed")
            window.results_panel.splitter.setSizes([600, 80])
            take(window, f"plane-numbers-{look.name}")
        window.close()


def picture_points(pallets: Path, look: theme.Theme, folder: Path) -> None:
    """The inside of a point of three published pallets: of one all pages, of the others two."""
    few = ("Yields", "Impacts")
    for name, pallet, analysis, point, pages in (
        ("1lbb", ONE_LEPTON, "", "C1N2_Wh_hbb_500_150", tuple(kind.title for kind in KINDS)),
        ("stau", STAU, "Region-combined", "DS_160_1_Staus", few),
        ("3l", THREE_LEPTONS, "", "ERJR_250_50", few),
    ):
        window = open_pallet(pallets / pallet, look, folder)
        window.resize(*SMALL_SIZE)
        if analysis:
            (choice,) = window.findChildren(AnalysisChoice)
            choice.choose(analysis)
        (view,) = [view for view in window.results_panel.views if isinstance(view, PointView)]
        window.results_panel.show_tab(view)
        window.results_panel.preview({point})
        wait_until(lambda view=view: view.inside is not None and view.inside.complete)
        for page in pages:
            view.show_page(page)
            take(window, f"point-{name}-{page.lower().replace(' ', '-').replace('μ', 'mu')}-{look.name}")
        window.close()


def picture_walltime(pallets: Path, look: theme.Theme, folder: Path) -> None:
    """A published pallet on a cluster, then here with one worker and with two: wall times side by side."""
    settings = ClusterSettings(folder)
    options = {"account": "atlas", "max_blocks": 2, "partition": "long"}
    settings.remember("globus", Place(identifier=RIVER.identifier, name=RIVER.name, options=options))
    cluster = PicturedCluster(user="ada@example.org")
    cluster.warm_up()
    window = open_pallet(pallets / ONE_LEPTON, look, folder, {"globus": lambda: cluster, "parsl": parsl})
    window.resize(*SMALL_SIZE)
    panel, bench = window.compute_panel, window.workbench
    (view,) = [view for view in window.results_panel.views if isinstance(view, WallTimeView)]
    window.results_panel.show_tab(view)
    tick(window, "Check with pyhf", on=False)
    for backend, workers in (("globus", 4), ("local", 1), ("local", 2)):
        panel.places.choose(backend)
        wait_until(lambda: window.where.standing.look.word == "ready")
        if backend == "local":
            panel.places.workers_box.setValue(workers)
        before = bench.run_id
        wait_until(lambda: panel.ready)
        window.run()
        wait_until(lambda before=before: bench.run_id != before and fitted(window) >= 60)
        if workers == 2:
            take(window, f"walltime-running-{look.name}")
        wait_until(lambda: not bench.running and panel.ready)
    wait_until(lambda: len(view.runs) == 2)
    take(window, f"walltime-{look.name}")
    view.show_page(curves=True)
    take(window, f"walltime-curves-{look.name}")
    window.close()


def open_pallet(
    source: Path | str,
    look: theme.Theme,
    folder: Path,
    makers: Mapping[str, Callable[[], Backend]] | None = None,
) -> MainWindow:
    """A window with a pallet in it and workers at hand."""
    theme.apply_theme(make_application(), look)
    window = make_window(folder, look=look, makers=makers)
    window.resize(*SIZE)
    window.show()
    window.open(source)
    window.prepare()
    wait_until(lambda: window.workbench.pallet is not None)
    # Nobody presses Run sooner than workers need to start.
    opened = time.monotonic()
    wait_until(lambda: time.monotonic() > opened + SECONDS_TO_LOOK)
    return window


def tick(window: MainWindow, name: str, *, on: bool) -> None:
    """Tick a box of the Compute panel, or take the tick away."""
    (box,) = [box for box in window.findChildren(QCheckBox) if box.accessibleName() == name]
    box.setChecked(on)


def is_checked(window: MainWindow) -> bool:
    """Whether the check of the run is done, and on show."""
    snapshot = window.workbench.snapshot
    done = snapshot is not None and snapshot.check_state == "done"
    return done and "Checking" not in window.results_panel.check_line.text


def main() -> int:
    """Write all pictures, or those of the kinds that the arguments name."""
    every = ("example", "cluster", "browser", "published", "talk", "walltime", "planes", "points")
    kinds = set(sys.argv[1:] or every)
    PICTURES.mkdir(parents=True, exist_ok=True)
    pallets = Path(os.environ.get("FITGUI_PALLETS", PICTURES.parents[2] / "shared" / "pallets"))
    here = all((pallets / name).exists() for name in (STAU, THREE_LEPTONS, ONE_LEPTON))
    with tempfile.TemporaryDirectory() as folder:
        for look in (theme.LIGHT, theme.DARK):
            if "example" in kinds:
                picture_example(look, Path(folder) / f"example-{look.name}")
            if "cluster" in kinds:
                picture_cluster(look, Path(folder) / f"cluster-{look.name}")
        if not here:
            print(
                "The published pallets are not at hand: their pictures are left as they are", file=sys.stderr
            )
            return 0
        if "browser" in kinds:
            with StandIn() as standin:
                standin.populate()
                os.environ["FITGUI_HEPDATA_TEST_SERVICE"] = standin.url
                for look in (theme.LIGHT, theme.DARK):
                    picture_browser(standin, look, Path(folder) / f"browser-{look.name}")
        if "talk" in kinds:
            for look in (theme.LIGHT, theme.DARK):
                picture_talk(pallets, look, Path(folder) / f"talk-{look.name}")
        if "planes" in kinds:
            for look in (theme.LIGHT, theme.DARK):
                picture_planes(pallets, look, Path(folder) / f"planes-{look.name}")
        if "points" in kinds:
            for look in (theme.LIGHT, theme.DARK):
                picture_points(pallets, look, Path(folder) / f"points-{look.name}")
        if "walltime" in kinds:
            for look in (theme.LIGHT, theme.DARK):
                picture_walltime(pallets, look, Path(folder) / f"walltime-{look.name}")
        if "published" in kinds:
            picture_published(pallets, theme.LIGHT, Path(folder) / "published")
            for look in (theme.LIGHT, theme.DARK):
                picture_check(pallets, look, Path(folder) / f"check-{look.name}")
                picture_limits(pallets, look, Path(folder) / f"limits-{look.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
