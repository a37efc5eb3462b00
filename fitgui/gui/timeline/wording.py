"""What the view of workers says in words."""

from __future__ import annotations

from dataclasses import dataclass

from fitgui import words
from fitgui.gui.appearance import StateLook, breakable, short_name
from fitgui.runs.snapshot import RunSnapshot
from fitgui.runs.task_bars import TaskBar
from fitgui.runs.wall_split import WallSplit
from fitgui_backends.events import PlaceChanged

NOTHING = (
    "Nothing has been run yet: press Run in step 2. During a run you see here which worker fits what, and "
    "how much of the wall time goes into waiting, handing over, models and fits."
)
CLOCKS = (
    "Clocks of other machines are not compared with ours: when a task began and ended follows from what must "
    "come before what. The quickest answer of each host counts as if it had been here at once, so delays are "
    "at least as long as shown."
)
SEGMENTS = "Within a task that fits several points, the times of each kind are drawn together."
HINT = "Point at a task, or choose one with the arrow keys"
MOST_POINTS = 6

PLACES = {
    "online": StateLook("✓", "online"),
    "offline": StateLook("✗", "offline"),
    "unreachable": StateLook("⚠", "unreachable"),
    "login": StateLook("⚠", "login needed"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in large type and what it means."""

    number: str
    meaning: str
    role: str = ""
    explanation: str = ""
    """For a tooltip."""


def figures_of(snapshot: RunSnapshot, split: WallSplit, elapsed: float) -> tuple[Figure, ...]:
    """Workers, blocks or machine, the state of the place, and how well the workers are used."""
    running = snapshot.outcome is None
    seen = len(snapshot.timeline.workers)
    place = snapshot.place
    told = place.workers if place is not None and running else None
    all_ = max(seen, told or 0)
    workers = (
        Figure(f"{min(snapshot.workers_busy, all_)} / {all_}", "workers busy")
        if running
        else Figure(str(split.workers or seen or "–"), "workers at once" if seen != 1 else "worker")
    )
    efficiency = split.efficiency
    used = Figure(
        "–" if efficiency is None or split.until_first is None else words.percent(efficiency),
        "of workers' time in fits",
    )
    core = snapshot.sum_core_seconds
    factor = core / elapsed if elapsed > 0 else 0.0
    return (
        workers,
        _blocks(snapshot, place),
        *([] if place is None else [_state(place)]),
        used,
        Figure(f"{factor:.1f} ×" if core else "–", "as fast as one core"),
    )


def _blocks(snapshot: RunSnapshot, place: PlaceChanged | None) -> Figure:
    seen = len(snapshot.blocks)
    if place is None and not seen:
        hosts = {worker.host for worker in snapshot.timeline.workers}
        return Figure(str(len(hosts) or 1), "machine" if len(hosts) < 2 else "machines")
    running = place.blocks_running if place is not None and snapshot.outcome is None else None
    pending = place.blocks_pending if place is not None and snapshot.outcome is None else None
    if running is None and pending is None:
        number = max(seen, snapshot.timeline.most_blocks)
        return Figure(str(number) if number else "–", "block" if number == 1 else "blocks")
    more = f" · {pending} waiting" if pending else ""
    return Figure(str(running or 0), f"{'block' if running == 1 else 'blocks'} running{more}")


def _state(place: PlaceChanged) -> Figure:
    look = PLACES.get(place.status, StateLook("⚠", place.status))
    role = {"✓": "good", "✗": "error"}.get(look.icon, "warning")
    return Figure(str(look), place.text or "endpoint", role)


def describe_task(bar: TaskBar) -> list[str]:
    """A task, line by line."""
    lines = [f"Task {short_name(bar.task, 40)} on worker {bar.worker.name}"]
    if bar.worker.block:
        lines[0] += f" (block {bar.worker.block})"
    names = [breakable(short_name(name)) for name in bar.points[:MOST_POINTS]]
    more = len(bar.points) - len(names)
    lines.append(
        f"{words.count(len(bar.points), 'point')}: {', '.join(names)}"
        + (f" and {more} more" if more > 0 else "")
    )
    lines.append(
        f"Began {_at(bar.begin)} and ended {_at(bar.end)} after the start of the run"
        + (": its clock made no sense, so this is a guess" if bar.clock_doubtful else "")
    )
    spent = [
        (bar.unpack, "unpacking"),
        (bar.model, "models"),
        (bar.fit, "fits"),
        (bar.overhead, "other work"),
    ]
    lines.append(", ".join(f"{_took(seconds)} {word}" for seconds, word in spent if seconds > 0))
    around = [
        (bar.transfer, "handing over"),
        (bar.waiting, "waiting"),
        (bar.delay, "until its answer was here"),
    ]
    told = ", ".join(f"{_took(seconds)} {word}" for seconds, word in around if seconds > 1e-3)
    return [*lines, told] if told else lines


def one_line(bar: TaskBar) -> str:
    """A task in one line."""
    first = short_name(bar.points[0], 40) if bar.points else ""
    more = f" and {len(bar.points) - 1} more" if len(bar.points) > 1 else ""
    return (
        f"{first}{more} on {bar.worker.name}: waited {_took(bar.waiting)}, "
        f"models {_took(bar.unpack + bar.model)}, fits {_took(bar.fit)}, answer after {_took(bar.delay)}"
    )


def _at(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 600 else words.duration(seconds)


def _took(seconds: float) -> str:
    return words.duration(seconds) if seconds >= 5e-4 else "0 s"
