"""The plot of a talk: a mass plane, or what stands for it where points have no two coordinates."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fitgui.gui.bridge import Bridge
from fitgui.gui.plane.contour_item import looks_for
from fitgui.gui.plane.legend import Entry, Legend
from fitgui.gui.plane.mark_looks import MARKS, kind_of
from fitgui.gui.plane.view import PlaneView
from fitgui.gui.talk.dots import Dots
from fitgui.gui.talk.subject import Subject, plane_of_subject
from fitgui.gui.theme import Theme
from fitgui.runs.snapshot import PointStatus

PLANE_SCALE = 1.7
"""Of the plane's type, marks and lines beside those of the window, on a screen of 720 lines."""

USUAL, RARE = ("excluded", "allowed"), ("doubtful", "failed", "cancelled")
"""Kinds of marks."""
REBUILD_MILLISECONDS = 120


class TalkPlot(QWidget):
    """Draws points as they are fitted."""

    def __init__(self, look: Theme, subject: Subject, bridge: Bridge) -> None:
        super().__init__()
        self._look, self._subject, self._bridge = look, subject, bridge
        self._statuses: Mapping[str, PointStatus] = {}
        self._unit, self._stale = 1.0, True
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._view: PlaneView | Dots | None = None
        self._legend: Legend | None = None
        self._rare: list[str] = []
        self._rescaling = QTimer(self)
        self._rescaling.setSingleShot(True)
        self._rescaling.setInterval(REBUILD_MILLISECONDS)
        self._rescaling.timeout.connect(self._rebuild)

    def show_statuses(self, statuses: Mapping[str, PointStatus]) -> None:
        """Take results from ``statuses``, a live mapping that the owner keeps up to date."""
        self._statuses = statuses
        if self._view is not None:
            self._view.show_statuses(statuses)
        self._explain(statuses)

    def points_changed(self, names: Collection[str]) -> None:
        """These points have another state or another result."""
        if self._view is not None and names:
            self._view.points_changed(names)
            self._explain(names)

    def settle(self) -> None:
        """The last point is in: nobody waits for the contours' turn."""
        if isinstance(self._view, PlaneView):
            self._view.refresh()

    def rescale(self, unit: float) -> None:
        """The screen has another size: marks, lines and type of a plot are made for one."""
        if unit == self._unit:
            return
        self._unit, self._stale = unit, True
        if self.isVisible():  # somebody drags a corner
            self._rescaling.start()

    def showEvent(self, event: QShowEvent) -> None:
        """A plot is made when it is looked at."""
        super().showEvent(event)
        if self._stale:
            self._rebuild()

    def _rebuild(self) -> None:
        self._rescaling.stop()
        self._stale = False
        for old in (self._view, self._legend):
            if old is not None:
                self._layout.removeWidget(old)
                old.hide()
                old.deleteLater()
        self._view = self._make(self._unit)
        self._legend = Legend(colour=self._look.muted, scale=PLANE_SCALE * self._unit)
        self._legend.show_entries(self._entries())
        self._layout.addWidget(self._view, stretch=1)
        self._layout.addWidget(self._legend)
        self._view.show_statuses(self._statuses)

    def _explain(self, names: Collection[str]) -> None:
        """Marks that are rare are explained when they come; what is usual is so from the beginning.

        A legend that grew with the contours would move the plane.
        """
        kinds = {kind_of(self._statuses.get(name)) for name in names}
        found = [kind for kind in RARE if kind in kinds and kind not in self._rare]
        if found:
            self._rare += found
            if self._legend is not None:
                self._legend.show_entries(self._entries())

    def _entries(self) -> list[Entry]:
        looks = looks_for(self._look)
        lines = [
            Entry("observed", (looks.observed,)),
            Entry("expected ±1σ", (looks.expected,), band=looks.band, edge=looks.edge),
        ]
        marks = [Entry(MARKS[kind]) for kind in (*USUAL, *self._rare)]
        return [*lines, *marks] if isinstance(self._view, PlaneView) else marks

    def _make(self, unit: float) -> PlaneView | Dots:
        data = plane_of_subject(self._subject)
        if data is None:
            return Dots(self._look, [point.name for point in self._subject.points])

        view = PlaneView(self._look, run=self._bridge.run, scale=PLANE_SCALE * unit, written=1.0)
        view.bar.keep_to_quantity()
        view.show_plane(data)
        view.legend.hide()  # it grows with what is drawn, and the plane would jump
        for widget in (view, *view.findChildren(QWidget)):
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys turn the pages
        return view
