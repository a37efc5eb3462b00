"""What runs in the process that answers while somebody types: it remembers workspaces, and where it is.

In the end the numbers are those of a run with the engine ``newton``. They come piece by piece: where a model
may have several minima, CLs and limits of the nearest one first; CLs; limits; the same verified. The module
is imported by that process before numpy may load, so it loads nothing heavy itself.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from fitgui.reinterpretation.answer.live_latest import Latest, Overtaken
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines.base import FitError, in_one_sentence
from fitgui_backends.fitting import Memory
from fitgui_backends.results import FitResult, UpperLimits

if TYPE_CHECKING:
    from fitgui_backends.engines.newton_engine import PreparedNewton
    from fitgui_backends.engines.newton_extras import Tested
    from fitgui_backends.inference.best_fit import BestFit
    from fitgui_backends.inference.limits import Limits

SHARE_SECONDS: Final = 0.05
"""So long at most, or one fit, the limits are looked for before another signal may have its turn."""
PATIENCE_SECONDS: Final = 0.12
"""A thorough fit that takes longer is begun again after a hasty one, where it was not expected to be long."""
NAME: Final = "signal"
"""Of the point, in what is answered."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace, how it is fitted, and with which signal."""

    workspace_digest: str
    measurement: str | None = None
    options: FitOptions
    operations: bytes = b""
    """The patch; empty where nothing but the background is asked for."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one step has found."""

    result: FitResult | None = None
    """All that is known now; ``None`` where that is what was known before."""
    provisional: bool = False
    """Whether only the nearest minimum of each fit was looked for, yet."""
    finished: bool = False


@dataclass(frozen=True, slots=True)
class BackgroundChannel:
    """A channel without signal; every tuple has one number for each bin, in events.

    Uncertainties are one standard deviation, to first order in the parameters with their correlations; NaN
    where the fit does not determine a number.
    """

    name: str
    observed: tuple[float, ...]
    pre_fit: tuple[float, ...]
    """At the nominal parameters; those without constraint at their starting values, as if known."""
    pre_fit_errors: tuple[float, ...]
    post_fit: tuple[float, ...]
    """After the fit of the background alone to the data of all channels."""
    post_fit_errors: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Background:
    """What is expected of an analysis without signal, or why that is not known."""

    channels: tuple[BackgroundChannel, ...] = ()
    """By name, as in pyhf's models."""
    converged: bool = False
    trouble: str = ""
    """One sentence; empty where all is well."""

    def channel(self, name: str) -> BackgroundChannel | None:
        """The channel of that name."""
        return next((channel for channel in self.channels if channel.name == name), None)


class _Answering:
    """One signal on its way from CLs to verified limits."""

    def __init__(self, prepared: PreparedNewton, question: Question) -> None:
        self._statistic = question.options.test_statistic
        self._pieces = self._answers(prepared, FitPoint(name=NAME, operations=question.operations))

    def next(self) -> Piece:
        """What is known next, or nothing new after a while."""
        until = time.perf_counter() + SHARE_SECONDS
        piece = None
        while piece is None and time.perf_counter() < until:
            piece = next(self._pieces)
        return piece or Piece()

    def _answers(self, prepared: PreparedNewton, point: FitPoint) -> Iterator[Piece | None]:
        """``None`` where somebody else may have his turn."""
        from fitgui_backends.inference.fits import checked_between_starts  # noqa: PLC0415

        limits: UpperLimits | None = None
        thorough = None
        if (hasty := prepared.fit_hastily(point)) is None:
            try:
                with checked_between_starts(_until(time.perf_counter() + PATIENCE_SECONDS)):
                    thorough = prepared.fit_openly(point)
            except _Slow:  # its fits disagree about the minimum, which the shape of the model did not tell
                hasty = prepared.fit_hastily(point, always=True)
        if hasty is not None:
            first, tested = hasty
            yield Piece(_signed(first), provisional=True)
            for some in self._limits(tested, thorough=False):
                if some is not None:
                    limits = _as_told(some)
                    yield Piece(_with(first, some), provisional=True)
        result, tested = thorough or prepared.fit_openly(point)
        yield Piece(_signed(msgspec.structs.replace(result, limits=limits)))
        number = 0
        for some in self._limits(tested, thorough=True):
            number += some is not None
            yield None if some is None else Piece(_with(result, some), finished=number == len(_LIMITS))

    def _limits(self, tested: Tested, *, thorough: bool) -> Iterator[Limits | None]:
        from fitgui_backends.inference.limits import upper_limits_by_and_by  # noqa: PLC0415

        yield from upper_limits_by_and_by(
            tested.model, tested.data, tested.test, thorough=thorough, test_statistic=self._statistic
        )


class _Slow(Exception):  # noqa: N818  (what happened, not an error)
    """A fit takes longer than somebody likes to wait for a first number."""


def _until(end: float) -> Callable[[], None]:
    """A check that a fit is still quick."""

    def check() -> None:
        if time.perf_counter() > end:
            raise _Slow

    return check


_LIMITS: Final = ("as found", "verified")


def _with(result: FitResult, limits: Limits) -> FitResult:
    """The result as a run would have it that was asked for limits."""
    return _signed(
        msgspec.structs.replace(
            result,
            limits=_as_told(limits),
            converged=result.converged and limits.converged,
            warnings=(*result.warnings, *limits.messages),
            notes=(*result.notes, *limits.notes),
        )
    )


def _as_told(limits: Limits) -> UpperLimits:
    return UpperLimits(obs=limits.observed, exp=limits.expected, fits=limits.fits, converged=limits.converged)


def _signed(result: FitResult) -> FitResult:
    return msgspec.structs.replace(result, worker=f"{socket.gethostname()}:{os.getpid()}")


class _State:
    def __init__(self) -> None:
        self.memory = Memory()
        self.question: Question | None = None
        self.answering: _Answering | None = None
        self.latest: Latest | None = None

    def watched(self, path: str) -> Latest | None:
        """The file of that path, opened once; ``None`` where there is none."""
        if self.latest is not None and self.latest.path != path:
            self.latest.close()
            self.latest = None
        if self.latest is None and path:
            self.latest = Latest(path)
        return self.latest


_state = _State()


def step(
    _serial: int, question: Question, number: int, latest: str, workspace: bytes | None
) -> Piece | str | None:
    """What is known next of a signal.

    Args:
        question: The signal; another one than last time begins anew.
        number: Of the question: when a greater one is noted, this one is given up.
        latest: The path of the :class:`.live_latest.Latest`; empty where there is none.
        workspace: The document, where the application thinks that this process does not have it.

    Returns:
        The piece, with nothing new where it was given up; a sentence if there is none, because something is
        wrong; ``None`` if the workspace is needed (again).
    """
    from fitgui_backends.inference.fits import checked_between_starts  # noqa: PLC0415

    try:
        noted = _state.watched(latest)
        if _state.answering is None or _state.question != question:
            prepared = _prepared(question, workspace)
            if prepared is None:
                return None
            _state.answering, _state.question = None, None
            _state.answering, _state.question = _Answering(prepared, question), question
        with checked_between_starts(lambda: None if noted is None else noted.check(number)):
            return _state.answering.next()
    except Overtaken:
        _state.answering = None
        return Piece()
    except Exception as error:  # noqa: BLE001  (whatever it is, it becomes a sentence about this signal)
        return in_one_sentence(error, "signal")


def background(_serial: int, question: Question, workspace: bytes | None) -> Background | None:
    """The background alone; whatever the first signal needs is made on the way.

    Args:
        question: The workspace.
        workspace: As for :func:`step`.

    Returns:
        The background; ``None`` if the workspace is needed (again).
    """
    try:
        prepared = _prepared(question, workspace)
        if prepared is None:
            return None
        import fitgui_backends.inference.limits  # noqa: F401, PLC0415  (needs scipy, which takes a while)

        return _told(prepared.fit_background())
    except Exception as error:  # noqa: BLE001  (whatever it is, it becomes a sentence about this workspace)
        return Background(trouble=in_one_sentence(error, "workspace"))


def _told(best: BestFit) -> Background:
    return Background(
        channels=tuple(
            BackgroundChannel(
                name=channel.channel,
                observed=tuple(channel.observed.tolist()),
                pre_fit=tuple(channel.pre_fit.background.tolist()),
                pre_fit_errors=tuple(channel.pre_fit.background_errors.tolist()),
                post_fit=tuple(channel.post_fit.background.tolist()),
                post_fit_errors=tuple(channel.post_fit.background_errors.tolist()),
            )
            for channel in best.yields
        ),
        converged=best.fit.converged,
    )


def _prepared(question: Question, workspace: bytes | None) -> PreparedNewton | None:
    from fitgui_backends.engines.newton_engine import PreparedNewton  # noqa: PLC0415

    memory = _state.memory
    if workspace is not None:
        memory.keep(question.workspace_digest, workspace)
    if not memory.knows(question.workspace_digest):
        return None
    prepared = memory.prepare(question.workspace_digest, question.measurement, question.options)
    if not isinstance(prepared, PreparedNewton):
        raise FitError(f"The engine {question.options.engine} does not answer while one types: newton does.")
    return prepared
