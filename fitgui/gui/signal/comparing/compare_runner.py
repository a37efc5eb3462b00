"""Fits a signal against one analysis after the other, by the process that answers while somebody types."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtCore import Signal as QtSignal

from fitgui.gui.bridge import Bridge
from fitgui.gui.signal.comparing.contenders import Contender
from fitgui.reinterpretation.answer.live import LiveAnswer, LiveAnswers
from fitgui.reinterpretation.model import Finding, SignalError, Treatment

Key = tuple[str, str]


class CompareRunner(QObject):
    """Keeps what is to be fitted, in order; used in the GUI thread.

    Args:
        bridge: to threads and back.
        live: the process that fits.
        parent: keeps it.
    """

    answered = QtSignal(object, object, object)
    """The key of a :class:`Contender`, a :class:`LiveAnswer`, and findings; more of them as more is known."""
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
        self._going: tuple[Contender, Treatment] | None = None
        """What is being fitted, and how."""

    @property
    def current(self) -> Key | None:
        """What is being fitted."""
        return None if self._going is None else self._going[0].key

    def fit(self, contenders: list[Contender], treatment: Treatment) -> None:
        """Fit these, and nothing else any more; what is being fitted goes on if it is among them."""
        going = self._going
        if going is not None and treatment is going[1]:
            others = [one for one in contenders if not _same(one, going[0])]
            if len(others) < len(contenders):
                self._left = [(one, treatment) for one in others]
                return
        self.stop()
        self._left = [(one, treatment) for one in contenders]
        self._next()

    def stop(self) -> None:
        """Fit nothing more; what is being fitted is given up."""
        self._round += 1
        self._left, self._going = [], None
        heard, self._heard = self._heard, None
        if heard is not None:
            self._live().forget(heard)

    def _next(self) -> None:
        self._heard = None
        if not self._left:
            self._going = None
            self.ended.emit()
            return
        self._round += 1
        number = self._round
        contender, treatment = self._left.pop(0)
        self._going = contender, treatment
        self.began.emit(contender.key)

        def heard(answer: LiveAnswer) -> None:
            notes = contender.noted(treatment, answer.result)
            self._bridge.post(partial(self._take, number, contender.key, answer, notes))

        def ready(operations: bytes) -> None:
            if number == self._round:
                self._heard = heard
                self._live().ask(contender.target, operations, heard)

        def failed(error: Exception) -> None:
            known = isinstance(error, SignalError)
            trouble = str(error) if known else f"It could not be fitted: {error}"
            self._take(number, contender.key, LiveAnswer(serial=0, finished=True, trouble=trouble))

        self._bridge.run(partial(contender.operations, treatment), ready, failed)

    def _take(self, number: int, key: Key, answer: LiveAnswer, notes: tuple[Finding, ...] = ()) -> None:
        if number != self._round:
            return
        self.answered.emit(key, answer, notes)
        if answer.finished:
            self._next()


def _same(one: Contender, other: Contender) -> bool:
    """Whether both are the same question."""
    return one.key == other.key and one.signal == other.signal and one.treatments == other.treatments
