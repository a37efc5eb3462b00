"""Workers and their tasks, as they are drawn: on the run's own clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeenWorker:
    """A worker that has answered, or has a task."""

    name: str
    """``host:pid``"""
    block: str = ""
    """The job of the batch system that it belongs to."""

    @property
    def host(self) -> str:
        """Its machine."""
        return self.name.rpartition(":")[0] or self.name

    @property
    def pid(self) -> str:
        """Its process."""
        return self.name.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class TaskBar:
    """A task that was answered; times in seconds on the run's clock."""

    task: str
    points: tuple[str, ...]
    worker: SeenWorker
    sent: float
    accepted: float
    begin: float
    end: float
    received: float
    unpack: float
    model: float
    fit: float
    clock_doubtful: bool = False
    """Whether the clock of its host made no sense, so that it stands where it ended at the latest."""

    @property
    def transfer(self) -> float:
        """Seconds of handing it over."""
        return self.accepted - self.sent

    @property
    def waiting(self) -> float:
        """Seconds until a worker began."""
        return self.begin - self.accepted

    @property
    def overhead(self) -> float:
        """Seconds of the worker that were neither for models nor for fits."""
        return max(0.0, self.end - self.begin - self.unpack - self.model - self.fit)

    @property
    def delay(self) -> float:
        """Seconds until the answer was here, at the least."""
        return self.received - self.end


@dataclass(frozen=True, slots=True)
class OpenTask:
    """What a worker has now, as far as is told."""

    worker: str
    """``host:pid``; empty where the backend does not say."""
    since: float
    points: tuple[str, ...]
    left: int
    """How many of its points have no end yet."""


@dataclass(frozen=True, slots=True)
class LostTask:
    """What a worker had, and never answered: it was stopped, or its worker died."""

    worker: str
    since: float
    until: float
    points: tuple[str, ...]
