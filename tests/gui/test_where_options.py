"""The form that a JSON schema makes, and the options of a place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui.where.options_dialog import OptionsDialog
from fitgui.gui.where.schema_fields import kind_of
from fitgui.gui.where.schema_form import SchemaForm
from fitgui.gui.where.schema_words import problems_of
from fitgui.gui.window import MainWindow
from fitgui.runs.clusters import ClusterSettings
from tests.gui.clusters import FORM, RIVER, HandGlobus
from tests.gui.hands import GRID, MINUTE, MakePallet, cut_texts, open_and_wait, primary
from tests.gui.test_where import card_says, choose, window_with


def field(form: QWidget, kind: type, name: str) -> Any:
    (found,) = [widget for widget in form.findChildren(kind) if widget.accessibleName() == name]
    return found


def notes(form: QWidget) -> list[str]:
    """What the form complains about."""
    return [
        label.text()
        for label in form.findChildren(QLabel)
        if label.property("role") == "error" and not label.isHidden()
    ]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "multiline"}, "lines"),
        ({"type": "integer"}, "integer"),
        ({"type": ["number", "null"]}, "number"),
        ({"type": "boolean"}, "boolean"),
        ({"enum": ["a", "b"]}, "choice"),
        ({"enum": [{"a": 1}]}, "other"),
        ({"type": "array"}, "other"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "other"),
        ({}, "other"),
    ],
)
def test_every_property_has_a_field(schema: Mapping[str, Any], kind: str) -> None:
    assert kind_of(schema) == kind


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, {"account": "This is needed"}),
        ({"account": "a", "max_blocks": 0}, {"max_blocks": "Must be 1 or more"}),
        ({"account": "a", "max_blocks": 65}, {"max_blocks": "Must be 64 or less"}),
        ({"account": "a", "max_blocks": "many"}, {"max_blocks": "Must be a whole number"}),
        ({"account": "a", "partition": "lunch"}, {"partition": "Must be one of debug, long"}),
        (
            {"account": "a", "walltime": "an hour"},
            {"walltime": "Does not have the form that is asked for, such as 0:30:00"},
        ),
        ({"account": "a", "colour": "red"}, {"colour": "There is no such option here"}),
        ({"account": "a", "max_blocks": 3, "exclusive": True}, {}),
    ],
)
def test_what_is_wrong_is_said_plainly(values: Mapping[str, Any], problem: Mapping[str, str]) -> None:
    assert problems_of(FORM, values) == problem


def test_what_is_needed_and_has_a_default_need_not_be_filled_in() -> None:
    schema = {"properties": {"nodes": {"type": "integer", "default": 1}}, "required": ["nodes"]}
    assert problems_of(schema, {}) == {}


def test_a_schema_that_is_none_does_not_keep_anybody_from_working(qtbot: QtBot) -> None:
    assert problems_of({"type": 7}, {"a": 1}) == {}
    form = SchemaForm({"properties": {"odd": 3, "list": {"type": "array"}}})
    qtbot.addWidget(form)
    qtbot.keyClicks(field(form, QLineEdit, "List"), "[1, 2]")
    qtbot.keyClicks(field(form, QLineEdit, "Odd"), "plain words")
    assert form.values == {"list": [1, 2], "odd": "plain words"}
    empty = SchemaForm({"properties": []})
    qtbot.addWidget(empty)
    assert empty.values == {}


def test_values_have_their_types_and_what_is_left_open_is_absent(qtbot: QtBot) -> None:
    form = SchemaForm(FORM)
    qtbot.addWidget(form)
    form.show()
    assert form.values == {"exclusive": False}
    assert field(form, QLineEdit, "Blocks at most").placeholderText() == "default: 4"
    assert field(form, QComboBox, "Partition").itemText(0) == "default: debug"
    assert notes(form) == [], "nobody has filled in anything yet"
    blocks = field(form, QLineEdit, "Blocks at most")
    qtbot.keyClicks(blocks, "100")
    assert notes(form) == ["✗ Must be 64 or less"]
    assert blocks.accessibleDescription().startswith("Must be 64 or less")
    blocks.selectAll()
    qtbot.keyClicks(blocks, "12")
    assert notes(form) == []
    qtbot.keyClicks(field(form, QLineEdit, "Account"), "fitgui")
    field(form, QComboBox, "Partition").setCurrentText("long")
    qtbot.keyClick(field(form, QCheckBox, "Whole nodes"), Qt.Key.Key_Space)
    field(form, QPlainTextEdit, "Commands before workers start").setPlainText("module load python\n")
    assert form.values == {
        "account": "fitgui",
        "partition": "long",
        "max_blocks": 12,
        "exclusive": True,
        "worker_init": "module load python",
    }
    assert form.problems == {}
    form.reset()
    assert form.values == {"exclusive": False}
    assert form.complain()
    assert notes(form) == ["✗ This is needed"]
    assert form.focusWidget() is field(form, QLineEdit, "Account")


def test_defaults_are_filled_in_where_the_form_is_for_a_file(qtbot: QtBot) -> None:
    form = SchemaForm(FORM, prefilled=True)
    qtbot.addWidget(form)
    assert form.values == {
        "partition": "debug",
        "walltime": "0:30:00",
        "max_blocks": 4,
        "exclusive": False,
    }
    field(form, QLineEdit, "Walltime").setText("1:00:00")
    form.reset()
    assert form.values["walltime"] == "0:30:00"


def test_options_are_asked_for_kept_and_sent(
    qtbot: QtBot, make_window_in: Callable[..., MainWindow], make_pallet: MakePallet, tmp_path: Path
) -> None:
    globus = HandGlobus()
    window = window_with(qtbot, make_window_in, tmp_path / "data", globus)
    open_and_wait(qtbot, window, make_pallet(GRID))
    choose(qtbot, window, "Globus Compute")
    cluster = window.where.clusters["globus"]
    cluster.choose(RIVER.identifier)
    qtbot.waitUntil(lambda: "incomplete" in card_says(window, "globus"), timeout=MINUTE)
    line = window.compute_panel._obstacle_line
    assert line.text == "river-slurm: Account: this is needed."
    assert not primary(window).isEnabled()
    (button,) = [b for b in line.findChildren(QPushButton) if b.text() == "Options…"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(OptionsDialog)
    qtbot.waitExposed(dialog)
    assert not dialog.isModal()
    assert cut_texts(dialog) == []
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert dialog.isVisible(), "something is missing"
    assert notes(dialog) == ["✗ This is needed"]
    qtbot.keyClicks(field(dialog, QLineEdit, "Account"), "fitgui")
    qtbot.keyClicks(field(dialog, QLineEdit, "Blocks at most"), "2")
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: primary(window).isEnabled(), timeout=MINUTE)
    assert card_says(window, "globus") == "✓ ready / river-slurm · 2 blocks"
    wanted = {"account": "fitgui", "max_blocks": 2, "exclusive": False}
    assert window.where.place is not None
    assert window.where.place.options == wanted
    settings = ClusterSettings(tmp_path / "data")
    qtbot.waitUntil(lambda: settings.options("globus", RIVER.identifier) == wanted, timeout=MINUTE)
    with qtbot.waitSignal(window.workbench.run_ended, timeout=2 * MINUTE):
        qtbot.mouseClick(primary(window), Qt.MouseButton.LeftButton)
    (plan,) = globus.plans
    assert plan.place is not None
    assert plan.place.options == wanted


def test_cancelled_options_stay_as_they_were(
    qtbot: QtBot, make_window_in: Callable[..., MainWindow], tmp_path: Path
) -> None:
    window = window_with(qtbot, make_window_in, tmp_path, HandGlobus())
    choose(qtbot, window, "Globus Compute")
    cluster = window.where.clusters["globus"]
    cluster.choose(RIVER.identifier)
    cluster.set_options({"account": "fitgui"})
    qtbot.waitUntil(lambda: window.where.standing.ready and not cluster.asking, timeout=MINUTE)
    window.compute_panel.places.fill_in_here()
    (dialog,) = window.findChildren(OptionsDialog)
    account = field(dialog, QLineEdit, "Account")
    assert account.text() == "fitgui"
    account.clear()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.where.place is not None
    assert window.where.place.options == {"account": "fitgui"}
