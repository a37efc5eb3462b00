"""The courier of Parsl: pools of workers in blocks of Slurm, or on this machine."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from fitgui_backends.contract import Place
from fitgui_backends.couriers import parsl_folders, parsl_places
from fitgui_backends.couriers.parsl_desk import Desk
from fitgui_backends.couriers.parsl_options import PoolOptions, form_of, options_of
from fitgui_backends.remote.courier_process import ServiceError, Tell
from fitgui_backends.remote.functions import source_of
from fitgui_backends.remote.messages import Arrived, Refused, Send, Watch

TRY_OUT_SECONDS = 1740.0
"""For a check task to come back: as long as the application waits for it, less a bit to say so."""

_log = logging.getLogger(__name__)


def make_service(settings: Mapping[str, Any], tell: Tell) -> ParslService:
    """What a courier is started with.

    Args:
        settings: ``folder``: where pools have theirs, on a file system that nodes see. ``lost_seconds``:
            without a sign of life a node counts as lost (optional).
        tell: Sends a message to the application.
    """
    return ParslService(settings, tell)


class ParslService:
    """Keeps a pool for each place and its options; sends tasks there, in order, from a thread of its own."""

    def __init__(self, settings: Mapping[str, Any], tell: Tell) -> None:
        self._folder = Path(settings["folder"])
        self._lost_seconds = settings.get("lost_seconds")
        self._tell = tell
        self._desks: dict[tuple[str, PoolOptions], Desk] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._trials: dict[Future[Any], str] = {}
        """Checks that wait for a worker, and their places."""
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="parsl sending", daemon=True).start()
        self._work.put(lambda: parsl_folders.tidy(self._folder))

    def versions(self) -> dict[str, str]:
        """Of Parsl."""
        return {"parsl": version("parsl")}

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Answer ``places``, ``form``, ``health`` or ``try_out``.

        Raises:
            ServiceError: in words.
        """
        match method:
            case "places":
                return msgspec.to_builtins(parsl_places.places())
            case "form":
                return form_of(arguments["place"])
            case "health":
                place = arguments.get("place")
                known = None if place is None else msgspec.convert(place, Place)
                return msgspec.to_builtins(parsl_places.health(known))
            case "try_out":
                return self._try_out(msgspec.convert(arguments["place"], Place))
            case "cancel_try_out":
                self._give_up(msgspec.convert(arguments["place"], Place).identifier)
                return None
        raise ServiceError(f"Parsl cannot do {method}.")

    def send(self, message: Send) -> None:
        """Hand tasks to the pool of their place, which is started if there is none."""
        self._work.put(lambda: self._send(message))

    def watch(self, message: Watch) -> None:
        """Tasks of Parsl end with their courier: there is nothing to follow."""
        for keys in message.groups.values():
            for key in keys:
                self._tell(
                    Arrived(
                        run=message.run,
                        key=key,
                        trouble="gone",
                        error="Parsl's tasks end with the application that sent them.",
                    )
                )

    def forget(self, run: str) -> None:
        """Drop answers of a run; blocks that only it was waiting for are given back."""
        with self._lock:
            desks = list(self._desks.values())
        for desk in desks:
            desk.forget(run)
        self._work.put(partial(self._clear_away, idle=False))

    def close(self) -> None:
        """Give back all blocks at once."""
        with self._lock:
            self._closed = True
            desks = list(self._desks.values())
        releasing = [threading.Thread(target=desk.release, daemon=True) for desk in desks]
        for thread in releasing:
            thread.start()
        for thread in releasing:
            thread.join()

    # On the thread that sends

    def _serve(self) -> None:
        while True:
            work = self._work.get()
            try:
                work()
            except Exception:  # noqa: BLE001  (the thread that dies of a bug tells nobody)
                _log.exception("parsl")

    def _send(self, message: Send) -> None:
        try:
            source, entry = source_of(message.function)
            if message.function == "stop":
                self._stop(message, source, entry)
                return
            self._desk(message.place).send(message.run, source, entry, message.tasks)
        except ServiceError as error:
            self._refuse(message, str(error))
        except Exception as error:  # noqa: BLE001  (Parsl may raise anything; the tasks must not wait)
            _log.exception("sending")
            self._refuse(message, f"Parsl could not take the tasks ({type(error).__name__}: {error}).")

    def _stop(self, message: Send, source: str, entry: str) -> None:
        """Here at once, for the home folder is mostly that of the workers; and where somebody runs something.

        No pool is started, and no block waited for, to stop tasks.
        """
        scope: dict[str, Any] = {"__name__": "fitgui_stop"}
        with suppress(Exception):
            exec(source, scope)  # noqa: S102  (our own text, as a worker would run it)
            for task in message.tasks:
                scope[entry](task.request)
        with self._lock:
            desk = self._desks.get((message.place.identifier, options_of(message.place)))
        if desk is not None and desk.is_usable and desk.has_workers:
            desk.send(message.run, source, entry, message.tasks)

    def _refuse(self, message: Send, error: str) -> None:
        keys = tuple(task.key for task in message.tasks)
        self._tell(Refused(run=message.run, keys=keys, reason="refused", error=error))

    def _desk(self, place: Place) -> Desk:
        key = place.identifier, options_of(place)
        parsl_places.require(place.identifier)
        with self._lock:
            desk = self._desks.get(key)
        if desk is not None and desk.is_usable:
            return desk
        self._clear_away(idle=True)
        folder = parsl_folders.new_folder(self._folder)
        desk = Desk(place.identifier, key[1], folder, self._tell, lost_seconds=self._lost_seconds)
        with self._lock:
            if not self._closed:
                self._desks[key] = desk
                return desk
        desk.release()
        raise ServiceError("The application is closing.")

    def _clear_away(self, *, idle: bool) -> None:
        """Close pools that can do nothing more, or that hold blocks which nobody waits for.

        Args:
            idle: Also those that have workers, but no task.
        """
        with self._lock:
            gone = {key: desk for key, desk in self._desks.items() if desk.is_spare(idle=idle)}
            for key in gone:
                del self._desks[key]
        for desk in gone.values():
            threading.Thread(target=desk.close, daemon=True).start()

    def _try_out(self, place: Place) -> Any:
        options_of(place)
        answer: Future[Any] = Future()
        source, entry = source_of("check")

        def ask() -> None:
            try:
                self._desk(place).ask(source, entry, answer)
            except Exception as error:  # noqa: BLE001  (whoever waits hears of it)
                with suppress(InvalidStateError):  # it was given up meanwhile
                    answer.set_exception(error)

        self._work.put(ask)
        self._trials[answer] = place.identifier
        try:
            return answer.result(TRY_OUT_SECONDS)
        except FutureTimeoutError:
            raise ServiceError(
                f"No worker answered within {TRY_OUT_SECONDS / 60:.0f} minutes: look at the queue of the "
                "scheduler, or ask for less."
            ) from None
        finally:
            self._trials.pop(answer, None)

    def _give_up(self, place: str) -> None:
        """Nobody waits any more for the checks of a place."""
        for answer in [each for each, where in tuple(self._trials.items()) if where == place]:
            with suppress(InvalidStateError):  # it has just been answered
                answer.set_exception(ServiceError("The check was given up."))
