"""From a draft to its answer: looked over on a thread, fitted in a process, told in the window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from fitgui.gui.bridge import Bridge
from fitgui.gui.signal.drafting.draft import Draft, signal_of, treatments_of
from fitgui.gui.signal.drafting.table_model import Background
from fitgui.reinterpretation.answer.live import LiveAnswer, LiveAnswers
from fitgui.reinterpretation.answer.live_worker import Background as FittedBackground
from fitgui.reinterpretation.answer.verdict import Verdict, verdict
from fitgui.reinterpretation.looking_over.caveats import caveats
from fitgui.reinterpretation.looking_over.consequences import consequences
from fitgui.reinterpretation.looking_over.sanity import check_signal
from fitgui.reinterpretation.model import Finding, SignalError, Target
from fitgui.reinterpretation.patching.patch import signal_patch

NOT_FITTED: Final = "It could not be fitted"
POI_SIGN: Final = "μ"
NEVER: Final = frozenset({"bins", "not-a-number", "negative-uncertainty", "missing"})
"""Codes of findings that are to be mended: nothing can be fitted however much the user insists."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of a draft."""

    findings: tuple[Finding, ...] = ()
    refusal: str = ""
    """Why it is not fitted: one sentence."""
    to_confirm: frozenset[str] = frozenset()
    """Codes of what is to be confirmed before it is fitted; empty where no confirmation helps."""
    verdict: Verdict | None = None
    """``None`` until there is an answer."""
    provisional: bool = False
    """Whether CLs may still change: other minima are being looked for."""
    final: bool = False
    """Whether nothing more will come."""
    trouble: str = ""
    """Why there is no answer: one sentence."""
    seconds: float = 0.0
    """From the question to this."""


class Answers(QObject):
    """Asks about one draft at a time, the latest; used in the GUI thread, works on others.

    Args:
        bridge: to threads and back.
        live: the process that fits.
    """

    judged = Signal(object)
    """A :class:`Judgement` of the latest draft; more than one as more gets known."""
    background_known = Signal(object)
    """The :class:`Background` after a fit."""

    def __init__(
        self, bridge: Bridge, live: Callable[[], LiveAnswers], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge, self._live = bridge, live
        self._lock = threading.Lock()
        self._round = 0
        """Of the latest draft; a later one makes whatever comes for an earlier one void."""
        self._heard: Callable[[LiveAnswer], object] | None = None
        self._heard_background: Callable[[FittedBackground], object] | None = None

    def ask_background(self, target: Target) -> None:
        """Fit the background alone, which also readies the process for the first signal."""

        def heard(found: FittedBackground) -> None:
            self._bridge.post(lambda: self._take_background(heard, found))

        self._heard_background = heard
        self._live().background(target, heard)

    def ask(self, target: Target, draft: Draft, largest: float | None = None) -> None:
        """Judge this draft, which has numbers in all cells; earlier ones are given up.

        Args:
            target: the analysis.
            draft: what was typed.
            largest: the largest signal strength that the measurement allows.
        """
        with self._lock:
            self._round += 1
            number = self._round
        self._bridge.run(
            lambda: self._begin(number, target, draft, largest),
            lambda judgement: self._take(number, judgement),
            lambda error: self._take(number, Judgement(refusal=f"{NOT_FITTED}: {error}", final=True)),
        )

    def forget(self) -> None:
        """Nobody looks any more, or there is nothing to be asked."""
        with self._lock:
            self._round += 1
            heard, self._heard = self._heard, None
        if heard is not None:
            self._live().forget(heard)

    def _begin(self, number: int, target: Target, draft: Draft, largest: float | None) -> Judgement | None:
        """On a thread: look the signal over, and have it fitted if nothing forbids it.

        Returns:
            Why it is not fitted; ``None`` where it is: what is known then is told on the way.
        """
        if number != self._round:
            return None
        signal, treatments = signal_of(draft, target), treatments_of(draft, target)
        imported = tuple(replace(finding, severe=False) for finding in draft.findings)
        looked = settled(
            (
                *check_signal(target, signal, treatments=treatments),
                *imported,
                *consequences(target, signal, treatments),
            ),
            draft,
        )
        more = settled(caveats(target, signal, treatments), draft)
        severe = [finding for finding in (*looked, *more) if finding.severe]
        refusal = severe[0].sentence if severe else ""
        operations = b""
        if not refusal:
            try:
                operations = signal_patch(target, signal, treatments)
            except SignalError as error:
                refusal = str(error)
        if refusal:
            self._withdraw(number)
            if any(finding.code == "missing" for finding in severe):
                # Nothing was chosen for that region: it is not kept, as would be said else.
                looked = tuple(finding for finding in looked if finding.code != "kept-without-signal")
            codes = frozenset(finding.code for finding in severe if finding.code not in NEVER)
            whole = len(codes) == len({finding.code for finding in severe}) and bool(severe)
            return Judgement(
                findings=(*looked, *more),
                refusal=refusal,
                to_confirm=codes if whole else frozenset(),
                final=True,
            )

        def heard(answer: LiveAnswer) -> None:
            known = more
            if answer.result is not None:
                known = settled(caveats(target, signal, treatments, answer.result), draft)
            judgement = Judgement(
                findings=(*looked, *known),
                verdict=None if answer.result is None else verdict(answer.result, POI_SIGN, largest=largest),
                provisional=answer.provisional,
                final=answer.finished,
                trouble=answer.trouble,
                seconds=answer.seconds,
            )
            self._bridge.post(lambda: self._take(number, judgement))

        # Before it is asked for: an answer that is remembered comes at once, and is not to be taken back.
        begun = Judgement(findings=(*looked, *more))
        self._bridge.post(lambda: self._take(number, begun))
        with self._lock:
            if number == self._round:
                self._heard = heard
                self._live().ask(target, operations, heard)
        return None

    def _withdraw(self, number: int) -> None:
        """What is being fitted is not about the latest draft."""
        with self._lock:
            heard = self._heard if number == self._round else None
        if heard is not None:
            self._live().forget(heard)

    def _take(self, number: int, judgement: Judgement | None) -> None:
        if number == self._round and judgement is not None and isValid(self):
            self.judged.emit(judgement)

    def _take_background(self, heard: Callable[[FittedBackground], object], found: FittedBackground) -> None:
        if heard is not self._heard_background or not isValid(self):
            return
        if found.channels:
            self.background_known.emit(background_of(found))


def settled(findings: Iterable[Finding], draft: Draft) -> tuple[Finding, ...]:
    """Severe findings that the user has confirmed are severe no more."""
    return tuple(
        replace(one, severe=False) if one.severe and one.code in draft.confirmed else one for one in findings
    )


def background_of(found: FittedBackground) -> Background:
    """After the fit where that converged, else before it."""
    post = found.converged
    return Background(
        post_fit=post,
        values={one.name: one.post_fit if post else one.pre_fit for one in found.channels},
        errors={one.name: one.post_fit_errors if post else one.pre_fit_errors for one in found.channels},
    )
