"""What happened, in words, with the time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from fitgui import words
from fitgui.gui.appearance import format_cls, format_limit
from fitgui.gui.session import CheckedPoint
from fitgui.gui.widgets import describe
from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    CheckStateChanged,
    Notice,
    PlaceChanged,
    PointChecked,
    PointFailed,
    PointFitted,
    RunFinished,
    RunStarted,
    StampedEvent,
    TasksAccepted,
    TaskStateChanged,
)

LINES_KEPT = 20_000


class LogPanel(QPlainTextEdit):
    """A read-only log of the session."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setMaximumBlockCount(LINES_KEPT)
        self._place = ""
        """What was last said of the place."""
        self.bound: float | None = None
        """The largest signal strength that limits are looked for at, where it is known."""
        self.setPlaceholderText("Nothing has happened yet. Open a pallet and press Run.")
        describe(self, "Log", "Everything that happened in this session, with the time")

    def say(self, text: str) -> None:
        """Add a line."""
        self.appendPlainText(_line(datetime.now(), text))

    def record(self, stamped: tuple[StampedEvent, ...], checked: Mapping[str, CheckedPoint]) -> None:
        """Add the lines that a user would want to read of these events; ``checked`` words a check."""
        lines = []
        for item in stamped:
            text = describe_event(item, checked, self.bound)
            if isinstance(item.event, PlaceChanged):  # also told where only the number of idle workers is new
                text, self._place = ("" if text == self._place else text), text
            if text:
                lines.append(_line(datetime.fromtimestamp(item.time), text))
        if lines:
            self.appendPlainText("\n".join(lines))


def _line(moment: datetime, text: str) -> str:
    return f"{moment:%H:%M:%S}  {text}"


def describe_event(
    stamped: StampedEvent,
    checked: Mapping[str, CheckedPoint] = MappingProxyType({}),
    bound: float | None = None,
) -> str:
    """An event in words; empty for those that the table shows better."""
    event = stamped.event
    text = ""
    match event:
        case RunStarted():
            text = (
                f"{'Resumed' if event.resumed else 'Started'}: {len(event.points)} points on {event.backend}"
            )
        case PointFitted(result=result):
            warnings = "".join(f"; ⚠ {warning}" for warning in result.warnings)
            seconds = words.duration(result.seconds.fit)
            icon = "✓" if result.converged else "⚠ doubtful:"
            limit = f", μ₉₅ {format_limit(result.limits.obs, bound)}" if result.limits is not None else ""
            text = f"{icon} {result.name}: CLs {format_cls(result.cls_obs)}{limit} in {seconds}{warnings}"
        case PointFailed():
            text = f"✗ {event.name}: {event.error}"
        case TaskStateChanged(state=TaskState.CANCELLED):
            more = f" and {len(event.points) - 5} more" if len(event.points) > 5 else ""
            text = f"⊘ cancelled: {', '.join(event.points[:5])}{more}"
        case PointChecked(name=name):
            if name in checked:
                agrees = checked[name].comparison.agrees
                sentences = "; ".join(checked[name].comparison.sentences)
                text = f"{'✓' if agrees else '⚠'} check of {name}: {sentences}"
        case CheckStateChanged(state="running"):
            text = f"Checking {words.count(event.wanted, 'point')} with {event.reference}"
        case CheckStateChanged(state="done"):
            text = "The check is done"
        case CheckStateChanged(state="none") if event.text:
            text = event.text
        case PlaceChanged() | TasksAccepted():
            text = _elsewhere(event)
        case Notice():
            text = f"{'⚠ ' if event.level != 'info' else ''}{event.text}"
        case RunFinished():
            text = f"Finished ({event.outcome}) after {words.duration(event.wall_seconds)}"
    return text


def _elsewhere(event: PlaceChanged | TasksAccepted) -> str:
    """``Endpoint online; blocks: 1 running, 2 waiting; 8 workers``, or what was handed over."""
    if isinstance(event, TasksAccepted):
        points = sum(len(task.points) for task in event.tasks)
        return (
            f"Handed over: {words.count(len(event.tasks), 'task')} with {words.count(points, 'point')}, "
            f"{words.size(event.sent_bytes)} in {words.duration(event.seconds)}"
        )
    parts = [event.text or f"The place is {event.status}"]
    counted = ((event.blocks_running, "running"), (event.blocks_pending, "waiting"))
    blocks = [f"{number} {word}" for number, word in counted if number is not None]
    if blocks:
        parts.append(f"blocks: {', '.join(blocks)}")
    if event.workers is not None:
        parts.append(words.count(event.workers, "worker"))
    return f"{'' if event.status == 'online' else '⚠ '}{'; '.join(parts)}"
