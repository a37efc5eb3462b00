"""Only the newest question is answered, and nobody is told who has gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from fitgui.gui.latest import Latest


class Bench:
    """Work that is done when the test says so."""

    def __init__(self) -> None:
        self.given: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []

    def run(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        self.given.append((work, done))

    def finish(self) -> None:
        work, done = self.given.pop(0)
        done(work())


def test_of_what_is_asked_meanwhile_only_the_last_is_done(qtbot: QtBot) -> None:
    bench, owner, told = Bench(), QObject(), list[int]()
    latest = Latest[int](bench.run, told.append, lambda error: None, owner)
    for number in range(4):
        latest.ask(lambda number=number: number)
    assert len(bench.given) == 1
    bench.finish()
    qtbot.waitUntil(lambda: len(bench.given) == 1)
    bench.finish()
    assert told == [0, 3]
    qtbot.waitUntil(lambda: latest.idle)


def test_nobody_is_told_who_has_gone(qtbot: QtBot) -> None:
    bench, owner, told = Bench(), QObject(), list[int]()
    latest = Latest[int](bench.run, told.append, lambda error: None, owner)
    latest.ask(lambda: 1)
    delete(owner)
    bench.finish()
    assert told == []
