"""What the application and its courier say to each other.

A courier is the child process that holds the library of a service: the Globus Compute SDK, or Parsl. It knows
tasks by a key and nothing of points, plans or runs; all that decides about points is in :mod:`.run`. Tokens
of a login never cross this pipe.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fitgui_backends.contract import Place


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """One message, as MessagePack."""


# From the application to the courier.


class Call(Message, frozen=True, kw_only=True):
    """Ask for something; answered by :class:`Answer` with the same serial, perhaps after minutes."""

    serial: int
    method: str
    """``places``, ``form``, ``health``, ``try_out``, ``begin_login`` ...: a method of the courier."""
    arguments: dict[str, Any] = {}
    """What JSON can express."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One task on its way out."""

    key: str
    """By which the application knows it; chosen by the application, never used twice."""
    request: dict[str, Any]
    """The argument of the function, what JSON can express (see :mod:`.packing`)."""
    size: int
    """Of the request as JSON, in bytes: batches are cut by it."""
    priority: int | None = None
    """Lower goes first, where the service can do that; ``None`` for ordinary tasks."""


class Send(Message, frozen=True, kw_only=True):
    """Hand these tasks over, in as few requests as the limits allow."""

    run: str
    place: Place
    function: str
    """Which function: ``fit``, ``check`` or ``stop`` (:mod:`.functions`)."""
    tasks: tuple[Task, ...]


class Watch(Message, frozen=True, kw_only=True):
    """Follow tasks that an earlier courier handed over; their identifiers serve as keys."""

    run: str
    place: Place
    groups: dict[str, tuple[str, ...]]
    """Identifiers of tasks, by the group of the service."""


class Forget(Message, frozen=True, kw_only=True):
    """Nothing more is wanted of a run: its tasks that wait to be sent are not sent, answers are dropped."""

    run: str


class Close(Message, frozen=True, kw_only=True):
    """End at once; tasks that the service has go on where it can do that."""


# From the courier to the application.


class Ready(Message, frozen=True, kw_only=True):
    """The library is imported; the first message of every courier."""

    versions: dict[str, str]


class Answer(Message, frozen=True, kw_only=True):
    """To a :class:`Call`."""

    serial: int
    result: Any = None
    """What JSON can express."""
    error: str = ""
    """One sentence for the user; empty where it went well."""
    needs: str = ""
    """With an error: a value of :class:`fitgui_backends.contract.Need`."""


class Accepted(Message, frozen=True, kw_only=True):
    """The service has taken tasks, in one request."""

    run: str
    group: str
    tasks: dict[str, str]
    """Identifiers of the service, by key."""
    sent_bytes: int
    seconds: float


class Refused(Message, frozen=True, kw_only=True):
    """The service will not take these tasks, now or later."""

    run: str
    keys: tuple[str, ...]
    reason: str
    """``too_large`` (the application cuts smaller ones), or ``refused``."""
    error: str
    """One sentence."""


class Arrived(Message, frozen=True, kw_only=True):
    """A task has its answer."""

    run: str
    key: str
    answer: Any = None
    """What the function returned (see :mod:`.packing`), or ``None``."""
    size: int = 0
    """Of the answer in bytes."""
    trouble: str = ""
    """What became of it otherwise: ``lost`` (its worker or job ended), ``gone`` (the service keeps nothing of
    it), ``stalled`` (the service keeps it, but nobody has it any more), ``too_large`` (the answer), ``start``
    (workers cannot be started, for any task) or ``error`` (the function raised)."""
    error: str = ""
    """With ``trouble``: one sentence; of ``start`` and ``error`` with the words of service or scheduler."""


class States(Message, frozen=True, kw_only=True):
    """Where tasks stand that have no answer yet; only what changed."""

    run: str
    phases: dict[str, str]
    """By key: ``waiting for endpoint``, ``waiting for nodes`` or ``running``."""


class Surroundings(Message, frozen=True, kw_only=True):
    """How a place stands; sent when it changes. Fields as of :class:`fitgui_backends.events.PlaceChanged`."""

    place: str
    status: str
    text: str = ""
    blocks_pending: int | None = None
    blocks_running: int | None = None
    nodes: int | None = None
    workers: int | None = None
    workers_idle: int | None = None


class Said(Message, frozen=True, kw_only=True):
    """Something that the user should know; of one run, or of all."""

    level: str
    """``info``, ``warning`` or ``error``."""
    text: str
    run: str = ""


ToCourier = Call | Send | Watch | Forget | Close
FromCourier = Ready | Answer | Accepted | Refused | Arrived | States | Surroundings | Said

_ENCODER = msgspec.msgpack.Encoder()
_TO_COURIER = msgspec.msgpack.Decoder(ToCourier)
_FROM_COURIER = msgspec.msgpack.Decoder(FromCourier)


def encode(message: Message) -> bytes:
    """As it goes through the pipe."""
    return _ENCODER.encode(message)


def decode_to_courier(raw: bytes) -> ToCourier:
    """What the courier reads."""
    message: ToCourier = _TO_COURIER.decode(raw)
    return message


def decode_from_courier(raw: bytes) -> FromCourier:
    """What the application reads."""
    message: FromCourier = _FROM_COURIER.decode(raw)
    return message
