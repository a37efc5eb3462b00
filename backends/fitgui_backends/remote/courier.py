"""The application's end of a courier: starts it, asks it, hears from it, and tells when it dies."""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from typing import Any

from fitgui_backends.contract import BackendError, Need
from fitgui_backends.remote.courier_process import serve
from fitgui_backends.remote.messages import (
    Answer,
    Call,
    Close,
    FromCourier,
    Message,
    Ready,
    decode_from_courier,
    encode,
)

START_SECONDS = 60.0
"""For importing the library from a slow disk."""

_GOODBYE_SECONDS = 0.3

_log = logging.getLogger(__name__)


class CourierError(BackendError):
    """A courier cannot do what was asked; says what it lacks."""

    def __init__(self, text: str, needs: Need = Need.NOTHING) -> None:
        super().__init__(text)
        self.needs = needs


class Courier:
    """A child process that holds the library of a service; safe to use from any thread.

    Args:
        name: Of the backend, for sentences.
        factory: Makes the service in the child (:func:`.courier_process.serve`).
        settings: For the factory.
        hear: Gets every message but answers; from the reading thread, must not block.
        lost: Called when the process ended without being told to; from the reading thread.
    """

    def __init__(
        self,
        name: str,
        factory: str,
        settings: Mapping[str, Any],
        hear: Callable[[FromCourier], None],
        lost: Callable[[], None],
    ) -> None:
        self.name = name
        self._hear = hear
        self._lost = lost
        self._serials = itertools.count(1)
        self._answers: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._ready = threading.Event()
        self.versions: dict[str, str] = {}
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._connection = ours
        # Not a daemon of multiprocessing, which would be forbidden to start processes of its own.
        self._process = context.Process(
            target=serve, args=(theirs, factory, dict(settings)), name=f"fitgui {name}"
        )
        try:
            self._process.start()
        except OSError as error:
            ours.close()
            raise CourierError(
                f"The process for {name} could not be started ({error.strerror}): close other programs."
            ) from error
        finally:
            theirs.close()
        threading.Thread(target=self._read, name=f"fitgui courier {name}", daemon=True).start()

    @property
    def pid(self) -> int | None:
        """Its process."""
        return self._process.pid

    def tell(self, message: Message) -> None:
        """Send a message; one to a courier that has ended is dropped, for ``lost`` tells of that."""
        with suppress(OSError, ValueError), self._lock:
            self._connection.send_bytes(encode(message))

    def ask(self, method: str, timeout: float | None = 120.0, **arguments: Any) -> Any:
        """Call a method of the service and wait for its answer.

        Raises:
            CourierError: if it fails, in the service's words, or takes too long.
        """
        answer: Future[Any] = Future()
        serial = next(self._serials)
        self._answers[serial] = answer
        if self._closing:
            self._fail_answers()
        self.tell(Call(serial=serial, method=method, arguments=arguments))
        try:
            return answer.result(timeout)
        except FutureTimeoutError:
            raise CourierError(
                f"{self.name} did not answer within {timeout:g} s: look at the network, and try again.",
                Need.SERVICE,
            ) from None
        finally:
            self._answers.pop(serial, None)

    def close(self) -> None:
        """Let it end, without waiting for it."""
        self._closing = True
        # Not behind a message that the courier is too busy to read.
        if self._lock.acquire(timeout=_GOODBYE_SECONDS):
            try:
                with suppress(OSError, ValueError):
                    self._connection.send_bytes(encode(Close()))
            finally:
                self._lock.release()
        self._fail_answers()
        # Or the interpreter would wait at its own end until a service has released all it holds.
        multiprocessing.process._children.discard(self._process)  # type: ignore[attr-defined]  # noqa: SLF001

    def kill(self) -> None:
        """End it at once, whatever it does."""
        self._closing = True
        pid = self._process.pid
        if pid is not None and self._process.is_alive():
            with suppress(ProcessLookupError):
                os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def join(self, seconds: float) -> bool:
        """Wait for its end; returns whether it ended."""
        self._process.join(seconds)
        return not self._process.is_alive()

    def _read(self) -> None:
        try:
            while True:
                message = decode_from_courier(self._connection.recv_bytes())
                if isinstance(message, Answer):
                    self._take(message)
                    continue
                if isinstance(message, Ready):
                    self.versions = message.versions
                    self._ready.set()
                try:
                    self._hear(message)
                except Exception:  # noqa: BLE001  (one message that is not understood must not cost all others)
                    _log.exception("courier %s", self.name)
        except (EOFError, OSError):
            pass
        except Exception:  # noqa: BLE001  (the thread that dies of a bug tells nobody)
            _log.exception("courier %s", self.name)
        expected, self._closing = self._closing, True
        self._fail_answers()
        if not expected:
            self._lost()

    def _take(self, message: Answer) -> None:
        answer = self._answers.get(message.serial)
        if answer is None or answer.done():
            return
        if message.error:
            answer.set_exception(CourierError(message.error, Need(message.needs)))
        else:
            answer.set_result(message.result)

    def _fail_answers(self) -> None:
        for answer in list(self._answers.values()):
            if not answer.done():
                with suppress(Exception):
                    answer.set_exception(
                        CourierError(f"The process for {self.name} has ended: try again.", Need.SERVICE)
                    )
