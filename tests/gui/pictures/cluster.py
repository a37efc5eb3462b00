"""A cluster that this machine plays: card, workers, and wall times beside those of this machine."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fitgui.gui import theme
from fitgui.gui.walltime.view import WallTimeView
from fitgui.gui.window import MainWindow
from fitgui.runs.clusters import ClusterSettings
from fitgui_backends.contract import Emit, Place, Plan, RunHandle
from fitgui_backends.events import BackendEvent, PlaceChanged, PointFitted, TaskStateChanged, TaskTimed
from fitgui_backends.local import LocalBackend
from tests.gui.clusters import RIVER, HandGlobus, parsl
from tests.gui.pictures.stage import fitted, open_pallet, run_to_the_end, show_view, take, tick, wait_until


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


def open_at_cluster(source: Path | str, look: theme.Theme, folder: Path) -> MainWindow:
    """A window that knows the cluster, and checks nothing."""
    settings = ClusterSettings(folder)
    options = {"account": "atlas", "max_blocks": 2, "partition": "long"}
    settings.remember("globus", Place(identifier=RIVER.identifier, name=RIVER.name, options=options))
    settings.set_favourite("globus", RIVER.identifier, on=True)
    cluster = PicturedCluster(user="ada@example.org")
    cluster.warm_up()
    window = open_pallet(source, look, folder, {"globus": lambda: cluster, "parsl": parsl})
    tick(window, "Check with pyhf", on=False)
    return window


def choose(window: MainWindow, backend: str, workers: int) -> None:
    """Fit there from now on."""
    window.compute_panel.places.choose(backend)
    wait_until(lambda: window.where.standing.look.word == "ready")
    if backend == "local":
        window.compute_panel.places.workers_box.setValue(workers)


def picture_cluster(look: theme.Theme, folder: Path) -> None:
    """The bundled example there: the card half way, then the workers."""
    window = open_at_cluster("example", look, folder)
    choose(window, "globus", PicturedCluster.workers)
    points = len(window.compute_panel.chosen_points)
    window.run()
    wait_until(lambda: fitted(window) >= 0.4 * points)
    take(window, f"cluster-{look.name}")
    wait_until(lambda: not window.workbench.running and window.compute_panel.ready)
    tabs = window.results_panel.tabs
    tabs.setCurrentIndex(next(n for n in range(tabs.count()) if tabs.tabText(n) == "Workers"))
    take(window, f"workers-{look.name}")
    window.close()


def picture_walltime(pallet: Path, look: theme.Theme, folder: Path) -> None:
    """A published pallet there, then here with one worker and with two: wall times side by side."""
    window = open_at_cluster(pallet, look, folder)
    view = show_view(window, WallTimeView)
    for backend, workers in (("globus", PicturedCluster.workers), ("local", 1)):
        choose(window, backend, workers)
        run_to_the_end(window)
    choose(window, "local", 2)
    bench = window.workbench
    before, points = bench.run_id, len(window.compute_panel.chosen_points)
    window.run()
    wait_until(lambda: bench.run_id != before and fitted(window) >= points // 2)
    take(window, f"walltime-running-{look.name}")
    wait_until(lambda: not bench.running and window.compute_panel.ready)
    wait_until(lambda: len(view.runs) == 2)
    take(window, f"walltime-{look.name}")
    view.show_page(curves=True)
    take(window, f"walltime-curves-{look.name}")
    window.close()
