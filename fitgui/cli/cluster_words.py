"""Where a run on a cluster stands, in a few words: what it waits for, its blocks and workers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from fitgui import words
from fitgui.cli.backends_where import place_name
from fitgui.cli.output import say
from fitgui.cli.report import resume_command
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import Place, TaskState

_STATUS = {
    "offline": "the endpoint is offline",
    "unreachable": "the service does not answer; the run waits for it",
    "login": "a new login is needed",
}
_LOG_IN = "`fitgui backends login` in another terminal, or Ctrl-C and `fitgui run --resume last`"
"""Where there is a keyring a run finds what another command has put there."""


def waiting_words(snapshot: RunSnapshot) -> str:
    """What most of the queued points wait for, ``waiting for nodes``; empty where nobody told."""
    phases = Counter(
        status.phase
        for status in snapshot.points.values()
        if status.phase and status.state is TaskState.QUEUED
    )
    return phases.most_common(1)[0][0] if phases else ""


def trouble_words(snapshot: RunSnapshot) -> str:
    """What is wrong with the place; empty where nothing is."""
    place = snapshot.place
    if place is None or place.status not in _STATUS:
        return ""
    text = " ".join(place.text.split()).rstrip(".") or _STATUS[place.status]
    return f"{text}: {_LOG_IN}" if place.status == "login" else text


def resource_words(snapshot: RunSnapshot) -> str:
    """``2 blocks (1 more waiting), 8 workers``; empty where nothing is known."""
    place = snapshot.place
    if place is None:
        return ""
    parts = []
    if place.blocks_running:
        parts.append(words.count(place.blocks_running, "block"))
        if place.blocks_pending:
            parts[-1] += f" ({place.blocks_pending} more waiting)"
    elif place.blocks_pending:
        parts.append(f"{words.count(place.blocks_pending, 'block')} waiting")
    if place.workers:
        parts.append(words.count(place.workers, "worker"))
    return ", ".join(parts)


def place_line(snapshot: RunSnapshot) -> str:
    """All of it in one line."""
    running = snapshot.counts[TaskState.RUNNING]
    waiting = "" if running else waiting_words(snapshot)
    resources = resource_words(snapshot)
    if resources and not waiting:
        resources = f"fitting with {resources}"
    return ", ".join(part for part in (trouble_words(snapshot), waiting, resources) if part)


def say_elsewhere(run_id: str, points: int, place: Place, output: Path | None = None) -> None:
    """Say that a run goes on at a cluster, and how to hear of it again, or to end it.

    Args:
        run_id: the run.
        points: how many were handed over and have not been answered.
        place: that has them.
        output: the file that the results are to be written to.
    """
    where = f"{words.count(points, 'point')} handed over to {place_name(place)}, where the run goes on"
    say(f"{where}; cancel it with: fitgui runs cancel {run_id}")
    say(f"fetch the results with: {resume_command(run_id, output)}")
