"""Setting up an endpoint in the window: from questions to files in a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QMessageBox, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from fitgui.clusters import templates
from fitgui.gui.where.setup_dialog import SetupDialog
from fitgui.gui.where.setup_files import save_files
from fitgui.gui.window import MainWindow
from tests.gui.hands import MINUTE, cut_texts
from tests.gui.test_where import choose, window_with
from tests.gui.test_where_options import field

MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def dialog(qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path) -> SetupDialog:
    window = window_with(qtbot, make_window_in, tmp_path / "data")
    choose(qtbot, window, "Globus Compute")
    buttons = [b for b in window.findChildren(QPushButton) if b.text() == "Set up an endpoint…"]
    (button,) = [b for b in buttons if b.isVisible()]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(SetupDialog)
    qtbot.waitUntil(lambda: bool(dialog.files), timeout=MINUTE)
    return dialog


def press(qtbot: QtBot, dialog: SetupDialog, text: str) -> None:
    (button,) = [b for b in dialog.findChildren(QPushButton) if b.text() == text]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_answers_become_files_that_are_shown_and_saved(
    qtbot: QtBot, dialog: SetupDialog, tmp_path: Path
) -> None:
    assert not dialog.isModal()
    assert dialog.form is not None
    answers = dialog.form.values
    assert dict(dialog.files) == templates.render("slurm", answers)
    account = field(dialog.form, QLineEdit, "Account")
    qtbot.keyClicks(account, "higgs-team")
    qtbot.waitUntil(lambda: any("higgs-team" in text for text in dialog.files.values()), timeout=MINUTE)
    shown = [page.toPlainText() for page in dialog._tabs.findChildren(QPlainTextEdit)]
    assert sorted(shown) == sorted(dialog.files.values())
    assert cut_texts(dialog) == []
    folder = tmp_path / "my endpoint"
    dialog.save(folder)
    qtbot.waitUntil(lambda: "✓" in dialog.note, timeout=MINUTE)
    assert {path.name: path.read_text() for path in folder.iterdir()} == dict(dialog.files)
    press(qtbot, dialog, "Copy")
    steps = QGuiApplication.clipboard().text()
    assert f"scp -r '{folder}'" in steps, "as a shell takes it"
    assert "globus-compute-endpoint start" in steps


def test_nothing_is_replaced_without_asking(qtbot: QtBot, dialog: SetupDialog, tmp_path: Path) -> None:
    name = next(iter(dialog.files))
    (tmp_path / name).write_text("mine")
    dialog.save(tmp_path)
    (box,) = dialog.findChildren(QMessageBox)
    assert name in box.text()
    box.buttons()[[b.text() for b in box.buttons()].index("Keep")].click()
    assert (tmp_path / name).read_text() == "mine"
    dialog.save(tmp_path)
    box = dialog.findChildren(QMessageBox)[-1]
    box.buttons()[[b.text() for b in box.buttons()].index("Replace")].click()
    qtbot.waitUntil(lambda: "✓" in dialog.note, timeout=MINUTE)
    assert (tmp_path / name).read_text() == dialog.files[name]


def test_an_answer_that_does_not_fit_is_told_and_nothing_can_be_saved(
    qtbot: QtBot, dialog: SetupDialog
) -> None:
    assert dialog.form is not None
    walltime = field(dialog.form, QLineEdit, "Walltime")
    walltime.setText("an hour")
    qtbot.waitUntil(lambda: not dialog.files, timeout=MINUTE)
    assert dialog.note.startswith("Walltime: ")
    (save,) = [b for b in dialog.findChildren(QPushButton) if b.text() == "Save into a folder…"]
    assert not save.isEnabled()
    walltime.setText("1:00:00")
    qtbot.waitUntil(save.isEnabled, timeout=MINUTE)


def test_every_kind_of_cluster_is_offered(qtbot: QtBot, dialog: SetupDialog) -> None:
    box = next(b for b in dialog.findChildren(QComboBox) if b.accessibleName() == "Kind of cluster")
    assert [box.itemText(i) for i in range(box.count())] == [
        templates.title_of(kind) for kind in templates.KINDS
    ]
    for index, kind in enumerate(templates.KINDS):
        box.setCurrentIndex(index)
        assert dialog.form is not None
        for name in dialog.form.problems:
            title = dialog.form.title_of(name)
            field(dialog.form, QLineEdit, title).setText("registry.example.org/fitgui-worker:0.1")
        dialog.render_files()
        assert dict(dialog.files) == templates.render(kind, dialog.form.values)


def test_a_folder_that_cannot_be_written_is_told(qtbot: QtBot, dialog: SetupDialog, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    dialog.save(tmp_path / "file")
    qtbot.waitUntil(lambda: "could not be saved" in dialog.note, timeout=MINUTE)


def test_scripts_can_be_run(tmp_path: Path) -> None:
    save_files(tmp_path, {"start.sh": "#!/bin/sh\n", "config.yaml": "a: 1\n"})
    assert (tmp_path / "start.sh").stat().st_mode & 0o111
    assert not (tmp_path / "config.yaml").stat().st_mode & 0o111
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "start.sh"]
