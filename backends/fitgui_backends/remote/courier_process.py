"""The courier: the process that holds the library of a service, and ends with the application.

It is a process of its own because these libraries hang when a program ends, block for seconds in calls, and
print; a crash of theirs must not touch the window. What the service can do is a :class:`Service`; here is
only its frame: reading messages, answering calls on threads, and ending at once.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, Protocol

from fitgui_backends.contract import Need
from fitgui_backends.remote.messages import (
    Answer,
    Arrived,
    Call,
    Close,
    Forget,
    FromCourier,
    Said,
    Send,
    Watch,
    decode_to_courier,
    encode,
)

CALLS_AT_ONCE = 4
"""One that the service is slow to answer must not keep the others waiting."""
LONG_CALLS = frozenset({"try_out", "finish_login"})
"""They wait for nodes, or for the user: each has a thread of its own, or what gives it up would wait, too."""

Tell = Callable[[FromCourier], None]
"""Sends a message to the application; from any thread."""

_log = logging.getLogger(__name__)


class ServiceError(Exception):
    """The service cannot do what was asked; the text is one sentence for the user, without any token."""

    def __init__(self, text: str, needs: Need = Need.NOTHING) -> None:
        super().__init__(text)
        self.needs = needs


class Service(Protocol):
    """What a courier does with its library. Nothing here may block for long but ``call``."""

    def versions(self) -> dict[str, str]:
        """Of the library, by distribution."""
        ...

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Answer a question, with what JSON can express; on a thread of its own.

        Raises:
            ServiceError: in words.
        """
        ...

    def send(self, message: Send) -> None:
        """Hand tasks over; returns at once, and reports by ``Accepted``, ``Refused``, ``Arrived`` ..."""
        ...

    def watch(self, message: Watch) -> None:
        """Follow tasks of an earlier courier; returns at once."""
        ...

    def forget(self, run: str) -> None:
        """Drop what belongs to a run; returns at once."""
        ...

    def close(self) -> None:
        """Release what would outlive the process, such as jobs that nobody wants any more, in seconds."""
        ...


def serve(connection: Connection, factory: str, settings: Mapping[str, Any]) -> None:
    """The whole life of a courier; never returns to the caller's interpreter.

    Args:
        connection: To the application; when it is gone, so is the courier.
        factory: ``module:function`` that makes the service from the settings and :data:`Tell`.
        settings: What JSON can express.
    """
    # Ctrl-C reaches every process of a terminal, but only the command knows what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _silence()
    sending = threading.Lock()

    def tell(message: FromCourier) -> None:
        raw = carried(message)
        if raw is None:
            return
        try:
            with sending:
                connection.send_bytes(raw)
        except OSError:  # the application has gone; so will this process, and what it holds
            _end(service)

    module, _, function = factory.partition(":")
    service: Service | None = None
    try:
        service = getattr(import_module(module), function)(settings, tell)
        _serve(connection, service, tell)
    except EOFError:
        pass
    except Exception as error:  # noqa: BLE001  (whatever it is, the application hears of it)
        _log.exception("the courier ends")
        tell(Said(level="error", text=_unforeseen(error)))
    _end(service)


def _serve(connection: Connection, service: Service, tell: Tell) -> None:
    from fitgui_backends.remote.messages import Ready  # noqa: PLC0415

    calls = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="call")
    tell(Ready(versions=service.versions()))
    while True:
        message = decode_to_courier(connection.recv_bytes())
        match message:
            case Call(method=method) if method in LONG_CALLS:
                arguments = service, message, tell
                threading.Thread(target=_answer, args=arguments, name=method, daemon=True).start()
            case Call():
                calls.submit(_answer, service, message, tell)
            case Send():
                service.send(message)
            case Watch():
                service.watch(message)
            case Forget():
                service.forget(message.run)
            case Close():
                return


def _answer(service: Service, call: Call, tell: Tell) -> None:
    try:
        tell(Answer(serial=call.serial, result=service.call(call.method, call.arguments)))
    except ServiceError as error:
        tell(Answer(serial=call.serial, error=str(error), needs=error.needs.value))
    except Exception as error:  # noqa: BLE001  (a bug of ours or of a library costs one answer)
        _log.exception("a call failed")
        tell(Answer(serial=call.serial, error=_unforeseen(error)))


def carried(message: FromCourier) -> bytes | None:
    """A message as it goes through the pipe; where it cannot, what says so to whoever waits for it.

    MessagePack has no integers of more than 64 bits, and no text with halves of surrogates; JSON has both.

    Returns:
        ``None`` if nobody waits for it.
    """
    try:
        return encode(message)
    except Exception as error:  # noqa: BLE001  (of whatever a worker or a service sent)
        _log.warning("a message cannot be carried: %s", type(error).__name__)
        match message:
            case Arrived():
                return encode(uncarried(message, error))
            case Answer():
                words = f"The answer cannot be carried ({type(error).__name__}): please report it."
                return encode(Answer(serial=message.serial, error=words))
        return None


def uncarried(arrived: Arrived, error: Exception) -> Arrived:
    """What is told instead of an answer that a message cannot hold."""
    words = f"The answer of the worker cannot be carried ({type(error).__name__})."
    return Arrived(run=arrived.run, key=arrived.key, size=arrived.size, trouble="error", error=words)


def _unforeseen(error: Exception) -> str:
    """Only the kind of the error: its text may hold anything, tokens among it."""
    return f"Something unforeseen happened ({type(error).__name__}): please report it."


def _end(service: Service | None) -> None:
    """Leave without the exit handlers of the library, which wait for tasks that may take hours."""
    if service is not None:
        closing = threading.Thread(target=service.close, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)
    os._exit(0)


CLOSE_SECONDS = 10.0
"""For a service to release what it must; the application does not wait for it."""


def _silence() -> None:
    """Keep what libraries print off the application's terminal; all that matters is in messages."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
