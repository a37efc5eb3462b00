"""A pool with its books: takes tasks of runs, tells what becomes of them and how the pool stands."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from fitgui_backends.couriers.parsl_books import Books
from fitgui_backends.couriers.parsl_options import SLURM, PoolOptions
from fitgui_backends.couriers.parsl_pool import LOST_SECONDS, Pool, Standing
from fitgui_backends.couriers.parsl_words import Trouble
from fitgui_backends.remote.courier_process import ServiceError, Tell
from fitgui_backends.remote.messages import Accepted, Arrived, Said, States, Surroundings, Task

LOOK_SECONDS = 1.0
"""Between looks at how a pool stands."""

_log = logging.getLogger(__name__)


class Desk:
    """Where tasks for one pool are taken; starting it takes a second or two.

    Args:
        kind: ``slurm`` or ``local``.
        options: Of the form.
        folder: For what Parsl writes.
        tell: Sends a message to the application.
        lost_seconds: Without a sign of life a node counts as lost; ``None`` for the usual.

    Raises:
        Exception: whatever Parsl meets when it starts.
    """

    def __init__(
        self, kind: str, options: PoolOptions, folder: Path, tell: Tell, *, lost_seconds: int | None = None
    ) -> None:
        self._kind = kind
        self._tell = tell
        self._books = Books()
        self._standing: Standing | None = None
        self._asked: dict[str, Future[Any]] = {}
        self._over = threading.Event()
        self._pool = Pool(kind, options, folder, self._warn, lost_seconds=lost_seconds or LOST_SECONDS)
        threading.Thread(target=self._look_for_ever, name="parsl looking", daemon=True).start()

    @property
    def is_usable(self) -> bool:
        """Whether it takes tasks."""
        return not self._over.is_set() and self._pool.is_usable

    @property
    def has_workers(self) -> bool:
        """Whether there were workers at the last look."""
        return self._standing is not None and self._standing.workers > 0

    def is_spare(self, *, idle: bool) -> bool:
        """Whether it is unusable, or only waits for blocks that nobody wants any more.

        Args:
            idle: Whether one with workers, but without tasks, counts as spare, too.
        """
        if not self.is_usable:
            return True
        return not self._books.wanted and (not self.has_workers or (idle and len(self._books) == 0))

    def send(self, run: str, source: str, entry: str, tasks: Sequence[Task]) -> None:
        """Hand tasks over, and say that they were taken; from one thread only."""
        began = time.monotonic()
        taken: dict[str, str] = {}
        # Before any task can end: who hears of an end must have heard of the beginning.
        held: list[Arrived] | None = []
        holding = threading.Lock()

        def ended(key: str, answer: Any, trouble: Trouble | None) -> None:
            if not self._books.end(run, key):
                return
            message = _arrival(run, key, answer, trouble)
            with holding:
                if held is not None:
                    held.append(message)
                    return
            self._tell(message)

        try:
            for task in tasks:
                self._books.open(run, task.key, task.priority)
                taken[task.key] = self._pool.submit(
                    source, entry, task.request, task.priority, partial(ended, task.key)
                )
        except Exception:
            # Refused together, so that none of them is answered as well.
            for task in tasks:
                self._books.end(run, task.key)
            raise
        self._tell(
            Accepted(
                run=run,
                group=self._pool.group,
                tasks=taken,
                sent_bytes=sum(task.size for task in tasks),
                seconds=time.monotonic() - began,
            )
        )
        with holding:
            early, held = held, None
        for message in early or ():
            self._tell(message)
        self._say_states(0 if self._standing is None else self._standing.busy)

    def ask(self, source: str, entry: str, answer: Future[Any]) -> None:
        """Run a function without an argument on any worker, before everything that waits."""
        key = f"ask {id(answer)}"

        def ended(value: Any, trouble: Trouble | None) -> None:
            if self._books.end("", key):
                self._asked.pop(key, None)
                with suppress(InvalidStateError):  # whoever asked has given up
                    if trouble is None:
                        answer.set_result(value)
                    else:
                        answer.set_exception(ServiceError(trouble.text))

        self._asked[key] = answer
        self._books.open("", key, -1)
        self._pool.submit(source, entry, {}, -1, ended)

    def forget(self, run: str) -> None:
        """Nobody wants answers of this run."""
        self._books.forget([run])

    def release(self) -> None:
        """Give all blocks back, at once."""
        self._over.set()
        self._pool.release()

    def close(self) -> None:
        """Give all back, and end Parsl's threads; what is open is lost."""
        self._over.set()
        self._pool.close()
        self._lose_all("lost", "The pool of workers was closed.")

    def _look_for_ever(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            try:
                self._look()
            except ConnectionError as error:
                self._fail("lost", str(error))
            except Exception:  # noqa: BLE001  (the next look may do better)
                _log.exception("looking at a pool")

    def _look(self) -> None:
        if self._pool.failure:
            self._fail("start", self._pool.failure)
            return
        standing = self._pool.look()
        self._say_states(standing.busy)
        if standing != self._standing:
            self._standing = standing
            self._tell(_surroundings(self._kind, standing))

    def _fail(self, kind: str, text: str) -> None:
        """The pool can do nothing any more."""
        self._over.set()
        self._lose_all(kind, text)
        self._tell(_surroundings(self._kind, Standing(0, 0, 0, 0, 0), "no workers"))

    def _say_states(self, busy: int) -> None:
        for run, phases in self._books.changes(busy).items():
            if run:
                self._tell(States(run=run, phases=phases))

    def _lose_all(self, kind: str, text: str) -> None:
        self._pool.release()
        for entry in self._books.end_all():
            if entry.run:
                self._tell(Arrived(run=entry.run, key=entry.key, trouble=kind, error=text))
            elif (answer := self._asked.pop(entry.key, None)) is not None:
                with suppress(InvalidStateError):
                    answer.set_exception(ServiceError(text))

    def _warn(self, text: str) -> None:
        self._tell(Said(level="warning", text=text))


def _arrival(run: str, key: str, answer: Any, trouble: Trouble | None) -> Arrived:
    if trouble is not None:
        return Arrived(run=run, key=key, trouble=trouble.kind, error=trouble.text)
    return Arrived(run=run, key=key, answer=answer, size=len(msgspec.json.encode(answer)))


def _surroundings(kind: str, standing: Standing, text: str = "") -> Surroundings:
    return Surroundings(
        place=kind,
        status="online",
        text=text or _words(kind, standing),
        blocks_pending=standing.blocks_pending,
        blocks_running=standing.blocks_running,
        nodes=standing.nodes,
        workers=standing.workers,
        workers_idle=max(0, standing.workers - standing.busy),
    )


def _words(kind: str, standing: Standing) -> str:
    if kind != SLURM:
        return f"{standing.workers} workers" if standing.workers else "workers are starting"
    blocks = f"{standing.blocks_running} running, {standing.blocks_pending} waiting"
    waits = standing.blocks_pending and not standing.workers
    return f"waiting for nodes ({blocks})" if waits else f"blocks: {blocks}"
