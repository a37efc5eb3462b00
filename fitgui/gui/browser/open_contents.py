"""What the pallet that is open holds."""

from __future__ import annotations

from html import escape
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.appearance import breakable, short_name
from fitgui.gui.browser.plain import plain_tooltip
from fitgui.gui.widgets import set_role, text_label
from fitgui.pallets import Analysis, Pallet

CHANNEL_LENGTH = 18


class OpenContents(QWidget):
    """Analyses, channels, problems."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._heading = text_label("Open now", role="step")
        self._title = text_label("No pallet is open", role="title", wrap=True)
        self._facts = text_label(role="muted", wrap=True)
        self._contents = text_label(wrap=True)
        self._channels = text_label(wrap=True)
        self._channels.setTextFormat(Qt.TextFormat.RichText)
        self._problems = text_label(role="warning", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        column.addWidget(self._heading)
        for label in self._labels():
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        self._show_filled()

    @property
    def name(self) -> str:
        """What is open, or is being read; empty where nothing is."""
        return self._name

    def show_below_a_name(self, below: bool) -> None:
        """Whether the card has told already what people call it, in large type."""
        set_role(self._title, "" if below else "title")

    def show_none(self) -> None:
        """Nothing is open."""
        self._tell("No pallet is open", "")

    def show_opening(self, source: str) -> None:
        """Say that a pallet is being read."""
        # The last part of a DOI says nothing.
        name = Path(source).name if Path(source).is_absolute() else source
        self._tell(f"Reading {_fitting(name)} …", source)

    def show_pallet(self, pallet: Pallet) -> None:
        """Say what is in it."""
        self._tell(_fitting(pallet.name), pallet.name)
        points = sum(len(analysis.points) for analysis in pallet.analyses)
        analyses = words.count(len(pallet.analyses), "analysis")
        self._facts.setText(f"{analyses} · {words.count(points, 'signal point')}")
        problems = [*pallet.problems]
        for analysis in pallet.analyses:
            problems += [f"{analysis.name}: {problem}" for problem in analysis.problems]
        self._problems.setText("\n\n".join(f"⚠ {breakable(problem)}" for problem in problems))
        self._show_filled()

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
        self._show_filled()

    def _tell(self, title: str, name: str) -> None:
        self._title.setText(title)
        self._title.setToolTip(plain_tooltip(name))
        self._name = name
        for label in self._labels()[1:]:
            label.clear()
        self._show_filled()

    def _show_filled(self) -> None:
        for label in self._labels()[1:]:
            label.setVisible(bool(label.text()))

    def _labels(self) -> tuple[QLabel, ...]:
        return (self._title, self._facts, self._contents, self._problems, self._channels)


def _fitting(name: str) -> str:
    """The name of a pallet, whatever its length."""
    return breakable(short_name(name))


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
