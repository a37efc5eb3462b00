"""Following a run in a terminal from its start to its end, with interruption and a journal that may fail."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from fitgui.cli.interrupts import Interrupts
from fitgui.cli.views import SilentView, View
from fitgui.runs.check import Comparison, comparison
from fitgui.runs.controller import RunController
from fitgui.runs.journal import JournalError
from fitgui.runs.plan import RunPlan
from fitgui.runs.receipts import open_tasks
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.events import Notice, StampedEvent

TICK_SECONDS = 0.1
UNWRITTEN_SECONDS = 10.0
"""How long a finished run waits for a journal that cannot be written."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended, as far as it was followed."""

    run_id: str
    controller: RunController
    """Closed when the results are shown; it still holds what could not be written."""
    plan: RunPlan
    snapshot: RunSnapshot
    interrupted: bool
    reader_gone: bool
    """What read the standard output has gone."""
    output_lost: bool
    """The standard output could not be written."""
    unwritten: int
    """Events that could not be written to the journal."""
    trouble: str | None
    elsewhere: int = 0
    """Points that go on being fitted at a cluster, for which this process did not wait."""


class _Follower:
    """Feeds the views with what happens to one run."""

    def __init__(self, controller: RunController, snapshot: RunSnapshot, views: Sequence[View]) -> None:
        self.controller = controller
        self.snapshot = snapshot
        self.views = list(views)
        self.reader_gone = False
        self.output_lost = False
        self.inbox: queue.SimpleQueue[tuple[StampedEvent, ...]] = queue.SimpleQueue()

    def tell(self, text: str) -> None:
        self.views[0].tell(text)

    def take(self, run_id: str) -> None:
        """Wait for news for one tick, and show them."""
        batches = []
        try:
            batches.append(self.inbox.get(timeout=TICK_SECONDS))
            while True:
                batches.append(self.inbox.get_nowait())
        except queue.Empty:
            pass
        changed: dict[str, None] = {}  # in the order in which points ended
        for stamped in (stamped for batch in batches for stamped in batch):
            changed.update(dict.fromkeys(self.snapshot.apply(stamped)))
            if isinstance(stamped.event, Notice):
                self.tell(stamped.event.text)
        elapsed = self.controller.elapsed(run_id)
        for place, view in enumerate(self.views):
            try:
                view.update(self.snapshot, changed, elapsed)
            except OSError as error:  # nobody reads any more, the terminal has gone, or its disk is full
                self.views[place] = SilentView()
                if isinstance(error, BrokenPipeError):
                    self.reader_gone = True
                else:
                    self.output_lost = True
                    self.tell(f"the output cannot be written ({error.strerror}); the run goes on without it")


def follow(
    controller: RunController,
    plan: RunPlan,
    begin: Callable[[], str],
    snapshot: RunSnapshot,
    views: Sequence[View],
    *,
    interrupts: Interrupts,
) -> Outcome:
    """Begin a run and stay with it until it is over and on disk.

    Args:
        controller: of this process.
        plan: of the run.
        begin: starts or resumes it; returns its name.
        snapshot: how it stood before; brought up to date here.
        views: what is seen of it.
        interrupts: being counted, and for longer than this.
    """
    follower = _Follower(controller, snapshot, views)
    interrupts.wake = lambda: follower.inbox.put(())
    unsubscribe = controller.subscribe(lambda _run, events: follower.inbox.put(events))
    try:
        run_id = begin()
        leaves = _stay(follower, run_id, interrupts)
    finally:
        unsubscribe()
        for view in follower.views:
            view.close()
    if controller.journal.trouble is None:  # an afterthought of the backend may still be on its way
        controller.journal.flush(UNWRITTEN_SECONDS)
    waiting = controller.journal.waiting(run_id)
    return Outcome(
        run_id=run_id,
        controller=controller,
        plan=plan,
        snapshot=controller.snapshot(run_id, unwritten=True),
        interrupted=interrupts.count > 0,
        reader_gone=follower.reader_gone,
        output_lost=follower.output_lost,
        unwritten=len(waiting),
        trouble=controller.journal.trouble,
        elsewhere=_handed_over(controller, run_id) if leaves else 0,
    )


def _handed_over(controller: RunController, run_id: str) -> int:
    """How many points a cluster has taken and not answered, by what is on disk."""
    try:
        tasks = [task for event in open_tasks(controller.journal.events(run_id)) for task in event.tasks]
    except JournalError:
        return 0
    return len({name for task in tasks for name in task.points})


def follow_check(outcome: Outcome, tell: Callable[[Comparison], None], interrupts: Interrupts) -> Outcome:
    """Stay with the check of a run until it is over; an interruption gives up the check, never the run.

    Args:
        outcome: of the run, which is over.
        tell: called for each point that is compared.
        interrupts: counted since before the check was announced, so that none of them can end the command
            instead of the check.

    Returns:
        The same, with the run as it stands now.
    """
    controller, run_id = outcome.controller, outcome.run_id
    inbox: queue.SimpleQueue[tuple[StampedEvent, ...]] = queue.SimpleQueue()
    told: set[str] = set()
    stopping = reader_gone = False
    interrupts.wake = lambda: inbox.put(())
    unsubscribe = controller.subscribe(lambda _run, events: inbox.put(events))
    try:
        over = False
        while not over:
            over = controller.wait_check(run_id, 0)  # asked first, so that nothing is missed after it
            snapshot = controller.snapshot(run_id)
            try:
                for name in [name for name in snapshot.checks if name not in told]:
                    told.add(name)
                    if not reader_gone and (found := comparison(snapshot, name)) is not None:
                        tell(found)
            except OSError:  # nobody reads any more
                reader_gone = True
            if (interrupts.count or reader_gone) and not stopping:
                stopping = True
                controller.cancel(run_id)
            if not over:
                _wait_for_news(inbox)
    finally:
        unsubscribe()
    waiting = controller.journal.waiting(run_id)
    return replace(
        outcome,
        snapshot=controller.snapshot(run_id, unwritten=True),
        interrupted=interrupts.count > 0,
        reader_gone=outcome.reader_gone or reader_gone,
        unwritten=len(waiting),
        trouble=controller.journal.trouble,
    )


def _wait_for_news(inbox: queue.SimpleQueue[tuple[StampedEvent, ...]]) -> None:
    """Until something happens to any run, or a moment has passed."""
    with suppress(queue.Empty):
        inbox.get(timeout=TICK_SECONDS)
    with suppress(queue.Empty):
        while True:
            inbox.get_nowait()


def _stay(follower: _Follower, run_id: str, interrupts: Interrupts) -> bool:
    """Until the run is over and on disk; returns whether it goes on elsewhere without us instead."""
    controller = follower.controller
    stopping = False
    give_up: float | None = None
    while not controller.wait(run_id, 0) or not follower.inbox.empty():
        follower.take(run_id)
        if (interrupts.count or follower.reader_gone) and not stopping:
            if controller.is_active(run_id) and controller.goes_on(run_id):
                return True
            stopping = True
            if interrupts.count:
                follower.tell("stopping; what is done is kept (Ctrl-C again ends at once)")
            controller.cancel(run_id)
        if controller.journal.trouble is None or controller.is_active(run_id):
            give_up = None
        elif give_up is None:
            give_up = time.monotonic() + UNWRITTEN_SECONDS
            seconds = f"{UNWRITTEN_SECONDS:.0f} s"
            follower.tell(
                f"all points are final, but the journal cannot be written; waiting {seconds} for it"
            )
        elif time.monotonic() > give_up:
            break
    return False
