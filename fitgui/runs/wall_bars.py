"""Wall times side by side: a run, the same points on one core, other runs, published values."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fitgui import words
from fitgui.runs.completion import Completion
from fitgui.runs.published_times import PublishedTimes, citation
from fitgui.runs.wall_times import RunTimes, differences


class BarKind(StrEnum):
    """What a bar is about."""

    THIS = "this"
    """The run on show."""
    CORE = "core"
    """Its points on one core."""
    RUN = "run"
    """Another run of the same analysis."""
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class WallBar:
    """A wall time to be drawn, with all that is said about it."""

    key: str
    """Unique among the bars: the name of a run, or ``core``, or ``published:0``."""
    kind: BarKind
    label: str
    """``This machine, 2 workers, newton``."""
    detail: str
    """``29 Nov 2026 14:05 · 57 of 125 points, with limits``; empty where there is nothing to say."""
    seconds: float
    """Measured, or published; 0 where nothing is measured yet."""
    expected: float | None = None
    """What it will come to, estimated, where it still grows."""
    error: float | None = None
    """Of a published value."""
    comparable: bool = True
    """Whether the same points were fitted with the same options; its label says what differs."""
    explanation: str = ""
    """Sentences for a tooltip."""

    @property
    def end(self) -> float:
        """Where what is drawn of it ends, in seconds."""
        return max(self.seconds + (self.error or 0.0), self.expected or 0.0)

    @property
    def value(self) -> str:
        """``156.2 ± 9.5 s``; of what still grows ``1.2 s, about 2.9 s in all``."""
        if self.error is not None:
            return f"{self.seconds:g} ± {self.error:g} s"
        text = seconds_text(self.seconds) if self.seconds > 0 else ""
        if self.expected is None or self.expected <= self.seconds:
            return text
        return f"{text}, about {seconds_text(self.expected, digits=2)} in all" if text else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionCurve:
    """Points fitted against time."""

    key: str
    kind: BarKind
    label: str
    detail: str
    completion: Completion
    wall: float
    """Seconds up to which it is known."""
    total: int
    """Points that were asked for."""
    more: str = ""
    """What was asked for beside CLs: ``with limits``."""

    @property
    def name(self) -> str:
        """What it is, without numbers: ``This machine, 2 workers, newton, with limits``."""
        return f"{self.label}, {self.more}" if self.more else self.label


def bars_of(
    this: RunTimes | None,
    others: Iterable[RunTimes] = (),
    published: PublishedTimes | None = None,
) -> list[WallBar]:
    """The bars in their order: this run, one core, other runs as given, published values.

    Args:
        this: the run on show; ``None`` where there was none.
        others: runs of the same analysis.
        published: wall times of that analysis.
    """
    return [*own_bars(this), *other_bars(this, others, published)]


def own_bars(this: RunTimes | None) -> list[WallBar]:
    """The bars that grow: the run on show, and its points on one core."""
    return [] if this is None else [_this_bar(this), _core_bar(this)]


def other_bars(
    this: RunTimes | None, others: Iterable[RunTimes] = (), published: PublishedTimes | None = None
) -> list[WallBar]:
    """The bars that stand still; of ``this`` only its points and what was asked for matter."""
    bars = [_run_bar(run, this) for run in others]
    return [*bars, *([] if published is None else _published_bars(published, this))]


def curve_of(run: RunTimes, this: RunTimes | None) -> CompletionCurve:
    """The curve of a run; ``this`` is the run on show, which may be the same."""
    own = this is not None and run.run_id == this.run_id
    return CompletionCurve(
        key=run.run_id,
        kind=BarKind.THIS if own else BarKind.RUN,
        label=run.label,
        detail="this run" if own else _detail(run, this),
        completion=run.completion,
        wall=run.wall,
        total=run.total,
        more=_more(run),
    )


def seconds_text(seconds: float, digits: int = 3) -> str:
    """``0.025 s``, ``2.91 s``, ``156 s``, ``3842 s (64 min)``: always in seconds, as the axis."""
    if seconds <= 0:
        return "0 s"
    places = max(0, digits - 1 - _order(seconds))
    text = f"{seconds:.{places}f} s"
    if seconds < 599.5:
        return text
    return f"{text} ({round(seconds / 60)} min)" if seconds < 7200 else f"{text} ({seconds / 3600:.1f} h)"


def factor_text(factor: float) -> str:
    """``1.9``, ``54``, ``1300``: two digits that mean something."""
    if factor < 9.95:
        return f"{factor:.1f}"
    scale = 10 ** max(0, _order(factor) - 1)
    return f"{round(factor / scale) * scale}"


def comparison(this: RunTimes, bar: WallBar) -> str:
    """One sentence: how many times faster this run was than a bar; says why where it cannot be told."""
    whom = {
        BarKind.CORE: "one core",
        BarKind.PUBLISHED: f"the published run on {bar.label.removeprefix('Published: ')}",
    }.get(bar.kind, f"the run at {bar.label}" if bar.kind is BarKind.RUN else "")
    if bar.kind is BarKind.THIS or not whom or not this.wall or not bar.seconds:
        return ""
    if not bar.comparable:
        return f"Not comparable with {whom}: {bar.detail.rpartition(' · ')[2]}."
    if this.outcome is None or not this.is_whole:
        return f"To be compared once all {words.count(this.total, 'point')} are fitted."
    if bar.kind is BarKind.PUBLISHED:
        whom += f" ({bar.value})"
    factor = bar.seconds / this.wall
    if 0.95 <= factor <= 1.05:
        return f"As fast as {whom}."
    if factor > 1:
        return f"{factor_text(factor)} times faster than {whom}."
    return f"Took {factor_text(1 / factor)} times as long as {whom}."


def usually_shown(this: RunTimes | None, others: Sequence[RunTimes], most: int = 4) -> set[str]:
    """Which other runs are shown unless somebody chooses: of each way to fit the latest whole one.

    Args:
        this: the run on show.
        others: the newest first.
        most: how many at the most.
    """
    found: dict[tuple[str, frozenset[str]], RunTimes] = {}
    same = [run for run in others if this is None or (run.names == this.names and run.is_whole)]
    for run in same:
        if this is not None and (run.label, run.asked) == (this.label, this.asked):
            continue
        found.setdefault((run.label, run.asked), run)
    return {run.run_id for run in list(found.values())[:most]}


def _this_bar(this: RunTimes) -> WallBar:
    state = "elapsed" if this.outcome is None else "this run"
    return WallBar(
        key=this.run_id,
        kind=BarKind.THIS,
        label=this.label,
        detail=" · ".join([state, _points(this)]),
        seconds=this.wall,
        expected=this.wall_expected,
        explanation="Wall time of the run on show, from its start to the last point.",
    )


def _core_bar(this: RunTimes) -> WallBar:
    part = f"{this.done} of {words.count(this.total, 'point')} so far"
    return WallBar(
        key="core",
        kind=BarKind.CORE,
        label="The same points on one core",
        detail="measured: " + (part if this.outcome is None else "models and fits, summed"),
        seconds=this.core,
        expected=this.core_expected,
        explanation=(
            "What the workers spent on models and fits, summed over all points: measured while several of "
            "them shared the hardware, without starting, waiting or handing over. While the run goes on, "
            "the pale part supposes that the other points take as long on average."
        ),
    )


def _run_bar(run: RunTimes, this: RunTimes | None) -> WallBar:
    explanation = f"Run {run.run_id}: {words.count(run.done, 'point')} in {seconds_text(run.wall)}"
    if run.speed_up is not None:
        explanation += (
            f"; one core would have needed {seconds_text(run.core)}, {run.speed_up:.1f} times as long"
        )
    return WallBar(
        key=run.run_id,
        kind=BarKind.RUN,
        label=run.label,
        detail=_detail(run, this),
        seconds=run.wall,
        expected=run.wall_expected,
        comparable=not differences(run, this),
        explanation=f"{explanation}.",
    )


def _published_bars(published: PublishedTimes, this: RunTimes | None) -> list[WallBar]:
    source = citation()
    same = this is None or this.total == published.points
    beside = sorted(this.asked) if this is not None else []
    more = f"{words.count(published.points, 'point')}" if not same else ""
    more += (", " if more and beside else "") + (f"without {' and '.join(beside)}" if beside else "")
    return [
        WallBar(
            key=f"published:{number}",
            kind=BarKind.PUBLISHED,
            label=f"Published: {found.where}",
            detail=more,
            seconds=found.seconds,
            error=found.error,
            comparable=same and not beside,
            explanation=(
                f"{published.journal}, {published.points} hypotheses, {source.how}. "
                f"{source.title}: {source.text}."
            ),
        )
        for number, found in enumerate(published.times)
    ]


def _points(run: RunTimes) -> str:
    asked = f", {more}" if (more := _more(run)) else ""
    whole = words.count(run.total, "point")
    return (whole if run.is_whole else f"{run.done} of {whole}") + asked


def _more(run: RunTimes) -> str:
    return f"with {' and '.join(sorted(run.asked))}" if run.asked else ""


def _detail(run: RunTimes, this: RunTimes | None) -> str:
    when = "" if run.started is None else time.strftime("%d %b %Y %H:%M", time.localtime(run.started))
    differing = ", ".join(differences(run, this)) if this is not None else _points(run)
    state = ""
    if run.outcome is None:
        state = "going on" if run.going_on else "interrupted"
    elif run.outcome == "cancelled":
        state = "cancelled"
    said = differing or words.count(run.done, "point")
    return " · ".join(text for text in (when, state, said) if text)


def _order(value: float) -> int:
    """The power of ten of its first digit."""
    return int(f"{value:.2e}".partition("e")[2])
