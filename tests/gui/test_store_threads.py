"""Threads of the store: work is done, mistakes are brought home, and closing waits for nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue

import pytest

from fitgui.gui.store_threads import Threads

PATIENCE = 20.0


class Deliveries:
    """What would be called in the GUI thread."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Callable[[], object]] = SimpleQueue()

    def post(self, call: Callable[[], object]) -> None:
        self._queue.put(call)

    def deliver(self) -> None:
        """Wait for the next one, and call it here."""
        self._queue.get(timeout=PATIENCE)()


@pytest.fixture
def deliveries() -> Deliveries:
    return Deliveries()


@pytest.fixture
def threads(deliveries: Deliveries) -> Iterator[Threads]:
    pool = Threads("test", 2, deliveries.post)
    yield pool
    pool.stop()
    assert pool.wait(PATIENCE)


def test_answers_and_errors_come_home(threads: Threads, deliveries: Deliveries) -> None:
    heard: list[object] = []
    threads.run(lambda: 6 * 7, heard.append, heard.append)
    deliveries.deliver()
    assert heard == [42]
    threads.run(list[int]().pop, heard.append, heard.append)
    deliveries.deliver()
    assert isinstance(heard[1], IndexError)


def test_so_many_at_once_and_the_others_in_turn(threads: Threads, deliveries: Deliveries) -> None:
    both_in, go = threading.Barrier(3), threading.Event()
    order: list[int] = []

    def work(number: int) -> int:
        if number < 2:
            both_in.wait(PATIENCE)
            assert go.wait(PATIENCE)
        return number

    for number in range(4):
        threads.run(lambda number=number: work(number), order.append, order.append)
    both_in.wait(PATIENCE)  # two are at it, no more than two
    assert order == []
    go.set()
    for _ in range(4):
        deliveries.deliver()
    assert sorted(order) == [0, 1, 2, 3]


def test_nothing_is_brought_home_once_it_is_stopped(deliveries: Deliveries) -> None:
    pool = Threads("test", 1, deliveries.post)
    begun, go = threading.Event(), threading.Event()
    heard: list[object] = []

    def work() -> int:
        begun.set()
        assert go.wait(PATIENCE)
        return 1

    pool.run(work, heard.append, heard.append)
    pool.run(lambda: 2, heard.append, heard.append)
    assert begun.wait(PATIENCE)
    pool.stop()
    assert not pool.wait(0.0), "it does not wait longer than it is told to"
    go.set()
    assert pool.wait(PATIENCE)
    deliveries.deliver()
    pool.run(lambda: 3, heard.append, heard.append)
    assert heard == []


def test_its_threads_do_not_keep_the_program_alive(threads: Threads, deliveries: Deliveries) -> None:
    names: list[tuple[str, bool]] = []
    threads.run(
        lambda: names.append((threading.current_thread().name, threading.current_thread().daemon)),
        lambda _answer: None,
        lambda _error: None,
    )
    deliveries.deliver()
    assert names == [("fitgui-test-1", True)]
