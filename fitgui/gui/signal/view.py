"""The tab in which somebody types a signal of his own and reads whether it is excluded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from fitgui.gui import theme
from fitgui.gui.analysis_choice import Shown
from fitgui.gui.result_view import ResultView, ViewContext
from fitgui.reinterpretation.model import Finding, Signal, Target

FORM: Final = "form"
"""The page on which yields are typed."""


class SignalView(ResultView):
    """A stack of pages: the form, and what leads to it or from it (mapping regions, comparing analyses)."""

    title = "Your signal"
    tip = "Type, paste or import the yields of your own signal: whether this analysis excludes it"
    import_wanted = QtSignal(object)
    """Yields under names of their own are to be mapped: pasted text (``str``), or a path of them (``Path``)."""
    run_wanted = QtSignal(object)
    """These signals (a tuple of :class:`Signal`) are to be fitted as a plan."""
    compare_wanted = QtSignal()
    """The signal is to be fitted against several analyses."""

    def __init__(self, context: ViewContext) -> None:
        super().__init__(context)
        self._shown: Shown | None = None
        self._target: Target | None = None
        self.stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACING, 0, 0)
        column.addWidget(self.stack)
        self.add_page(FORM, QWidget())

    @property
    def target(self) -> Target | None:
        """The analysis on show as a signal sees it; ``None`` until it is known, or where it takes none."""
        return self._target

    @property
    def page(self) -> str:
        """The name of the page in front."""
        return next((name for name, page in self._pages.items() if page is self.stack.currentWidget()), FORM)

    def add_page(self, name: str, page: QWidget) -> None:
        """Put another page into the stack."""
        self._pages[name] = page
        self.stack.addWidget(page)

    def show_page(self, name: str) -> None:
        """Bring a page to the front, ready for the keyboard."""
        self.stack.setCurrentWidget(self._pages[name])
        self._pages[name].setFocus()

    def show_points(self, shown: Shown) -> None:
        """Another analysis is on show."""
        self._shown = shown

    def show_signal(self, signal: Signal, findings: Sequence[Finding] = ()) -> None:
        """Fill the form with a signal of the target on show, as one edit that can be undone.

        Args:
            signal: its yields by channel and bin of :attr:`target`.
            findings: what was noticed when it was imported; told with the caveats until the yields change.
        """
        self.show_page(FORM)
