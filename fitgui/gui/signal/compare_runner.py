"""Fits a signal against one analysis after the other, by the process that answers while somebody types."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtCore import Signal as QtSignal

from fitgui.gui.bridge import Bridge
from fitgui.gui.signal.contenders import Contender
from fitgui.reinterpretation.live import LiveAnswer, LiveAnswers
from fitgui.reinterpretation.model import SignalError, Treatment

Key = tuple[str, str]


class CompareRunner(QObject):
    """Keeps what is to be fitted, in order; used in the GUI thread.

    Args:
        bridge: to threads and back.
        live: the process that fits.
        parent: keeps it.
    """

    answered = QtSignal(object, object)
    """The key of a :class:`Contender`, and the :class:`LiveAnswer`; more than one as more gets known."""
    began = QtSignal(object)
    """The key of what is being fitted now."""
    ended = QtSignal()
    """Nothing is left to be fitted."""

    def __init__(
        self, bridge: Bridge, live: Callable[[], LiveAnswers], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge, self._live = bridge, live
        self._left: list[tuple[Contender, Treatment]] = []
        self._round = 0
        self._heard: Callable[[LiveAnswer], object] | None = None
        self.current: Key | None = None
        """What is being fitted."""

    def fit(self, contenders: list[Contender], treatment: Treatment) -> None:
        """Fit these, and nothing else any more."""
        self.stop()
        self._left = [(one, treatment) for one in contenders]
        self._next()

    def stop(self) -> None:
        """Fit nothing more; what is being fitted is given up."""
        self._round += 1
        self._left, self.current = [], None
        heard, self._heard = self._heard, None
        if heard is not None:
            self._live().forget(heard)

    def _next(self) -> None:
        self._heard = None
        if not self._left:
            self.current = None
            self.ended.emit()
            return
        self._round += 1
        number = self._round
        contender, treatment = self._left.pop(0)
        self.current = contender.key
        self.began.emit(contender.key)

        def heard(answer: LiveAnswer) -> None:
            self._bridge.post(partial(self._take, number, contender.key, answer))

        def ready(operations: bytes) -> None:
            if number == self._round:
                self._heard = heard
                self._live().ask(contender.target, operations, heard)

        def failed(error: Exception) -> None:
            known = isinstance(error, SignalError)
            trouble = str(error) if known else f"It could not be fitted: {error}"
            self._take(number, contender.key, LiveAnswer(serial=0, finished=True, trouble=trouble))

        self._bridge.run(partial(contender.operations, treatment), ready, failed)

    def _take(self, number: int, key: Key, answer: LiveAnswer) -> None:
        if number != self._round:
            return
        self.answered.emit(key, answer)
        if answer.finished:
            self._next()
