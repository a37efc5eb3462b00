"""Looks into points in a process of its own, the latest question first; nothing here waits for it.

One thread talks to one process of low priority (the worker process of the backend ``local``), which lives
while it is needed. It is asked for one piece at a time, of a tenth of a second or so: before each, what is
wanted is looked at again, so that another point does not wait for the rest of the last one. A process that is
in the middle of something long when another point is wanted is ended.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fitgui.insight.desk import Desk
from fitgui.insight.model import PARTS, Part, Piece, PointInside
from fitgui.insight.worker import Question, step
from fitgui.pallets.model import Analysis, SignalPoint
from fitgui_backends.contract import FitOptions, FitPoint

KEPT: Final = 48
"""Points that are remembered."""
NICENESS: Final = 10
"""A run that goes on is not to feel it."""
IDLE_SECONDS: Final = 60.0
"""A process without work is ended after so long."""

Heard = Callable[[PointInside], object]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A point, and where its documents are."""

    question: Question
    workspace: bytes
    heard: Heard
    order: tuple[Part, ...] = PARTS
    """What is wanted first."""


def options_of(options: FitOptions | None) -> FitOptions:
    """How a point is looked into that a run fitted with some options, or none did: by ``newton``."""
    asked = FitOptions() if options is None else options
    return FitOptions(
        engine="newton",
        poi_test=asked.poi_test,
        test_statistic=asked.test_statistic,
        normsys_interpolation=asked.normsys_interpolation,
        histosys_interpolation=asked.histosys_interpolation,
    )


class Insights:
    """Answers one question at a time; may be used from any thread, calls back from its own."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted: Wanted | None = None
        self._known: OrderedDict[Question, PointInside] = OrderedDict()
        self._desk: Desk[Question] | None = None
        """Of the thread that works, while one does."""
        self._thread: threading.Thread | None = None
        self._closed = False

    def ask(
        self,
        analysis: Analysis,
        point: SignalPoint,
        heard: Heard,
        *,
        options: FitOptions | None = None,
        measurement: str | None = None,
        order: Sequence[Part] = PARTS,
    ) -> PointInside | None:
        """Look into a point; whatever was asked before is given up.

        Args:
            analysis: The point's.
            point: Of it.
            heard: Is called, from another thread, with what is known so far, each time more is.
            options: Of the run that fitted it.
            measurement: Defines the POI; ``None`` takes the first.
            order: What is wanted first.

        Returns:
            What is known of it already.
        """
        question = Question(
            workspace_digest=analysis.digest,
            measurement=measurement,
            point=FitPoint(name=point.name, operations=point.operations),
            options=options_of(options),
        )
        with self._changed:
            self._wanted = Wanted(question, analysis.workspace_json, heard, tuple(order))
            known = self._known.get(question)
            if known is not None and known.trouble:
                known = None
                del self._known[question]
            if self._desk is not None:
                self._desk.turn_to(question)
            elif not self._closed and (known is None or not known.complete):
                self._desk = Desk("looking into a point", niceness=NICENESS)
                self._thread = threading.Thread(
                    target=self._work, args=(self._desk,), name="fitgui-insight", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()
        return known

    def prefer(self, order: Sequence[Part]) -> None:
        """Of the point that is wanted, find out these parts first from now on."""
        with self._changed:
            if self._wanted is not None:
                self._wanted = replace(self._wanted, order=tuple(order))

    def forget(self, heard: Heard) -> None:
        """Who asked with ``heard`` wants nothing any more; what is known stays known."""
        with self._changed:
            if self._wanted is None or self._wanted.heard is not heard:
                return
            self._wanted = None
            self._changed.notify_all()

    def close(self, timeout: float = 0.5) -> None:
        """End the process at once; the thread ends by itself.

        Args:
            timeout: Seconds to wait for the thread.
        """
        with self._changed:
            self._closed, self._wanted = True, None
            thread, desk = self._thread, self._desk
            self._changed.notify_all()
        if desk is not None:
            desk.give_up()
        if thread is not None:
            thread.join(timeout)

    def _work(self, desk: Desk[Question]) -> None:
        while (todo := self._next()) is not None:
            self._advance(desk, *todo)
        desk.end()

    def _next(self) -> tuple[Wanted, Part] | None:
        """What is to be found out now; waits a while for that."""
        with self._changed:
            while not self._closed:
                wanted = self._wanted
                known = None if wanted is None else self._known.get(wanted.question)
                if wanted is not None and known is None:
                    return wanted, "fits"  # which shows that the point can be fitted at all
                if wanted is not None and known is not None and not known.complete:
                    order = (*wanted.order, *PARTS)
                    return wanted, next(part for part in order if part not in known.finished)
                if not self._changed.wait(IDLE_SECONDS):
                    break
            self._desk = None  # who asks from here on has another thread
            return None

    def _advance(self, desk: Desk[Question], wanted: Wanted, part: Part) -> None:
        question = wanted.question
        answer: Piece | str | None = desk.ask(step, question, part, workspace=wanted.workspace)
        with self._changed:
            known = self._known.get(question) or PointInside(
                name=question.point.name, options=question.options
            )
            stale = self._wanted is None or self._wanted.question != question
            if isinstance(answer, Piece):
                known = known.with_piece(answer)
            elif answer is not None and not stale:
                known = replace(known, trouble=answer)
            else:
                return  # it was given up, or nobody waits for it
            self._known[question] = known
            self._known.move_to_end(question)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        if not stale:
            wanted.heard(known)
