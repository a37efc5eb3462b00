"""The page of the fit in words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QFrame, QTextBrowser

from fitgui.gui.point.page import PointPage
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe
from fitgui.insight.record import HEADINGS, Record, record_of

SHORT = 16


class FitPage(PointPage):
    """What was done, and whether it can be trusted."""

    title = "Fit"
    explanation = "The record of the fits in words: minima, starts, bounds, warnings, versions"

    def __init__(self, look: Theme) -> None:
        super().__init__(look)
        self.text = QTextBrowser()
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setOpenLinks(False)
        self.text.setWordWrapMode(QTextOption.WrapMode.WordWrap)
        self.text.document().setDocumentMargin(2)
        describe(self.text, "Record of the fits", "Minima, starts, bounds, warnings, versions, times")
        self.text.setToolTip("")
        self.column.addWidget(self.text)
        self._html = ""

    def refresh(self) -> None:
        """Write what is known."""
        shown = self.shown
        if shown is None:
            return
        html = as_html(record_of(shown.inside, shown.result, shown.versions), self.look)
        if html != self._html:
            self._html = html
            bar = self.text.verticalScrollBar()
            place = bar.value()
            self.text.setHtml(html)
            bar.setValue(place)

    @property
    def missing(self) -> str:
        """As long as there is no fit."""
        return "" if self.shown is not None and self.shown.inside.fits else "Fitting the point …"


def as_html(record: Record, look: Theme) -> str:
    """Everything is a stranger's words, so everything is escaped."""
    parts = [f"<p>{escape(sentence)}</p>" for sentence in record.sentences]
    parts += [f'<p style="color:{look.warning}">⚠ {escape(text)}</p>' for text in record.warnings]
    parts += [f"<p>{escape(text)}</p>" for text in record.notes]
    if record.rows:
        parts.append(_table(HEADINGS, record.rows, look))
    if record.starts:
        parts.append(_table(("fit", "starts, and 2NLL where each led"), record.starts, look))
    if record.facts:
        parts.append(_table((), record.facts, look))
    return "".join(parts)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], look: Theme) -> str:
    head = "".join(f'<th align="left" style="color:{look.muted}">{_cell(text)}</th>' for text in headings)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table cellspacing="0" cellpadding="4"><tr>{head}</tr>{body}</table>'


def _cell(text: str) -> str:
    """Short texts stay in one line."""
    return escape(text).replace(" ", "&nbsp;") if len(text) <= SHORT else escape(text)
