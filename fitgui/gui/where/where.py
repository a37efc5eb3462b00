"""Where the next run goes: this machine, or one of the clusters; an object of the GUI thread."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Signal

from fitgui import words
from fitgui.gui.bridge import Bridge
from fitgui.gui.store_threads import Threads
from fitgui.gui.where.asking import Run
from fitgui.gui.where.cluster import Cluster
from fitgui.gui.where.lazy import LazyBackends
from fitgui.gui.where.standing import Standing, of_local
from fitgui.runs.clusters import ClusterSettings
from fitgui_backends.contract import Backend, Health, Place

LOCAL = "local"
THREADS = 6
"""A check and a login wait for minutes; questions of the same moment must not wait behind them."""


class Where(QObject):
    """The chosen place, and how every place stands.

    Args:
        backends: this machine's and the clusters'.
        settings: what is remembered of clusters.
        bridge: brings answers back to the GUI thread.
        parent: keeps it.
    """

    changed = Signal()
    """Another place is chosen, or stands otherwise."""
    said = Signal(str, str)
    """A level and one sentence for the user."""

    def __init__(
        self,
        backends: LazyBackends,
        settings: ClusterSettings,
        bridge: Bridge,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self.local_health: Health | None = None
        self.chosen = LOCAL
        """The name of a backend."""
        self._told: set[str] = set()
        """What was wrong with the settings, and has been told."""
        self._threads = Threads("clusters", THREADS, bridge.post)
        self.run: Run = self._threads.run
        """Does work on a thread that the closing of the window does not wait for."""
        self._writing = Threads("cluster-settings", 1, bridge.post)
        self.clusters = {name: self._make(name, backends) for name in backends.names if name != LOCAL}

    @property
    def cluster(self) -> Cluster | None:
        """The chosen cluster; ``None`` for this machine."""
        return self.clusters.get(self.chosen)

    @property
    def place(self) -> Place | None:
        """Where on the chosen backend."""
        return self.cluster.place if self.cluster is not None else None

    @property
    def standing(self) -> Standing:
        """Of the chosen place."""
        return self.cluster.standing if self.cluster is not None else of_local(self.local_health)

    @property
    def worker(self) -> Health | None:
        """What a worker of the chosen place reported, if one was asked."""
        return self.cluster.worker if self.cluster is not None else self.local_health

    @property
    def engines(self) -> tuple[str, ...] | None:
        """Names of the engines that the chosen backend can use; ``None`` where that is not known yet."""
        return self.cluster.engines if self.cluster is not None else None

    def _cluster_changed(self) -> None:
        for notice in self.settings.notices:
            if notice not in self._told:
                self._told.add(notice)
                self.said.emit("warning", words.capital(f"{notice}."))
        self.changed.emit()

    def look(self) -> None:
        """Find out what is installed and who is logged in; asks no service."""
        for cluster in self.clusters.values():
            cluster.look()

    def choose(self, name: str) -> None:
        """Compute there from now on."""
        if name == self.chosen:
            return
        self.chosen = name
        if self.cluster is not None:
            self.cluster.visit()
        self.changed.emit()

    def show_local(self, health: Health) -> None:
        """How this machine stands."""
        self.local_health = health
        self.changed.emit()

    def close(self) -> None:
        """Drop what comes of questions that are still open; waits for the settings, which takes no time."""
        self._threads.stop()
        written = threading.Event()  # what was chosen a moment ago, too
        self._writing.run(written.set, lambda _none: None, lambda _error: None)
        written.wait(1.0)
        self._writing.stop()

    def _make(self, name: str, backends: LazyBackends) -> Cluster:
        def get() -> Backend:
            return backends[name]

        cluster = Cluster(
            name,
            get=get,
            settings=self.settings,
            run=self._threads.run,
            write=self._writing.run,
            parent=self,
        )
        cluster.changed.connect(self._cluster_changed)
        cluster.said.connect(self.said)
        return cluster
