"""What is seen of a download while it goes on: a bar for a person, a few plain lines for a file."""

from __future__ import annotations

import sys
import time
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn
from rich.progress import Progress as Bar
from rich.table import Column
from rich.text import Text

from fitgui import words
from fitgui.cli.cells import cell
from fitgui.cli.output import is_terminal, say
from fitgui.cli.plain import printable
from fitgui.pallets.hepdata.progress import Phase, Progress

SILENT_SECONDS = 3.0
"""After so long without a byte it is said how long."""
_QUARTERS = 4
_LARGE_BYTES = 10_000_000
_PHASES = {
    Phase.WAITING: "waiting",
    Phase.ASKING: "asking HEPData",
    Phase.DOWNLOADING: "downloading",
    Phase.CHECKING: "checking",
}


class DownloadView(Protocol):
    """Follows a download."""

    def update(self, now: Progress) -> None:
        """Something has come, or something else is being done."""
        ...

    def close(self) -> None:
        """It is over."""
        ...


def make_download_view(name: str) -> DownloadView:
    """What suits the standard error."""
    return BarView(name) if is_terminal(sys.stderr) else LinesView(name)


class LinesView:
    """A line where something changes, and at each quarter of what takes long."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._phase: Phase | None = None
        self._quarter = 0
        self._note = ""

    def update(self, now: Progress) -> None:
        """Say what is new."""
        if now.note:
            if now.note != self._note:
                say(f"{self._name}: {now.note}")
            self._note, self._phase = now.note, now.phase
            return
        quarter = int(_QUARTERS * (now.fraction or 0.0))
        if now.phase is not self._phase:
            say(f"{self._name}: {_PHASES[now.phase]}{self._how_much(now)}")
        elif quarter > self._quarter and quarter < _QUARTERS and (now.total or 0) >= _LARGE_BYTES:
            say(f"{self._name}: {amount(now)}, {pace(now)}")
        self._phase, self._quarter = now.phase, quarter

    def close(self) -> None:
        """Nothing to put away."""

    @staticmethod
    def _how_much(now: Progress) -> str:
        if now.phase is not Phase.DOWNLOADING:
            return ""
        size = f" {words.size(now.total)}" if now.total is not None else ""
        return f"{size}, going on from {words.size(now.resumed_from)}" if now.resumed_from else size


class BarView:
    """A progress bar on the standard error, with bytes, speed and time left."""

    def __init__(self, name: str) -> None:
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            _AmountColumn(Column(min_width=17, no_wrap=True)),  # so that the bar does not jump about
            _PaceColumn(Column(min_width=26, no_wrap=True)),
            console=Console(stderr=True, highlight=False),
            refresh_per_second=5,
            transient=True,
            expand=True,
        )
        self._task = self._bar.add_task(
            printable(name).replace("[", r"\["), total=None, now=Progress(phase=Phase.ASKING)
        )

    def update(self, now: Progress) -> None:
        """Draw the bar again; it appears with the first that there is to tell."""
        self._bar.start()
        self._bar.update(self._task, completed=now.received, total=now.total, now=now, refresh=True)

    def close(self) -> None:
        """Take the bar away and give the cursor back."""
        self._bar.stop()


class _AmountColumn(ProgressColumn):
    """``1.2 MB of 2.6 MB``."""

    def render(self, task: Task) -> Text:
        return Text(amount(task.fields["now"]))


class _PaceColumn(ProgressColumn):
    """``3.1 MB/s, about 4 s left``, or what is waited for."""

    def render(self, task: Task) -> Text:
        now: Progress = task.fields["now"]
        silent = time.monotonic() - now.at
        if now.phase is Phase.DOWNLOADING and not now.note and silent > SILENT_SECONDS:
            return Text(f"nothing for {words.duration(silent)}", style="yellow")
        if now.note:
            return cell(now.note, "yellow")
        return Text(pace(now))


def amount(now: Progress) -> str:
    """``1.2 MB of 2.6 MB``; empty while nothing is known."""
    if now.total is not None:
        return f"{words.size(now.received)} of {words.size(now.total)}"
    return words.size(now.received) if now.received else ""


def pace(now: Progress) -> str:
    """``3.1 MB/s, about 4 s left``; else what is being done."""
    if now.phase is not Phase.DOWNLOADING or now.bytes_per_second is None:
        return _PHASES[now.phase]
    speed = f"{words.size(round(now.bytes_per_second))}/s"
    if now.seconds_left is None:
        return speed
    return f"{speed}, about {words.duration(max(now.seconds_left, 0.1))} left"
