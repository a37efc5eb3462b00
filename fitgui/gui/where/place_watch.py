"""What a run on a cluster waits for and somebody should know: told once, with the way out, until it ends."""

from __future__ import annotations

from collections.abc import Callable

from fitgui.gui.where.standing import Action
from fitgui.gui.widgets import NoticeBar
from fitgui_backends.events import PlaceChanged

TROUBLES = {
    "offline": "The endpoint is offline: its tasks wait until it is started again.",
    "unreachable": "The service does not answer: the run goes on there, and its results are fetched later.",
    "login": "The run waits until you log in.",
}
"""By the status of a place; told where the place has no words of its own."""


class PlaceWatch:
    """Tells by the notice bar.

    Args:
        notice: tells.
        log_in: opens the login of the cluster that the run is at.
    """

    def __init__(self, notice: NoticeBar, log_in: Callable[[], None]) -> None:
        self._notice, self._log_in = notice, log_in
        self._told = ""

    def heard(self, event: PlaceChanged) -> None:
        """How the place of the run on show stands now."""
        trouble = TROUBLES.get(event.status)
        if trouble is None:
            self.over()
            return
        sentence = event.text or trouble
        if sentence == self._told:
            return
        self._told = sentence
        if event.status == "login":
            self._notice.tell("warning", sentence, action=Action.LOGIN.value, act=self._log_in)
        else:
            self._notice.tell("warning", sentence)

    def over(self) -> None:
        """Nothing is wrong any more, or nothing waits: a notice about it goes."""
        if self._told and self._notice.text == self._told:
            self._notice.hide()
        self._told = ""
