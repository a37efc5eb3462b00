"""What follows from the answer to a parcel: the ends of its points, and where the time went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from fitgui_backends.events import PointFailed, PointFitted, TaskTimed
from fitgui_backends.remote.answers import TaskAnswer
from fitgui_backends.remote.parcels import Parcel, Traveller
from fitgui_backends.results import FitResult, Seconds


@dataclass(frozen=True, slots=True)
class Settlement:
    """The events of an answer; nothing is changed by it yet."""

    ends: tuple[tuple[Traveller, PointFitted | PointFailed], ...]
    """Of points that were still open, in this parcel."""
    timed: TaskTimed
    left: tuple[Traveller, ...]
    """Open points of which the answer says nothing."""


def settle(
    parcel: Parcel,
    answer: TaskAnswer,
    *,
    size: int,
    received: float,
    submitted: float,
    delay: float,
    versions: Mapping[str, str],
) -> Settlement:
    """Read an answer for what it means to the run; the lock of the run is held.

    Args:
        parcel: That was answered.
        answer: Of its worker.
        size: Of the answer in bytes.
        received: When it came, on the monotonic clock of this process.
        submitted: When the run was submitted, on the same.
        delay: Seconds that the answer was on its way.
        versions: Of what fits there, if they are not known yet.
    """
    known = {traveller.point.name: traveller for traveller in parcel.open}
    total = received - submitted
    before = max(0.0, total - parcel.transfer - delay - (answer.ended - answer.began))
    ends: list[tuple[Traveller, PointFitted | PointFailed]] = []
    model = fit = 0.0
    for outcome in answer.outcomes:
        of = outcome.of
        own = of.seconds if isinstance(of, FitResult) else Seconds(fit=of.seconds)
        model, fit = model + own.model, fit + own.fit
        traveller = known.pop(of.name, None)
        if traveller is None:  # discarded, or in another parcel by now
            continue
        seconds = Seconds(
            queued=before + outcome.begun,
            transfer=parcel.transfer,
            model=own.model,
            fit=own.fit,
            delay=delay,
            total=total,
        )
        if isinstance(of, FitResult):
            result = msgspec.structs.replace(of, seconds=seconds, worker=answer.worker, block=answer.block)
            ends.append((traveller, PointFitted(result=result)))
        else:
            failed = PointFailed(
                name=of.name,
                error=of.error,
                worker=answer.worker,
                attempts=traveller.attempts,
                seconds=seconds,
            )
            ends.append((traveller, failed))
    timed = TaskTimed(
        task=parcel.identifier or parcel.key,
        points=parcel.names,
        worker=answer.worker,
        block=answer.block,
        sent_ago=None if parcel.sent is None else received - parcel.sent,
        accepted_ago=None if parcel.accepted is None else received - parcel.accepted,
        began=answer.began,
        ended=answer.ended,
        unpack=answer.unpack,
        model=model,
        fit=fit,
        received_bytes=size,
        versions=dict(versions),
    )
    return Settlement(tuple(ends), timed, tuple(known.values()))
