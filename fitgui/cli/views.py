"""What is seen of a run while it goes on: a progress bar for a person, plain lines for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from fitgui import words
from fitgui.cli.cluster_words import place_line, resource_words, trouble_words, waiting_words
from fitgui.cli.output import is_terminal, print_line, say
from fitgui.cli.plain import printable
from fitgui.cli.report import point_line
from fitgui.runs.plan import RunPlan
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import TaskState

_BRACKET = r"\["
"""An opening bracket that is no markup."""


class View(Protocol):
    """Follows a run."""

    def update(self, snapshot: RunSnapshot, changed: Iterable[str], elapsed: float) -> None:
        """Points have changed, or time has passed."""
        ...

    def tell(self, text: str) -> None:
        """Something that the user should know now."""
        ...

    def close(self) -> None:
        """The run is over."""
        ...


class LineView:
    """One plain line for each point that is final; for a pipe or a file."""

    def update(self, snapshot: RunSnapshot, changed: Iterable[str], elapsed: float) -> None:  # noqa: ARG002
        """Print the points that have just become final."""
        for name in changed:
            status = snapshot.points[name]
            if status.state.is_final:
                print_line(point_line(status))

    def tell(self, text: str) -> None:
        """Goes beside the results."""
        say(text)

    def close(self) -> None:
        """Nothing to put away."""


class ProgressView:
    """A progress bar on the standard error, with counts, speed and time to finish."""

    def __init__(self, plan: RunPlan) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[final]}/{task.total:.0f}"),
            TextColumn("{task.fields[counts]}"),
            TextColumn("{task.fields[pace]}"),
            console=self._console,
            auto_refresh=False,
            transient=True,
            expand=True,
        )
        self._task = self._progress.add_task(
            printable(plan.analysis.name).replace("[", _BRACKET),
            total=len(plan.points),
            final=0,
            counts="",
            pace="starting workers" if plan.plan.place is None else "handing over",
        )
        self._progress.start()

    def update(self, snapshot: RunSnapshot, changed: Iterable[str], elapsed: float) -> None:  # noqa: ARG002
        """Draw the bar again."""
        counts = snapshot.counts
        final = sum(number for state, number in counts.items() if state.is_final)
        shown = [s for s in (TaskState.RUNNING, TaskState.FAILED, TaskState.CANCELLED) if counts[s]]
        text = " ".join(f"[{words.STYLES[s]}]{words.ICONS[s]} {counts[s]} {s}[/]" for s in shown)
        parts = snapshot.in_progress.values()
        if parts:  # the point that is next to be done
            text += f" (fitting {words.percent(max(parts))})"
        if trouble := trouble_words(snapshot):
            text = f"{text} [yellow]{printable(trouble).replace('[', _BRACKET)}[/]".lstrip()
        elif resources := resource_words(snapshot):
            text = f"{text} on {resources}" if counts[TaskState.RUNNING] else f"{text} {resources}".lstrip()
        self._progress.update(
            self._task,
            completed=final + sum(parts),
            final=f"{final:{len(str(snapshot.total))}d}",
            counts=text,
            pace=pace_words(snapshot, elapsed),
            refresh=True,
        )

    def tell(self, text: str) -> None:
        """Goes above the bar."""
        self._console.print(f"fitgui: {printable(' '.join(text.split()))}", markup=False, soft_wrap=True)

    def close(self) -> None:
        """Take the bar away and give the cursor back."""
        self._progress.stop()


class SilentView:
    """For machines: only what the user should know."""

    def update(self, snapshot: RunSnapshot, changed: Iterable[str], elapsed: float) -> None:
        """Nothing is shown."""

    def tell(self, text: str) -> None:
        """Goes beside the results."""
        say(text)

    def close(self) -> None:
        """Nothing to put away."""


class PlaceView(SilentView):
    """For a pipe: tells beside the results when a run on a cluster begins to wait for something else."""

    def __init__(self) -> None:
        self._told = ""

    def update(self, snapshot: RunSnapshot, changed: Iterable[str], elapsed: float) -> None:  # noqa: ARG002
        """Tell what has changed, without numbers that change all the time."""
        place = snapshot.place
        started = place is not None and bool(place.blocks_running or place.workers)
        waiting = "" if snapshot.counts[TaskState.RUNNING] else waiting_words(snapshot)
        stage = f"{trouble_words(snapshot)}|{waiting}|{started}"
        if stage != self._told:
            self._told = stage
            if (line := place_line(snapshot)) and snapshot.outcome is None:
                say(line)


def make_views(plan: RunPlan, *, quiet: bool) -> tuple[View, ...]:
    """What suits the standard output and the standard error; the first one is told what happens."""
    lines = not quiet and not is_terminal(sys.stdout)  # asked before the bar puts a stream of its own there
    silent = SilentView() if plan.plan.place is None else PlaceView()
    views: list[View] = [ProgressView(plan) if is_terminal(sys.stderr) else silent]
    if lines:
        views.append(LineView())
    return tuple(views)


def pace_words(snapshot: RunSnapshot, elapsed: float) -> str:
    """``4.2 points/s, about 12 s left``; while nothing is known, what is waited for."""
    left = snapshot.seconds_to_finish(elapsed)
    if left is None:
        if not snapshot.counts[TaskState.RUNNING] and (waiting := waiting_words(snapshot)):
            return waiting
        return "starting workers" if not snapshot.workers_busy else "first points"
    speed = words.speed(snapshot.points_per_second)
    return ", ".join(part for part in (speed, f"about {words.duration(max(left, 0.1))} left") if part)
