"""The tab of the limits in real windows: lines, bands, cross sections, mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from fitgui.exclusion.interpolation import Interpolation
from fitgui.exclusion.readouts import AxisName, mass_reach
from fitgui.gui import theme
from fitgui.gui.analysis_choice import Shown
from fitgui.gui.limits import wording
from fitgui.gui.limits.legend import Kind
from fitgui.gui.limits.view import LimitsView
from fitgui.gui.session import SessionResults
from fitgui.gui.window import SMALLEST, MainWindow
from fitgui.pallets.model import Analysis, PatchSet, SignalPoint
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.results import FitResult
from tests.exclusion import reference
from tests.exclusion.published import published, result
from tests.gui.hands import GRID, MakePallet, control, cut_texts, fit_all, open_and_wait, shown_texts
from tests.gui.tabs import go_to

TABLE = "mass [GeV],xsec [fb],unc [%]\n150,5180,4.5\n400,121,7\n600,20.1,8\n900,2.49,9.5\n"


def limits_of(window: MainWindow) -> LimitsView:
    """The view, in front."""
    (view,) = [view for view in window.results_panel.views if isinstance(view, LimitsView)]
    window.results_panel.show_tab(view)
    return view


def shown_of(labels: tuple[str, ...], points: Sequence[SignalPoint]) -> Shown:
    """An analysis with these points, and a mu of 5 at most."""
    patch_set = PatchSet("patchset", "", labels, tuple(points), None)
    measurement = {"config": {"poi": "mu", "parameters": [{"name": "mu", "bounds": [[0, 5]]}]}}
    workspace = {"measurements": [measurement]}
    analysis = Analysis("a", "a", workspace, b"", "digest", (), 1, "mu", ("m",), (patch_set,))
    return Shown(analysis, tuple(points), labels)


def show(
    view: LimitsView, labels: tuple[str, ...], points: Sequence[SignalPoint], results: dict[str, FitResult]
) -> RunSnapshot:
    """As the window does with an analysis and its run."""
    view.show_points(shown_of(labels, points))
    snapshot = RunSnapshot([point.name for point in points])
    for name, found in results.items():
        snapshot.points[name] = PointStatus(name, TaskState.DONE, found)
    session = SessionResults()
    session.begin("run", snapshot)
    view.show_results(session)
    QApplication.processEvents()
    return snapshot


def show_published(view: LimitsView, name: str, **changed: FitResult) -> RunSnapshot:
    analysis = published(name)
    return show(view, analysis.labels, analysis.points, analysis.results | changed)


def test_limits_of_a_run_arrive_along_the_line(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    control(window, QCheckBox, "Upper limits on μ").setChecked(True)
    open_and_wait(qtbot, window, make_pallet(GRID))
    view = limits_of(window)
    assert view.remark == wording.NOTHING_YET
    drawn: list[int] = []
    window.workbench.points_changed.connect(
        lambda _names: drawn.append(
            int(np.sum(~np.isnan(view.limits.obs))) if view.limits is not None else -1
        )
    )
    fit_all(qtbot, window)
    assert drawn == sorted(drawn)
    limits = view.limits
    assert limits is not None
    assert limits.quantity == "mu"
    assert limits.positions.tolist() == [100.0, 200.0, 300.0]
    assert limits.line == "m2 = 0 GeV"
    snapshot = window.workbench.snapshot
    assert snapshot is not None
    for name, observed, expected in zip(limits.names, limits.obs, limits.exp, strict=True):
        found = snapshot.points[name].result
        assert found is not None
        assert found.limits is not None
        assert observed == (found.limits.obs if found.limits.obs is not None else np.inf)
        assert expected[2] == (found.limits.exp[2] if found.limits.exp[2] is not None else np.inf)
    assert view.chart.plot.getAxis("bottom").labelText == "m1 [GeV]"
    assert view.chart.value_title == "95 % CL upper limit on μ"
    assert cut_texts(view) == []


def test_without_limits_it_is_cls_and_one_sentence_says_how_to_get_them(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = limits_of(window)
    without = {n: msgspec.structs.replace(r, limits=None) for n, r in published("1Lbb").results.items()}
    snapshot = show(view, published("1Lbb").labels, published("1Lbb").points, without)
    assert view.limits is not None
    assert view.limits.quantity == "cls"
    assert view.remark == wording.NO_LIMITS
    assert view.read_outs.shown[0].number == "740 GeV"
    name = view.limits.names[0]
    snapshot.points[name] = PointStatus(name, TaskState.DONE, published("1Lbb").results[name])
    view.points_changed({name})
    assert view.limits.quantity == "mu"
    assert "20 points of this line were fitted without upper limits" in view.remark


def test_what_was_selected_meanwhile_is_ringed_when_it_is_looked_at_again(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = limits_of(window)
    show_published(view, "1Lbb")
    assert view.limits is not None
    name = view.limits.names[0]
    view.show_selection({name})
    view.hide()
    view.show_selection(set())
    view.show()
    QApplication.processEvents()
    assert len(view.chart._rings.data) == 0


def test_another_coordinate_and_another_line_by_the_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    view = limits_of(window)
    show_published(view, "1Lbb")
    along = control(window, QComboBox, "Coordinate along the line")
    line = control(window, QComboBox, "Line")
    assert line.currentText() == "m2 = 0 GeV · 21 points"
    assert line.count() == 11, "of the 13 values of m2 two have one point only"
    qtbot.keyClick(line, Qt.Key.Key_Down)
    assert view.limits is not None
    assert view.limits.line == "m2 = 25 GeV"
    qtbot.keyClick(along, Qt.Key.Key_Down)
    assert view.limits.label == "m2"
    assert set(view.limits.names) <= set(published("1Lbb").results)
    values = control(window, QComboBox, "Values")
    qtbot.keyClick(values, Qt.Key.Key_Down)
    assert view.limits.quantity == "cls"


def test_points_are_chosen_with_mouse_and_arrow_keys(qtbot: QtBot, window: MainWindow) -> None:
    view = limits_of(window)
    show_published(view, "1Lbb")
    chosen: list[set[str]] = []
    view.points_chosen.connect(chosen.append)
    view.points_chosen.connect(view.show_selection)
    limits, plot = view.limits, view.chart.plot
    assert limits is not None
    place = plot.getViewBox().mapViewToScene(QPointF(limits.positions[10], np.log10(limits.obs[10] * 1.2)))
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.mapFromScene(place))
    assert chosen == [{limits.names[10]}]
    for key, index in (
        (Qt.Key.Key_Right, 11),
        (Qt.Key.Key_Left, 10),
        (Qt.Key.Key_End, 20),
        (Qt.Key.Key_Right, 20),
        (Qt.Key.Key_Home, 0),
    ):
        qtbot.keyClick(plot, key)
        assert chosen[-1] == {limits.names[index]}
    rings = view.chart._rings.getData()
    assert rings[0].tolist() == [limits.positions[0]]
    view.chart._moved(place)
    assert limits.names[10] in plot.toolTip()


def test_doubtful_points_are_marked_and_those_beyond_the_bound_are_arrows_at_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = limits_of(window)
    doubtful, beyond = "C1N2_Wh_hbb_400_0", "C1N2_Wh_hbb_1000_0"
    results = published("1Lbb").results
    limits = results[beyond].limits
    assert limits is not None
    show_published(
        view,
        "1Lbb",
        **{
            doubtful: msgspec.structs.replace(results[doubtful], converged=False),
            beyond: msgspec.structs.replace(
                results[beyond], limits=msgspec.structs.replace(limits, obs=None)
            ),
        },
    )
    kinds = [entry.kind for entry in view.legend.entries]
    assert Kind.DOUBTFUL in kinds
    assert Kind.BEYOND in kinds
    chart = view.chart
    assert chart._doubtful.getData()[0].tolist() == [400.0]
    assert 400.0 not in chart._points.getData()[0]
    joined, _ = chart._observed[-1].getData()
    assert 400.0 not in joined
    assert 1000.0 not in joined
    x, y = chart._beyond.getData()
    assert (x.tolist(), y.tolist()) == ([1000.0], [pytest.approx(np.log10(5.0))])
    assert view.legend.height() > 0
    assert cut_texts(view) == []


def test_a_band_that_is_cut_off_at_the_bound_fades_there(qtbot: QtBot, window: MainWindow) -> None:
    view = limits_of(window)
    show_published(view, "1Lbb")
    limits, chart = view.limits, view.chart
    assert limits is not None
    cut = np.isinf(limits.exp[:, 4])
    assert cut.tolist() == [False] * 20 + [True], "of the heaviest one +2σ is beyond a mu of 5"
    assert Kind.OPEN in [entry.kind for entry in view.legend.entries]
    for layer in chart._open_edge.layers:
        shape = layer.path().boundingRect()
        assert (shape.left(), shape.right()) == (900.0, 1000.0)
        assert shape.bottom() == pytest.approx(np.log10(5.0)), "up to the bound"

    last = limits.names[-1]
    found = published("1Lbb").results[last]
    assert found.limits is not None
    known = msgspec.structs.replace(found.limits, exp=(*found.limits.exp[:4], 4.9))
    show_published(view, "1Lbb", **{last: msgspec.structs.replace(found, limits=known)})
    assert Kind.OPEN not in [entry.kind for entry in view.legend.entries]
    assert all(layer.path().isEmpty() for layer in chart._open_edge.layers)
    assert cut_texts(view) == []


def test_while_it_is_hidden_nothing_is_drawn(qtbot: QtBot, window: MainWindow) -> None:
    view = limits_of(window)
    window.results_panel.show_plane()
    show_published(view, "stau-combined")
    assert view.limits is None
    window.results_panel.show_tab(view)
    assert view.limits is not None
    assert view.read_outs.shown[0].number == "124 to 392 GeV"


def test_words_are_categories_and_one_coordinate_needs_no_choice(qtbot: QtBot, window: MainWindow) -> None:
    view = limits_of(window)
    modes = ("WZ", "Wh", "ZZ")
    points = [SignalPoint(mode, {"mode": mode}, b"[]", "patchset") for mode in modes]
    band = [0.2, 0.3, 0.4, 0.6, 0.9]
    results = {m: result(m, [0.03 * n, *band], [0.5 * n, *band]) for n, m in enumerate(modes, 1)}
    show(view, ("mode",), points, results)
    assert view.limits is not None
    assert view.limits.words == ("WZ", "Wh", "ZZ")
    assert view.read_outs.shown[0].number == "1 of 3"
    assert not control(window, QComboBox, "Line").isVisible()
    assert not view.sections.button.isVisible(), "a mode has no mass"


def test_lines_through_thousands_of_points_are_found_off_the_gui_thread(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = limits_of(window)
    points = [
        SignalPoint(f"p{m}_{n}", {"m1": float(m), "m2": float(n)}, b"[]", "s")
        for m in range(60)
        for n in range(60)
    ]
    band = [0.2, 0.3, 0.4, 0.6, 0.9]
    view.show_points(shown_of(("m1", "m2"), points))
    assert view.remark == wording.LOOKING, "nobody waits for it"
    show(view, ("m1", "m2"), points, {"p0_0": result("p0_0", [0.1, *band], [0.5, *band])})
    qtbot.waitUntil(lambda: view.limits is not None)
    assert view.limits is not None
    assert len(view.limits.names) == 60
    assert view.limits.obs[0] == 0.5


def test_a_view_in_other_colours_shows_what_this_one_did(qtbot: QtBot, window: MainWindow) -> None:
    view = limits_of(window)
    show_published(view, "1Lbb")
    qtbot.keyClick(control(window, QComboBox, "Coordinate along the line"), Qt.Key.Key_Down)
    qtbot.keyClick(control(window, QComboBox, "Values"), Qt.Key.Key_Down)
    other = LimitsView(replace(view.context, look=theme.DARK))
    qtbot.addWidget(other)
    other.resize(view.size())
    show_published(other, "1Lbb")
    other.take_over(view)
    other.show()
    assert other.limits is not None
    assert view.limits is not None
    assert other.limits.line == view.limits.line
    assert other.limits.label == "m2"
    assert other.limits.quantity == "cls"


def test_where_there_is_no_line_it_says_why(qtbot: QtBot, window: MainWindow) -> None:
    view = limits_of(window)
    points = [SignalPoint(f"p{n}", {"m1": float(n), "m2": float(n)}, b"[]", "s") for n in range(3)]
    show(view, ("m1", "m2"), points, {})
    assert view.remark == wording.NO_LINE
    show(view, (), [SignalPoint("p", {}, b"[]", "s")], {})
    assert view.remark == wording.NO_COORDINATES
    show(view, (), [], {})
    assert view.remark == wording.NO_POINTS


def test_a_table_of_cross_sections_is_dropped_used_and_remembered(
    qtbot: QtBot, make_window_in: Callable[[Path], MainWindow], tmp_path: Path
) -> None:
    window = make_window_in(tmp_path / "data")
    view = limits_of(window)
    show_published(view, "1Lbb")
    table = tmp_path / "C1N2.csv"
    table.write_text(TABLE, encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(table))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    with qtbot.waitSignal(view.sections.changed):
        view.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, mime, left, none))
    limits = view.limits
    assert limits is not None
    assert limits.quantity == "sigma"
    assert limits.value_title == "95 % CL upper limit on σ [pb]"
    assert limits.theory is not None
    before = published("1Lbb").results["C1N2_Wh_hbb_600_0"].limits
    assert before is not None
    assert before.obs is not None
    assert limits.obs[limits.names.index("C1N2_Wh_hbb_600_0")] == pytest.approx(before.obs * 0.0201)
    assert "1 point outside of that has no limit on σ" in view.remark
    assert "(±1σ of the theory)" in view.read_outs.shown[0].meaning
    assert "crosses the predicted cross section" in view.read_outs.shown[0].basis
    assert Kind.THEORY in [entry.kind for entry in view.legend.entries]
    view.sections.go_by("m2")
    assert view.limits is not None
    assert np.isnan(view.limits.obs).all(), "nothing is produced with the mass of the neutralino, 0 GeV"
    view.sections.go_by("m1")

    again = limits_of(make_window_in(tmp_path / "data"))
    show_published(again, "1Lbb")
    qtbot.waitUntil(lambda: again.limits is not None and again.limits.quantity == "sigma")
    again.sections.forget()
    assert again.limits is not None
    assert again.limits.quantity == "mu"


def test_a_file_that_is_no_table_is_refused_in_one_sentence(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    view = limits_of(window)
    show_published(view, "1Lbb")
    wrong = tmp_path / "notes.csv"
    wrong.write_text("mass,xsec\n100,many\n", encoding="utf-8")
    view.sections.open(wrong)
    qtbot.waitUntil(lambda: "notes.csv, line 2: 'many' is not a number." in window.results_panel.notice.text)
    assert view.limits is not None
    assert view.limits.quantity == "mu"
    right = tmp_path / "C1N2.csv"
    right.write_text(TABLE, encoding="utf-8")
    with qtbot.waitSignal(view.sections.changed):
        view.sections.open(right)
    assert window.results_panel.notice.text == "", "what it complained of is mended"
    view.sections.open(wrong)
    qtbot.waitUntil(lambda: window.results_panel.notice.text != "")
    window.tell("warning", "Something else.")
    with qtbot.waitSignal(view.sections.changed):
        view.sections.open(right)
    assert window.results_panel.notice.text == "Something else."


@pytest.mark.parametrize("name", ["1Lbb", "stau-combined", "3L"])
def test_beside_the_band_stands_the_number_of_plane_and_report(
    qtbot: QtBot, window: MainWindow, name: str
) -> None:
    view = limits_of(window)
    show_published(view, name)
    assert view.limits is not None
    assert view.limits.quantity == "mu"
    quoted = mass_reach(Interpolation(reference.points(name)), AxisName("x", "GeV"), AxisName("y", "GeV"))
    for reach, found in zip(quoted, view.read_outs.shown, strict=True):
        assert found.number.removesuffix(" GeV") in reach.text
        assert "CLs crosses 0.05" in found.basis
    assert any("CLs crosses 0.05" in label.toolTip() for label in view.read_outs.findChildren(QLabel))


def test_the_smallest_window_shows_it_whole(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    go_to(qtbot, window, "Limits")
    view = limits_of(window)
    show_published(view, "stau-combined")
    window.resize(*SMALLEST)
    QApplication.processEvents()
    QApplication.processEvents()
    assert view.isVisible()
    assert view.width() < 500
    assert "observed 124 to 392 GeV" in shown_texts(window)
    assert view.chart.plot.height() > 100
    assert cut_texts(view) == []
