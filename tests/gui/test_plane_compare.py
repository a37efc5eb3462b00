"""Contours that are compared with are those of the axes on show, however long it takes to find them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from fitgui.exclusion.model import AxisChoice, Line, Surface
from fitgui.gui import theme
from fitgui.gui.bridge import Bridge
from fitgui.gui.plane.compare_menu import CompareMenu
from fitgui.gui.plane.compared import Overlay, RunSource, View
from fitgui.gui.plane.view import PlaneView
from fitgui.gui.result_view import ViewContext
from fitgui.runs.journal import Journal
from tests.gui.planes import grid, shown
from tests.runs.recordings import record

SLOW, QUICK = View("m1", "m2", AxisChoice(), "linear"), View("m2", "m1", AxisChoice(), "linear")


class Held:
    """Something with contours that takes long to find along the first axes."""

    key, name = "held", "held"

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def overlay(self, view: View) -> Overlay:
        """A line at 1 along the slow axes, at 2 along the quick ones."""
        if view is SLOW:
            self.begun.set()
            assert self.go_on.wait(60)
        place = np.full(2, 1.0 if view is SLOW else 2.0)
        return Overlay(self.key, self.name, {Surface.OBSERVED: [Line(place, place, closed=False)]})


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


def test_what_was_asked_for_other_axes_comes_too_late(qtbot: QtBot, bridge: Bridge) -> None:
    plane: PlaneView = shown(qtbot, *grid((100, 200, 300), (0, 50)))
    here, owner, held = [SLOW], QWidget(), Held()
    qtbot.addWidget(owner)
    bench = cast("Any", SimpleNamespace(bridge=bridge))
    told: list[str] = []
    context = ViewContext(theme.LIGHT, bench, lambda _level, text: told.append(text))
    menu = CompareMenu(QMenu(owner), plane, context, lambda: here[0], owner)
    menu.compare_with(held)
    qtbot.waitUntil(held.begun.is_set)
    here[0] = QUICK
    menu.axes_changed()
    qtbot.waitUntil(lambda: len(plane.overlays) == 1)
    held.go_on.set()
    qtbot.waitUntil(lambda: bridge.idle)
    (overlay,) = plane.overlays
    assert overlay.contours[Surface.OBSERVED][0].x[0] == 2.0
    assert told == []


def test_a_run_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    record(journal, "run", points=40)
    source = RunSource(journal, journal.run("run"), "run")
    reads: list[str] = []
    events = journal.events

    def counted(run_id: str, **options: int) -> object:
        reads.append(run_id)
        return events(run_id, **options)

    monkeypatch.setattr(journal, "events", counted)
    x, y = source.record.plan.analysis.labels
    there = source.overlay(View(x, y, AxisChoice(), "linear"))
    turned = source.overlay(View(y, x, AxisChoice(), "linear"))
    journal.close()
    assert reads == ["run"]
    assert there.contours[Surface.OBSERVED]
    assert turned.contours[Surface.OBSERVED]
