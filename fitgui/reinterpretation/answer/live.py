"""The answer while somebody types: the latest signal is fitted at once, in a process of its own.

One thread talks to one process, which has the workspace ready. A signal that was overtaken by another one
before it was begun is never fitted; one that is being fitted is given up between two starts of its fits
(:mod:`.live_latest`), or with its process when that takes long. An answer comes in pieces: CLs, then the
upper limits, then the same verified, which is when it is final. Where the model may have several minima,
which takes time to find out, CLs and limits of the nearest one come before.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

import msgspec

from fitgui.insight.desk import Desk
from fitgui.insight.service import options_of
from fitgui.reinterpretation.answer.live_latest import Latest
from fitgui.reinterpretation.answer.live_worker import Background, Piece, Question, background, step
from fitgui.reinterpretation.model import Target
from fitgui_backends.contract import FitOptions
from fitgui_backends.results import FitResult

KEPT: Final = 256
"""Answers that are remembered, so that undo and redo need no fit."""
KEPT_BACKGROUNDS: Final = 16
IDLE_SECONDS: Final = 600.0
"""A process without work is ended after so long."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What is known of a signal so far."""

    serial: int
    """Of the question, as :meth:`LiveAnswers.ask` returned it: later questions have greater ones."""
    result: FitResult | None = None
    """CLs with the record of its fits, and the upper limits as soon as there are any."""
    provisional: bool = False
    """Whether only the nearest minimum of each fit was looked for yet; other ones are, now."""
    finished: bool = False
    """Whether nothing more will come. Limits are verified only then: before, lower minima may change them."""
    trouble: str = ""
    """Why there is no answer: one sentence; empty where all is well."""
    seconds: float = 0.0
    """Since it was asked."""


Heard = Callable[[LiveAnswer], object]
HeardBackground = Callable[[Background], object]


@dataclass(frozen=True, slots=True)
class _Wanted:
    serial: int
    number: int
    """Of the question; the same where the same was asked again."""
    question: Question
    workspace: bytes
    heard: Heard
    asked: float
    """By the monotonic clock."""


@dataclass(frozen=True, slots=True)
class _WantedBackground:
    question: Question
    workspace: bytes
    heard: HeardBackground | None
    """``None`` where only the process is to be ready."""


class LiveAnswers:
    """Answers one question at a time, the latest; may be used from any thread, calls back from its own.

    Nothing here waits. The process starts with the first call of any of the methods that ask.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._serials = itertools.count(1)
        self._wanted: _Wanted | None = None
        self._number = 0
        """Of the latest question: a fit of an earlier one is given up."""
        self._latest: Latest | None = None
        """Where the process reads that number; of the thread that works."""
        self._backgrounds: list[_WantedBackground] = []
        self._known: OrderedDict[Question, FitResult] = OrderedDict()
        self._known_backgrounds: OrderedDict[Question, Background] = OrderedDict()
        self._desk: Desk[Question] | None = None
        """Of the thread that works, while one does."""
        self._thread: threading.Thread | None = None
        self._closed = False

    def warm_up(self, target: Target, *, options: FitOptions | None = None) -> None:
        """Start the process and let it prepare the workspace, so that the first answer is fast, too.

        Args:
            target: The analysis to which a signal will be added.
            options: As for :meth:`ask`.
        """
        self._want_background(target, None, options)

    def background(
        self, target: Target, heard: HeardBackground, *, options: FitOptions | None = None
    ) -> None:
        """Find out what is expected without signal, before and after a fit to the data of all channels.

        Args:
            target: The analysis.
            heard: Is called once, from another thread.
            options: As for :meth:`ask`.
        """
        self._want_background(target, heard, options)

    def ask(
        self, target: Target, operations: bytes, heard: Heard, *, options: FitOptions | None = None
    ) -> int:
        """Fit a signal; whatever was asked before is given up, and not told any more.

        Args:
            target: The analysis.
            operations: The patch that adds the signal (:func:`.patch.signal_patch`).
            heard: Is called, from another thread, each time more is known.
            options: Test statistic, tested signal strength and interpolation are taken from them; there are
                always limits, and the engine is always ``newton``.

        Returns:
            The serial number that the answers will have.
        """
        question = _question(target, operations, options)
        with self._changed:
            serial = next(self._serials)
            if self._wanted is None or self._wanted.question != question:
                self._turn()
            self._wanted = _Wanted(
                serial, self._number, question, target.analysis.workspace_json, heard, time.monotonic()
            )
            if self._desk is not None:
                self._desk.turn_to(question)
            self._begin()
        return serial

    def forget(self, heard: Heard | HeardBackground | None = None) -> None:
        """Who asked with ``heard`` wants nothing any more; without it, nobody does."""
        with self._changed:
            if self._wanted is not None and (heard is None or self._wanted.heard == heard):
                self._wanted = None
                self._turn()
            self._backgrounds = [one for one in self._backgrounds if heard is not None and one.heard != heard]
            self._changed.notify_all()

    def close(self, timeout: float = 0.5) -> None:
        """End the process at once; the thread ends by itself.

        Args:
            timeout: Seconds to wait for the thread.
        """
        with self._changed:
            self._closed, self._wanted, self._backgrounds = True, None, []
            thread, desk = self._thread, self._desk
            self._changed.notify_all()
        if desk is not None:
            desk.give_up()
        if thread is not None:
            thread.join(timeout)

    def _want_background(
        self, target: Target, heard: HeardBackground | None, options: FitOptions | None
    ) -> None:
        question = _question(target, b"", options)
        with self._changed:
            self._backgrounds.append(_WantedBackground(question, target.analysis.workspace_json, heard))
            self._begin()

    def _turn(self) -> None:
        """Whatever is being fitted is not wanted any more; with the lock."""
        self._number += 1
        self._note()

    def _note(self) -> None:
        if self._latest is not None:
            with suppress(OSError):
                self._latest.write(self._number)

    def _begin(self) -> None:
        """Let the thread go on, or begin; with the lock."""
        if self._desk is None and not self._closed:
            self._desk = Desk("answering while somebody types")
            self._thread = threading.Thread(
                target=self._work, args=(self._desk,), name="fitgui-live", daemon=True
            )
            self._thread.start()
        self._changed.notify_all()

    def _work(self, desk: Desk[Question]) -> None:
        with ExitStack() as stack:
            latest = None
            with suppress(OSError):  # without it, a fit that was begun goes on
                folder = TemporaryDirectory(prefix="fitgui-live-", ignore_cleanup_errors=True)
                latest = Latest(str(Path(stack.enter_context(folder)) / "latest"))
                stack.callback(latest.close)
            with self._changed:
                self._latest = latest
                self._note()
            self._serve(desk, "" if latest is None else latest.path)
            with self._changed:
                if self._latest is latest:
                    self._latest = None
            desk.end()

    def _serve(self, desk: Desk[Question], latest: str) -> None:
        prepared: set[tuple[int, Question]] = set()
        """Of which process, and which workspaces."""
        while (todo := self._next()) is not None:
            bare = _bare(todo.question)
            if isinstance(todo, _Wanted) and (known := self._known.get(todo.question)) is not None:
                self._tell(todo.question, known, finished=True)
            elif (desk.process, bare) not in prepared or bare not in self._known_backgrounds:
                # Before anything that may be given up: else who types fast has it given up each time.
                if self._prepare(desk, bare, todo):
                    prepared.add((desk.process, bare))
            elif isinstance(todo, _Wanted):
                self._answer(desk, todo, latest)
            else:
                self._tell_background(todo, self._known_backgrounds[bare])

    def _next(self) -> _Wanted | _WantedBackground | None:
        """What is to be found out or told now; waits a while for that."""
        with self._changed:
            while not self._closed:
                known = (one for one in self._backgrounds if one.question in self._known_backgrounds)
                todo = next(known, None) or self._wanted or next(iter(self._backgrounds), None)
                if todo is not None:
                    return todo
                if not self._changed.wait(IDLE_SECONDS):
                    break
            self._desk = None  # who asks from here on has another thread
            return None

    def _prepare(self, desk: Desk[Question], bare: Question, todo: _Wanted | _WantedBackground) -> bool:
        """Let the process make what all signals begin with; whether it could."""
        answer: Background | str | None = desk.ask(background, bare, workspace=todo.workspace, lasting=True)
        if isinstance(answer, Background):
            _remember(self._known_backgrounds, bare, answer, KEPT_BACKGROUNDS)
            return True
        if answer is not None:  # the process cannot be had
            if isinstance(todo, _Wanted):
                self._tell(todo.question, None, trouble=answer)
            else:
                self._tell_background(todo, Background(trouble=answer))
        return False

    def _answer(self, desk: Desk[Question], wanted: _Wanted, latest: str) -> None:
        answer: Piece | str | None = desk.ask(
            step, wanted.question, wanted.number, latest, workspace=wanted.workspace
        )
        if isinstance(answer, str):
            self._tell(wanted.question, None, trouble=answer)
        elif answer is not None and answer.result is not None:
            if answer.finished:
                _remember(self._known, wanted.question, answer.result, KEPT)
            self._tell(
                wanted.question, answer.result, provisional=answer.provisional, finished=answer.finished
            )

    def _tell(
        self,
        question: Question,
        result: FitResult | None,
        *,
        provisional: bool = False,
        finished: bool = False,
        trouble: str = "",
    ) -> None:
        """Tell whoever waits for a question now, which may be somebody else than when it was begun."""
        with self._changed:
            wanted = self._wanted
            if wanted is None or wanted.question != question:
                return
            if finished or trouble:
                self._wanted = None
        _call(
            wanted.heard,
            LiveAnswer(
                serial=wanted.serial,
                result=result,
                provisional=provisional,
                finished=finished or bool(trouble),
                trouble=trouble,
                seconds=time.monotonic() - wanted.asked,
            ),
        )

    def _tell_background(self, wanted: _WantedBackground, found: Background) -> None:
        with self._changed:
            if wanted not in self._backgrounds:
                return  # it was forgotten
            self._backgrounds.remove(wanted)
        if wanted.heard is not None:
            _call(wanted.heard, found)


_Answer = TypeVar("_Answer")


def _remember(known: OrderedDict[Question, _Answer], question: Question, answer: _Answer, most: int) -> None:
    known[question] = answer
    known.move_to_end(question)
    while len(known) > most:
        known.popitem(last=False)


def _call(heard: Callable[[_Answer], object], answer: _Answer) -> None:
    try:
        heard(answer)
    except Exception:  # noqa: BLE001  (who listens may be gone; answers go on)
        _log.exception("telling of a signal")


def _question(target: Target, operations: bytes, options: FitOptions | None) -> Question:
    return Question(
        workspace_digest=target.analysis.digest,
        measurement=target.measurement,
        options=options_of(options),
        operations=operations,
    )


def _bare(question: Question) -> Question:
    return msgspec.structs.replace(question, operations=b"")
