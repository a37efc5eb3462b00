"""Step 1: which published likelihood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.appearance import breakable, short_name
from fitgui.gui.pallet_store import PalletStore
from fitgui.gui.settings import EXAMPLE, Recent
from fitgui.gui.widgets import Panel, push_button, text_label
from fitgui.pallets import Analysis, Pallet
from fitgui.pallets.library.item import LibraryItem

RECENT_SHOWN = 5
CHANNEL_LENGTH = 18
RECENT_WIDTH = 200


class DropArea(QFrame):
    """Where a file or folder can be dropped."""

    def __init__(self, dropped: Callable[[Path], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dropped = dropped
        self.setObjectName("drop")
        self.setAcceptDrops(True)
        self.setAccessibleName("Drop area for pallets")
        layout = QVBoxLayout(self)
        hint = text_label("Drop an archive, a folder or a JSON file here", role="muted", wrap=True)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(hint)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept local files."""
        if dropped_path(event) is not None:
            event.acceptProposedAction()
            self._show_active(active=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget it."""
        self._show_active(active=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self._show_active(active=False)
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self._dropped(path)

    def _show_active(self, *, active: bool) -> None:
        self.setProperty("active", active)
        self.style().unpolish(self)
        self.style().polish(self)


class PalletPanel(Panel):
    """Open a pallet, see what is in it."""

    def __init__(
        self,
        *,
        store: PalletStore,
        open_file: Callable[[], object],
        open_folder: Callable[[], object],
        open_source: Callable[[str | Path], object],
        open_item: Callable[[LibraryItem], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("1  Pallet", parent)
        self._store, self._open_item = store, open_item
        self._open_source = open_source
        buttons = QHBoxLayout()
        buttons.addWidget(
            push_button(
                "Open file…", "Open an archive (tar, tar.gz, tgz, tar.xz, zip) or a JSON file", open_file
            )
        )
        buttons.addWidget(push_button("Folder…", "Open a folder that holds an unpacked pallet", open_folder))
        self.body.addLayout(buttons)
        self.body.addWidget(DropArea(open_source))
        self._title = text_label("No pallet is open", role="title", wrap=True)
        self._facts = text_label(role="muted", wrap=True)
        self._contents = text_label(wrap=True)
        self._channels = text_label(wrap=True)
        self._channels.setTextFormat(Qt.TextFormat.RichText)
        self._problems = text_label(role="warning", wrap=True)
        for label in self._labels():
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, theme.SPACING, 0, 0)
        column.setSpacing(theme.SPACING)
        for label in self._labels():
            column.addWidget(label)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName("Contents of the pallet")
        scroll.setToolTip("What the pallet holds, and what is unusual about it")
        self.body.addWidget(scroll, stretch=1)
        self.body.addWidget(text_label("Recent", role="muted"))
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self.body.addLayout(self._recent)

    def show_none(self) -> None:
        """Nothing is open."""
        self._title.setText("No pallet is open")

    def show_opening(self, source: str) -> None:
        """Say that a pallet is being read."""
        self._title.setText(f"Reading {_fitting(Path(source).name)} …")
        for label in self._labels()[1:]:
            label.clear()

    def show_pallet(self, pallet: Pallet) -> None:
        """Say what is in it."""
        self._title.setText(_fitting(pallet.name))
        self._title.setToolTip(pallet.name)
        points = sum(len(analysis.points) for analysis in pallet.analyses)
        count = len(pallet.analyses)
        self._facts.setText(
            f"{count} {'analysis' if count == 1 else 'analyses'} · {words.count(points, 'signal point')}"
        )
        problems = [*pallet.problems]
        for analysis in pallet.analyses:
            problems += [f"{analysis.name}: {problem}" for problem in analysis.problems]
        self._problems.setText("\n\n".join(f"⚠ {breakable(problem)}" for problem in problems))

    def show_analysis(self, analysis: Analysis) -> None:
        """Say what the chosen analysis consists of."""
        self._contents.setText("\n".join(map(breakable, describe_analysis(analysis).split("\n"))))
        rows = "".join(
            f"<tr><td>{escape(short_name(channel.name, CHANNEL_LENGTH))}</td>"
            f"<td align='right'>&nbsp;&nbsp;{channel.bins}</td>"
            f"<td align='right'>&nbsp;&nbsp;{len(channel.samples)}</td></tr>"
            for channel in analysis.channels
        )
        head = "<tr><th align='left'>Channel</th><th>&nbsp;&nbsp;bins</th><th>&nbsp;&nbsp;samples</th></tr>"
        self._channels.setText(f"<table cellspacing='0' cellpadding='1'>{head}{rows}</table>")

    def show_recent(self, recent: Sequence[Recent]) -> None:
        """List what was opened before; the bundled example is always there."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for known in [*recent[:RECENT_SHOWN], Recent(EXAMPLE, "Bundled example")]:
            button = push_button(
                known.name, f"Open {known.source}", partial(self._open_source, known.source), role="link"
            )
            metrics = button.fontMetrics()
            button.setText(metrics.elidedText(known.name, Qt.TextElideMode.ElideMiddle, RECENT_WIDTH))
            self._recent.addWidget(button)

    def _labels(self) -> tuple[QLabel, ...]:
        return (self._title, self._facts, self._contents, self._problems, self._channels)


def _fitting(name: str) -> str:
    """The name of a pallet, whatever its length."""
    return breakable(short_name(name))


def dropped_path(event: QDropEvent) -> Path | None:
    """The first local file or folder of a drag, if there is one."""
    for url in event.mimeData().urls():
        if url.isLocalFile():
            return Path(url.toLocalFile())
    return None


def describe_analysis(analysis: Analysis) -> str:
    """An analysis in a few lines."""
    lines = [
        analysis.name,
        f"{words.count(len(analysis.channels), 'channel')} · {words.count(analysis.bins, 'bin')}",
        words.count(analysis.parameters, "parameter") + (f" · POI {analysis.poi}" if analysis.poi else ""),
    ]
    verdicts = {True: "✓ digest verified", False: "⚠ digest of another workspace", None: "digest not given"}
    for patch_set in analysis.patch_sets:
        axes = f" in {', '.join(patch_set.labels)}" if patch_set.labels else ""
        lines.append(f"{patch_set.name}: {words.count(len(patch_set.points), 'point')}{axes}")
        lines.append(verdicts[patch_set.digest_verified])
        if patch_set.description:
            lines.append(patch_set.description)
    if not analysis.patch_sets:
        lines.append("A measurement: no signal points to fit")
    return "\n".join(lines)
