"""Setting up an endpoint: questions about the cluster, the files that follow, and what to do with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMessageBox,
    QPlainTextEdit,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from fitgui.gui import theme
from fitgui.gui.where.asking import Run, sentence_of
from fitgui.gui.where.panel_dialog import PanelDialog, copy, scrolled
from fitgui.gui.where.schema_form import SchemaForm
from fitgui.gui.where.setup_files import Templates, load_templates, save_files
from fitgui.gui.widgets import describe, narrow_combo, push_button, set_role, text_label

PAUSE_MILLISECONDS = 250
"""Files are made anew when the typing pauses."""


class SetupDialog(PanelDialog):
    """Questions on the left, files on the right; nothing is written but what the user saves.

    Args:
        run: does work on a thread.
        parent: the window.
        load: gets the templates.
    """

    def __init__(
        self, run: Run, parent: QWidget | None = None, *, load: Callable[[], Templates] = load_templates
    ) -> None:
        super().__init__("Set up an endpoint", "Set up an endpoint on your cluster", parent)
        self._run, self._load = run, load
        self._templates: Templates | None = None
        self._form: SchemaForm | None = None
        self._files: dict[str, str] = {}
        self._open = True
        self._kind = narrow_combo("Kind of cluster", "What hands out nodes there")
        self._kind.currentIndexChanged.connect(lambda _index: self._kind_chosen())
        self._questions = QVBoxLayout()
        self._tabs = QTabWidget()
        describe(self._tabs, "Files", "The files of the endpoint, as they would be saved")
        self._tabs.setToolTip("")
        self._note = text_label(role="muted", wrap=True)
        self._steps = _plain_text("Next steps", "What to do with the files; can be copied")
        self._steps.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self.render_files)
        self.finished.connect(lambda _result: self._closed())

    @property
    def files(self) -> Mapping[str, str]:
        """What would be saved, by name; empty while an answer is missing."""
        return self._files

    @property
    def form(self) -> SchemaForm | None:
        """The questions about the chosen kind of cluster."""
        return self._form

    @property
    def note(self) -> str:
        """What it says of the files."""
        return self._note.text()

    def begin(self) -> None:
        """Show it, and get the templates."""
        self.open_at(960, 640)
        self._note.setText("One moment …")
        self._run(self._load, self._loaded, lambda error: self._say("error", f"{sentence_of(error)}."))

    def render_files(self) -> None:
        """Make the files from the answers."""
        templates, form = self._templates, self._form
        if templates is None or form is None:
            return
        problems = form.problems
        self._files = {}
        if problems:
            name, text = next(iter(problems.items()))
            title = form.title_of(name)
            self._say("warning", f"{title}: {text[:1].lower()}{text[1:]}." if title else f"{text}.")
        else:
            try:
                self._files = templates.render(self._kind.currentData(), form.values)
            except ValueError as error:  # the templates' own, in a sentence
                self._say("warning", f"{str(error).rstrip('.')}.")
        self._show_files()

    def _build(self) -> None:
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(text_label("Kind of cluster", role="muted"))
        column.addWidget(self._kind)
        column.addLayout(self._questions, stretch=1)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._tabs, stretch=3)
        head = QHBoxLayout()
        head.addWidget(text_label("What to do with them", role="muted"))
        head.addStretch(1)
        head.addWidget(
            push_button("Copy", "Copy the next steps", lambda: copy(self._steps.toPlainText()), role="link")
        )
        column.addLayout(head)
        column.addWidget(self._steps, stretch=2)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(left)
        split.addWidget(right)
        split.setSizes([360, 560])
        split.setChildrenCollapsible(False)
        split.setHandleWidth(theme.MARGIN)
        self.body.addWidget(split, stretch=1)
        self.buttons.addWidget(self._note, stretch=1)
        self._save = push_button(
            "Save into a folder…", "Write the files into a folder of your choice", self._ask, role="action"
        )
        self._save.setEnabled(False)
        self.buttons.addWidget(push_button("Close", "Back to the window", self.reject))
        self.buttons.addWidget(self._save)

    def _loaded(self, templates: Templates) -> None:
        if not self._open:
            return
        self._templates = templates
        self._kind.blockSignals(True)
        for kind, title in templates.titles.items():
            self._kind.addItem(title, kind)
        self._kind.blockSignals(False)
        self._kind_chosen()
        self._kind.setFocus()

    def _kind_chosen(self) -> None:
        if self._templates is None:
            return
        schema: Mapping[str, Any] = self._templates.questions[self._kind.currentData()]
        while (item := self._questions.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._form = SchemaForm(schema, prefilled=True)
        self._form.changed.connect(self._pause.start)
        self._questions.addWidget(scrolled(self._form, "Questions", "About the cluster"), stretch=1)
        self.render_files()

    def _show_files(self) -> None:
        chosen = self._tabs.currentIndex()
        names = [self._tabs.tabText(index) for index in range(self._tabs.count())]
        if names != list(self._files):
            while self._tabs.count():
                gone = self._tabs.widget(0)
                self._tabs.removeTab(0)
                if gone is not None:
                    gone.deleteLater()
            for name in self._files:
                self._tabs.addTab(_plain_text(name, f"The file {name}"), name)
            self._tabs.setCurrentIndex(max(0, chosen))
        for index, text in enumerate(self._files.values()):
            page = self._tabs.widget(index)
            assert isinstance(page, QPlainTextEdit)
            if page.toPlainText() != text:
                page.setPlainText(text)
        self._save.setEnabled(bool(self._files))
        if self._files and self._templates is not None and self._form is not None:
            self._steps.setPlainText(
                self._templates.next_steps(self._kind.currentData(), self._form.values, "")
            )
            number = len(self._files)
            self._say("muted", f"{number} file{'' if number == 1 else 's'}, not saved yet.")

    def _ask(self) -> None:
        dialog = QFileDialog(self, "A folder for the configuration of the endpoint")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda folder: self.save(Path(folder)))
        dialog.open()

    def save(self, folder: Path, *, replace: bool = False) -> None:
        """Write the files into a folder; asks before it replaces any."""
        files = dict(self._files)
        there = [name for name in files if (folder / name).exists()]
        if there and not replace:
            self._confirm(folder, there)
            return
        self._run(
            lambda: save_files(folder, files),
            lambda _none: self._saved(folder, len(files)),
            lambda error: self._say("error", f"✗ The files could not be saved: {error}."),
        )

    def _confirm(self, folder: Path, there: list[str]) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"{folder.name} holds {', '.join(there)} already.")
        box.setInformativeText("Replace what is there?")
        replace = box.addButton("Replace", QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        replace.clicked.connect(lambda: self.save(folder, replace=True))
        box.open()

    def _saved(self, folder: Path, number: int) -> None:
        if self._open:
            self._say("good", f"✓ {number} files are in {folder}")
            if self._templates is not None and self._form is not None:
                self._steps.setPlainText(
                    self._templates.next_steps(self._kind.currentData(), self._form.values, str(folder))
                )

    def _say(self, role: str, sentence: str) -> None:
        if self._open:
            self._note.setText(sentence)
            set_role(self._note, role)

    def _closed(self) -> None:
        self._open = False
        self._pause.stop()


def _plain_text(name: str, explanation: str) -> QPlainTextEdit:
    text = QPlainTextEdit()
    text.setReadOnly(True)
    text.setTabChangesFocus(True)
    text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    describe(text, name, explanation)
    return text
