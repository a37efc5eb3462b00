"""Names of points can be told apart in the table, however little room there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QStyledItemDelegate, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from fitgui.gui.points_model import PointsModel
from fitgui.gui.points_names import common_ends, shortened
from fitgui.gui.points_table import PointsTable
from fitgui.gui.window import MainWindow
from fitgui.pallets import SignalPoint
from fitgui.runs.snapshot import PointStatus
from fitgui_backends.contract import TaskState
from tests.gui.clusters import HandGlobus
from tests.gui.hands import MINUTE, MakePallet, open_and_wait
from tests.gui.test_where import choose, window_with

STAUS = [f"DS_{m1}_{m2}_Staus" for m1 in range(100, 460, 20) for m2 in (1, 40, 120)]


def painted(table: PointsTable) -> list[str]:
    """What the first column shows, where it fits into its cell; else nothing."""
    metrics = QFontMetrics(table.view.font())
    texts = []
    for row in range(table.model.rowCount()):
        index = table.model.index(row, 0)
        option = QStyleOptionViewItem()
        option.rect = table.view.visualRect(index)
        delegate = table.view.itemDelegateForIndex(index)
        assert isinstance(delegate, QStyledItemDelegate)
        delegate.initStyleOption(option, index)
        fits = metrics.horizontalAdvance(option.text) <= option.rect.width() - 6  # 3 pixels at either side
        texts.append(option.text if fits else "")
    return texts


def assert_told_apart(table: PointsTable) -> None:
    texts = painted(table)
    assert "" not in texts, "none is cut"
    assert len(set(texts)) == table.model.rowCount()


@pytest.mark.parametrize(
    ("names", "ends", "first"),
    [
        (STAUS, (3, 6), "…100_1…"),
        (["point_1.5_0", "point_1.25_0"], (6, 2), "…1.5…"),
        (["C1N2_Wh_hbb_300_0", "C1N2_Wh_hbb_350_25"], (12, 0), "…300_0"),
        (["stau100", "stau120"], (4, 0), "…100"),
        (["Gtt", "Gbb"], (0, 0), "Gtt"),
        (["point", "point_2"], (0, 0), "point"),
        (["alone_1"], (0, 0), "alone_1"),
        ([], (0, 0), None),
    ],
)
def test_what_names_have_in_common_is_left_out_in_whole_words(
    names: list[str], ends: tuple[int, int], first: str | None
) -> None:
    assert common_ends(names) == ends
    assert [shortened(name, ends) for name in names[:1]] == ([first] if first is not None else [])


def test_the_names_of_a_published_grid_differ_in_a_narrow_table(qtbot: QtBot) -> None:
    table = PointsTable(PointsModel(), cancel_points=len, retry_points=len)
    qtbot.addWidget(table)
    points = [
        SignalPoint(name, dict(zip(("mst", "mn2"), map(float, name.split("_")[1:3]), strict=True)), b"[]", "")
        for name in STAUS
    ]
    table.show()
    table.model.show_points(points, ["mst", "mn2"])
    waiting = {name: PointStatus(name, TaskState.QUEUED, phase="waiting for endpoint") for name in STAUS}
    table.model.show_statuses(waiting)
    shown = set()
    for width in (1000, 640, 622):  # the last: in a window of 1280 pixels
        table.resize(width, 240)
        QApplication.processEvents()
        assert_told_apart(table)
        shown.add(painted(table)[0])
    assert STAUS[0] in shown, "where there is room, names are whole"
    assert len(shown) > 1
    table.model.sort(0, Qt.SortOrder.DescendingOrder)
    assert_told_apart(table)


def test_names_differ_in_a_small_window_beside_the_card_of_a_cluster(
    qtbot: QtBot, make_window_in: Callable[..., MainWindow], make_pallet: MakePallet, tmp_path: Path
) -> None:
    window = window_with(qtbot, make_window_in, tmp_path / "data", HandGlobus())
    window.resize(1280, 720)
    open_and_wait(qtbot, window, make_pallet([[float(m1), 0.0] for m1 in range(1000, 1100, 5)]))
    choose(qtbot, window, "Globus Compute")
    qtbot.waitUntil(lambda: len(window.where.clusters["globus"].places) == 2, timeout=MINUTE)
    table = window.results_panel.table
    assert (window.width(), window.height()) == (1280, 720)
    assert_told_apart(table)
    names = table.model.names
    waiting = {name: PointStatus(name, TaskState.QUEUED, phase="waiting for endpoint") for name in names}
    table.model.show_statuses(waiting)
    assert_told_apart(table)
