"""Asking how tasks and endpoints stand: what the stream of results does not tell, or has lost."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from fitgui_backends.couriers.globus_book import Book, OpenTask, Outcome
from fitgui_backends.couriers.globus_sites import Sites
from fitgui_backends.couriers.globus_web import Web, WebError
from fitgui_backends.couriers.globus_words import phase_of, trouble_of

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 15.0
"""Seconds between two looks; they grow while nothing changes."""
GROWTH = 1.6
FEWEST_TASKS, MOST_TASKS = 16, 400
"""In one request; answers may come with it, and are large."""
GOOD_BYTES = 2_000_000
"""Of an answer to one request: the number of tasks in the next is chosen by it."""
LOOKS_UNTIL_GONE = 3
"""A task that was just taken may not be everywhere in the service yet."""

_log = logging.getLogger(__name__)

Deserialize = Callable[[str], Any]


class Poll:
    """One thread that looks while anything is open; methods may be called from any.

    Args:
        web: To ask by.
        book: Of open tasks.
        sites: Are looked at, too.
        deserialize: Reads what a function returned.
        clean: Takes secrets out of texts.
    """

    def __init__(
        self,
        web: Web,
        book: Book,
        sites: Sites,
        deserialize: Deserialize,
        clean: Callable[[str], str],
    ) -> None:
        self._web = web
        self._book = book
        self._deserialize = deserialize
        self._clean = clean
        self._at_once = FEWEST_TASKS
        self._sites = sites
        self._to_go_back: deque[tuple[str, str]] = deque()
        self._changed = threading.Condition()
        self._hurried = False
        self._closed = False
        threading.Thread(target=self._work, name="globus poll", daemon=True).start()

    def go_back(self, site: str, group: str) -> None:
        """Tasks of a group that an earlier courier handed over are followed; returns at once."""
        self._to_go_back.append((site, group))
        self.hurry()

    def hurry(self) -> None:
        """Something has changed: look soon."""
        with self._changed:
            self._hurried = True
            self._changed.notify_all()

    def wake(self) -> None:
        """There may be open tasks."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Look no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        pause = SHORTEST_PAUSE
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or len(self._book) > 0)
                self._changed.wait_for(lambda: self._closed or self._hurried, pause)
                if self._closed:
                    return
                hurried, self._hurried = self._hurried, False
            changed = False
            try:
                changed = self._look()
            except WebError as error:
                _log.info("looking: %s", error)
            except Exception:  # noqa: BLE001  (a thread that dies of a bug tells nobody)
                _log.exception("looking")
            pause = SHORTEST_PAUSE if changed or hurried else min(pause * GROWTH, LONGEST_PAUSE)

    def _look(self) -> bool:
        """Once at everything that is open; returns whether anything is new."""
        changed = False
        tasks = self._book.open_tasks()
        while self._to_go_back:
            site, group = self._to_go_back[0]
            self._sites.go_back(site, group, {task.identifier for task in tasks})
            self._to_go_back.popleft()
        self._sites.look(tasks)
        position = 0
        while position < len(tasks) and not self._closed:
            some = tasks[position : position + self._at_once]
            position += len(some)
            changed |= self._look_at_tasks(some)
        for identifier in self._sites.lost(tasks, moved=changed):
            self._book.answer(
                identifier,
                Outcome(
                    trouble="stalled",
                    error="The endpoint was started anew and has some tasks of this run no more.",
                ),
            )
        return changed

    def _look_at_tasks(self, tasks: list[OpenTask]) -> bool:
        identifiers = [task.identifier for task in tasks]
        answer = self._web.ask(lambda clients: clients.v2.get_task_batch(identifiers), patient=True)
        self._choose_size(len(identifiers), len(answer.text))
        found = answer.get("results") or {}
        phases: dict[str, str] = {}
        changed = False
        for identifier in identifiers:
            view = found.get(identifier)
            if not isinstance(view, dict):
                changed |= self._missed(identifier)
            elif (outcome := self._outcome(view)) is not None:
                self._sites.learn(self._book.site_of(identifier), view.get("details"))
                changed |= self._book.answer(identifier, outcome)
            elif _is_final(view):
                changed |= self._missed(identifier)
            else:
                phases[identifier] = phase_of(str(view.get("status", "")))
        return self._book.phases(phases) or changed

    def _outcome(self, view: Mapping[str, Any]) -> Outcome | None:
        """What a task's state says of its end; ``None`` if it has none, or nothing of it is kept."""
        result, exception = view.get("result"), view.get("exception")
        if isinstance(result, str) and result:
            return self.outcome_of(result)
        if isinstance(exception, str) and exception:
            return self.failure_of(exception)
        return None

    def outcome_of(self, result: str) -> Outcome:
        """Of what a function returned, as the service has it."""
        try:
            return Outcome(answer=self._deserialize(result), size=len(result))
        except Exception as error:  # noqa: BLE001  (of whatever a worker sent)
            return Outcome(
                size=len(result),
                trouble="error",
                error=f"The answer of the worker cannot be read ({type(error).__name__}).",
            )

    def failure_of(self, text: str) -> Outcome:
        """Of the text of a failure."""
        trouble = trouble_of(text, self._clean)
        return Outcome(trouble=trouble.kind, error=trouble.error)

    def _missed(self, identifier: str) -> bool:
        if self._book.missed(identifier) < LOOKS_UNTIL_GONE:
            return False
        return self._book.answer(
            identifier,
            Outcome(trouble="gone", error="Globus Compute does not keep this task or its answer any more."),
        )

    def _choose_size(self, tasks: int, size: int) -> None:
        good = max(1, int(tasks * GOOD_BYTES / max(size, 1)))
        self._at_once = min(max(good, FEWEST_TASKS), MOST_TASKS, 2 * max(tasks, FEWEST_TASKS))


def _is_final(view: Mapping[str, Any]) -> bool:
    return str(view.get("status", "")).lower() in ("success", "failed")
