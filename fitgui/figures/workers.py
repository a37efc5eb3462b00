"""What each worker did when, and below it where the wall time went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fitgui import words
from fitgui.figures.header import MOST_OF_ROWS, Caption, put_header
from fitgui.figures.style import MILLIMETRES, Look, Sheet
from fitgui.figures.text import Text, plain
from fitgui.runs.timeline import Timeline
from fitgui.runs.wall_split import WallSplit

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS: Final = {
    "transfer": "#CC79A7",
    "waiting": "#B4BAC4",
    "unpack": "#E69F00",
    "model": "#009E73",
    "fit": "#0072B2",
    "running": "#56B4E9",
    "overhead": "#6B7280",
    "lost": "#F0E442",
    "delay": "#D55E00",
    "idle": "#DFE3E8",
}
"""By the names of :class:`~fitgui.runs.wall_split.WallSplit`."""
NAMES: Final = {
    "unpack": "Unpacking",
    "model": "Models",
    "fit": "Fits",
    "overhead": "Other work",
    "running": "At work now",
    "lost": "Lost work",
    "delay": "Answer on its way",
}
MOST_ROWS: Final = 40
"""With a height of their own; more share it."""
LEAST_SHARE: Final = 0.004
"""Less than this of the wall time has no entry."""
_THICK, _THIN = 0.72, 0.24


def workers_figure(sheet: Sheet, timeline: Timeline, elapsed: float, caption: Caption) -> Figure:
    """A row for each worker with a bar for each task, and the wall time in one bar.

    Within a task that fits several points, the times of each kind are drawn together.

    Args:
        sheet: style and width.
        timeline: of a run.
        elapsed: its wall time so far, in seconds.
        caption: the text in the corner.
    """
    look = sheet.look
    order = _rows(timeline)
    rows = max(len(order), 1)
    split = timeline.split(elapsed)
    parts = [part for part in split.parts() if part[2] > LEAST_SHARE * split.wall]
    line = 1.35 * look.type_size / 72.0
    above, below = (min(rows, MOST_ROWS) * 1.3 + 8.0) * line, (2.6 + 0.65 * len(parts)) * line
    figure = sheet.figure((above + below) * MILLIMETRES / sheet.width)
    grid = figure.add_gridspec(2, 1, height_ratios=[above, below])
    axes = figure.add_subplot(grid[0])
    handles = _tasks(axes, timeline, order, elapsed)
    axes.set_xlim(0.0, 1.02 * max(elapsed, 1e-3))
    axes.set_ylim(-0.6, rows - 0.4)
    step = -(-rows // MOST_ROWS)
    shown = range(0, rows if order else 0, step)
    names = [plain(timeline.workers[order[row]].name, 24).words for row in shown]
    axes.set_yticks([rows - 1 - row for row in shown], names, fontsize=0.8 * look.type_size, parse_math=False)
    axes.tick_params(axis="y", which="both", length=0)
    axes.yaxis.set_tick_params(which="minor", left=False, right=False)
    axes.set_xlabel("Time since the start of the run [s]")
    about = Text(f"{words.count(len(timeline), 'task')} on {words.count(len(order), 'worker')}")
    put_header(axes, look, sheet.style, caption.and_line(about), handles, most=MOST_OF_ROWS)
    _split(figure.add_subplot(grid[1]), split, parts, look)
    return figure


def _rows(timeline: Timeline) -> list[int]:
    """Workers by blocks, hosts and processes, as their places in the timeline."""
    blocks: dict[str, int] = {}
    for worker in timeline.workers:
        blocks.setdefault(worker.block, len(blocks))

    def key(number: int) -> tuple[int, str, int, str]:
        worker = timeline.workers[number]
        return blocks[worker.block], worker.host, len(worker.pid), worker.pid

    return sorted(range(len(timeline.workers)), key=key)


def _tasks(axes: Axes, timeline: Timeline, order: list[int], elapsed: float) -> list[Artist]:
    place = {worker: len(order) - 1 - row for row, worker in enumerate(order)}
    column = {name: np.array(values) for name, values in timeline.columns.items()}
    y = np.array([place[worker] for worker in timeline.rows], dtype=np.float64)
    begin, end, received = column["begin"], column["end"], column["received"]
    work = np.maximum(end - begin, 0.0)
    # Clocks of processes differ a little: parts never stand out of their task.
    known = column["unpack"] + column["model"] + column["fit"]
    shrink = np.where(known > work, work / np.where(known > 0, known, 1.0), 1.0)
    drawn: list[Artist] = []
    start = begin
    for kind in ("unpack", "model", "fit"):
        length = shrink * column[kind]
        drawn += _bars(axes, kind, y, (start, length), _THICK)
        start = start + length
    drawn += _bars(axes, "overhead", y, (start, np.maximum(end - start, 0.0)), _THICK)
    names = {worker.name: place[number] for number, worker in enumerate(timeline.workers)}
    for kind, stretches in (
        ("running", [(names[t.worker], t.since, elapsed) for t in timeline.working if t.worker in names]),
        ("lost", [(names[t.worker], t.since, t.until) for t in timeline.lost if t.worker in names]),
    ):
        rows, since, until = np.array(stretches, dtype=np.float64).reshape(-1, 3).T
        drawn += _bars(axes, kind, rows, (since, np.maximum(until - since, 0.0)), _THICK)
    drawn += _bars(axes, "delay", y, (end, np.maximum(received - end, 0.0)), _THIN)
    return drawn


def _bars(axes: Axes, kind: str, y: Any, span: tuple[Any, Any], height: float) -> list[Artist]:
    """All bars of a kind as one artist; none where nothing of it would be seen."""
    from matplotlib.collections import PolyCollection  # noqa: PLC0415

    start, length = span
    seen = length > 1e-9
    if not seen.any():
        return []
    left, right = start[seen], start[seen] + length[seen]
    low, high = y[seen] - 0.5 * height, y[seen] + 0.5 * height
    corners = np.stack([left, low, left, high, right, high, right, low], axis=1).reshape(-1, 4, 2)
    bars = PolyCollection(list(corners), facecolors=COLOURS[kind], edgecolors="none", label=NAMES[kind])
    bars.set_gid(f"tasks {kind}")
    axes.add_collection(bars, autolim=False)
    return [bars]


def _split(axes: Axes, split: WallSplit, parts: list[tuple[str, str, float]], look: Look) -> None:
    left = 0.0
    handles = []
    for kind, name, seconds in parts:
        label = plain(f"{name} {words.duration(seconds)} ({100 * seconds / split.wall:.0f} %)", 60).words
        handles.append(
            axes.barh(0.0, seconds, left=left, height=0.8, color=COLOURS[kind], label=label, linewidth=0)
        )
        left += seconds
    axes.set_xlim(0.0, max(split.wall, 1e-3))
    columns = 2
    lines = -(-len(parts) // columns)
    axes.set_ylim(-0.4 - 0.55 * (lines + 0.5), 0.5)
    axes.set_yticks([])
    axes.yaxis.set_tick_params(which="both", left=False, right=False)
    axes.set_xlabel("Shares of the wall time [s]")
    legend = axes.legend(handles=handles, loc="lower left", ncols=columns, fontsize=0.85 * look.type_size)
    for entry in legend.get_texts():
        entry.set_parse_math(False)
