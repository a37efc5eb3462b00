"""What every tab of the results has in common."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import ClassVar, Self

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from fitgui.gui import theme
from fitgui.gui.analysis_choice import Shown
from fitgui.gui.session import SessionResults
from fitgui.gui.settings import WindowSettings
from fitgui.gui.workbench import Workbench


@dataclass(frozen=True, slots=True)
class ViewContext:
    """What a view may use."""

    look: theme.Theme
    workbench: Workbench
    """For its bridge (work on a thread), the open pallet, and actions."""
    say: Callable[[str, str], None]
    """Tell the user one sentence: level (``info``, ``warning``, ``error``) and text."""
    settings: WindowSettings | None = None
    """What is remembered between sessions."""
    take_back: Callable[[str], None] = lambda _sentence: None
    """Stop saying this sentence, where it is still in sight: what it told of is over."""


class ResultView(QWidget):
    """A tab of the results; while it is hidden it draws nothing, and catches up when it is shown.

    Each of these methods is called in the GUI thread, at most once in a frame.
    """

    points_chosen = Signal(object)
    """The set of names of the points that the user chose in this view."""
    title: ClassVar[str] = ""
    """On the tab."""
    tip: ClassVar[str] = ""
    """One sentence about it."""
    about_run: ClassVar[bool] = True
    """Whether it shows the run; else the numbers of the run leave their room to it while it is in front."""

    def __init__(self, context: ViewContext) -> None:
        super().__init__()
        self.context = context

    def show_points(self, shown: Shown) -> None:
        """Another analysis is on show; it has no results yet."""

    def show_results(self, results: SessionResults) -> None:
        """Take results from here, a live object that its owner keeps up to date."""

    def points_changed(self, names: Collection[str]) -> None:
        """These points have another state or another result."""

    def show_selection(self, names: Collection[str]) -> None:
        """These points are selected in the plane, the table or elsewhere."""

    def show_time(self, elapsed: float) -> None:
        """The clock of the run on show went on, or stands: wall time in seconds."""

    def take_over(self, other: Self) -> None:
        """Show what the user chose to see in ``other``, in whose place this view is, in other colours.

        Points, results and selection are shown already.
        """
