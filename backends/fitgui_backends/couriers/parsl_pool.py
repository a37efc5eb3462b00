"""A pool of workers: one data flow kernel of Parsl for a place with its options."""

from __future__ import annotations

import itertools
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from parsl.app.app import python_app
from parsl.config import Config
from parsl.dataflow.dflow import DataFlowKernel
from parsl.executors import HighThroughputExecutor
from parsl.jobs.states import JobState

from fitgui_backends.couriers.parsl_blocks import addresses, give_back, make_provider, watch_blocks
from fitgui_backends.couriers.parsl_options import LOCAL, PoolOptions
from fitgui_backends.couriers.parsl_words import Trouble, start_sentence, trouble_of

LABEL = "fitgui"
IDLE_SECONDS = 120.0
"""After which a block without tasks is given back."""
HEARTBEAT_SECONDS = 10
LOST_SECONDS = 40
"""Without a sign of life a node counts as lost, and its tasks with it."""
CLOSE_SECONDS = 30.0
"""So long Parsl may take to end its threads."""
_LAST_SECONDS = 5.0
"""... and so long once its interchange has ended, when nothing can answer any more."""

_log = logging.getLogger(__name__)

# As text, and under the name of no module, so that Parsl sends the function itself: workers need not have
# fitgui.
_RUN_TEXT = '''
def run_text(source, entry, request, parsl_resource_specification=None):
    """Run a function that is there as text."""
    kept = globals().setdefault("_fitgui_compiled", {})
    if source not in kept:
        kept.clear()
        kept[source] = compile(source, "<fitgui>", "exec")
    scope = {"__name__": "fitgui_task"}
    exec(kept[source], scope)
    return scope[entry](request)
'''


class Standing(NamedTuple):
    """How a pool stands."""

    blocks_pending: int
    blocks_running: int
    nodes: int
    workers: int
    busy: int
    """Workers that have a task."""


Ended = Callable[[Any, Trouble | None], None]
"""Takes the answer of a task, or its trouble; from a thread of Parsl's."""


class Pool:
    """Workers at one place; what is public may be used from any thread, :meth:`submit` from one only.

    Args:
        kind: ``slurm`` or ``local``.
        options: Of the form.
        folder: For everything that Parsl writes; nodes must see it.
        warn: Gets a sentence where less is to be had than was asked for.
        lost_seconds: See :data:`LOST_SECONDS`.

    Raises:
        OSError: if the folder cannot be used.
        Exception: whatever else Parsl meets when it starts.
    """

    def __init__(
        self,
        kind: str,
        options: PoolOptions,
        folder: Path,
        warn: Callable[[str], None],
        *,
        lost_seconds: int = LOST_SECONDS,
    ) -> None:
        self.kind = kind
        self.options = options
        self.folder = folder
        self.failure = ""
        """Why no worker can be started, as a sentence."""
        folder.mkdir(parents=True, exist_ok=True)
        notes = folder / "blocks"
        self._provider = make_provider(kind, options, notes)
        self._executor = HighThroughputExecutor(
            label=LABEL,
            provider=self._provider,
            # Parsl looks for addresses by asking a server on the Internet unless it is given one.
            address="127.0.0.1",
            encrypted=True,
            max_workers_per_node=options.workers_per_node,
            cores_per_worker=1.0 if options.workers_per_node is None else 0.001,
            heartbeat_period=min(HEARTBEAT_SECONDS, max(1, lost_seconds // 4)),
            heartbeat_threshold=lost_seconds,
            block_error_handler=watch_blocks(self._fail, warn),
            interchange_launch_cmd=[
                sys.executable,
                "-m",
                "fitgui_backends.couriers.parsl_interchange",
                str(os.getpid()),
                str(notes),
            ],
        )
        if kind != LOCAL:
            # Listen on all: the address by which nodes reach this host need not be one of its own.
            self._executor.address = None
            self._executor.all_addresses = set(addresses(options.address))
        self._kernel = DataFlowKernel(
            Config(
                executors=[self._executor],
                run_dir=str(folder),
                # With htex_auto_scale Parsl ends a block whose workers are not there yet as soon as there are
                # more slots than tasks ("scaling in by 0 blocks" takes one), and asks for it again, for ever.
                strategy="simple",
                strategy_period=1,
                max_idletime=IDLE_SECONDS,
                usage_tracking=0,
                initialize_logging=False,
                retries=0,
            )
        )
        scope: dict[str, Any] = {"__name__": "fitgui_task"}
        exec(_RUN_TEXT, scope)  # noqa: S102
        self._app = python_app(scope["run_text"], data_flow_kernel=self._kernel, executors=[LABEL])
        self._numbers = itertools.count(1)
        self._closing = threading.Lock()
        self._closed = self._released = False

    @property
    def group(self) -> str:
        """By which this pool is told from every other."""
        return str(self._kernel.run_id)

    @property
    def is_usable(self) -> bool:
        """Whether it takes tasks: it is not closed, and its blocks could be started so far."""
        return not self._closed and not self.failure and not self._executor.bad_state_is_set

    def submit(
        self, source: str, entry: str, request: Mapping[str, Any], priority: int | None, ended: Ended
    ) -> str:
        """Hand a task over; returns its identifier.

        Args:
            source: Text of a module.
            entry: The function in it.
            request: Its argument.
            priority: Lower goes first; ``None`` goes last.
            ended: Called once, unless the pool is closed before.
        """
        more = {} if priority is None else {"parsl_resource_specification": {"priority": priority}}
        future = self._app(source, entry, dict(request), **more)
        future.add_done_callback(partial(_tell_end, ended))
        return f"{self.group}:{next(self._numbers)}"

    def look(self) -> Standing:
        """How it stands now; asks the interchange.

        Raises:
            ConnectionError: if the interchange has ended, so that nothing will come of any task.
        """
        if not self._has_interchange():
            raise ConnectionError("The process of Parsl that hands out tasks has ended.")
        managers = [entry for entry in self._executor.connected_managers() if entry["active"]]
        states = self._executor.status_facade
        connected = {entry["block_id"] for entry in managers}
        running = {block for block, status in states.items() if status.state is JobState.RUNNING}
        pending = {block for block, status in states.items() if status.state is JobState.PENDING}
        return Standing(
            blocks_pending=len(pending - connected),
            blocks_running=len(running | connected),
            nodes=len(managers),
            workers=sum(entry["worker_count"] for entry in managers),
            busy=sum(entry["tasks"] for entry in managers),
        )

    def release(self) -> None:
        """Give all blocks back and stop the interchange: all that must not outlive this process."""
        self._closed = self._released = True
        give_back(self._provider)
        process = self._executor.interchange_proc
        if process is not None:
            with suppress(OSError):
                process.terminate()

    def close(self) -> None:
        """Release everything, threads of Parsl included as far as they end; takes seconds."""
        with self._closing:
            self._closed = True
            give_back(self._provider)
            if self._has_interchange() and not self._kernel.cleanup_called:
                # Parsl waits for answers of its interchange for ever, which may end at this very moment (it
                # does when Pythons differ), or be stopped.
                ending = threading.Thread(target=self._clean_up, name="fitgui-parsl-end", daemon=True)
                ending.start()
                begun = time.monotonic()
                while (
                    ending.is_alive() and self._has_interchange() and time.monotonic() < begun + CLOSE_SECONDS
                ):
                    ending.join(0.1)
                ending.join(_LAST_SECONDS)
                if ending.is_alive():
                    self.release()

    def _clean_up(self) -> None:
        try:
            self._kernel.cleanup()
        except Exception:  # noqa: BLE001  (all that matters was released before)
            _log.exception("closing a pool")

    def _has_interchange(self) -> bool:
        process = self._executor.interchange_proc
        return not self._released and process is not None and process.poll() is None

    def _fail(self, words: str) -> None:
        self.failure = start_sentence(words)


def _tell_end(ended: Ended, future: Any) -> None:
    error = future.exception()
    try:
        if error is None:
            ended(future.result(), None)
        else:
            ended(None, trouble_of(error))
    except Exception:  # noqa: BLE001  (a callback that raises would be printed by the library)
        _log.exception("the end of a task")
