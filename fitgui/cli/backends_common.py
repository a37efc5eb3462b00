"""What the commands about backends share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fitgui.cli.errors import CommandError, CommandUsageError, unknown
from fitgui.cli.output import print_line, say
from fitgui.runs.backends import backend_names, create_backend
from fitgui.runs.clusters import ClusterSettings
from fitgui.runs.plan import RunError
from fitgui_backends.contract import Backend, BackendError, ClusterBackend, Health, Need, Place


def make_backend(name: str, *, workers: int | None = None, engine: str | None = None) -> Backend:
    """A backend by its name, with the settings of the user.

    Raises:
        CommandUsageError: if there is none of that name.
        CommandError: if it cannot be made.
    """
    if name not in backend_names():
        raise unknown("backend", name, backend_names())
    client_id = settings_of_clusters().client_id if name == "globus" else None
    try:
        return create_backend(name, workers=workers, engine=engine, client_id=client_id)
    except (RunError, BackendError) as error:
        raise CommandError(str(error)) from error


@contextmanager
def made(name: str) -> Iterator[Backend]:
    """A backend for the time of a command; what it cannot do ends the command.

    Raises:
        CommandError: if it cannot be made, or fails within.
    """
    backend = make_backend(name)
    try:
        yield backend
    except BackendError as error:
        raise CommandError(str(error)) from error
    finally:
        backend.close()


def with_places(name: str, backend: Backend) -> ClusterBackend:
    """The backend as one that has places elsewhere.

    Raises:
        CommandUsageError: if it has none.
    """
    if isinstance(backend, ClusterBackend):
        return backend
    raise CommandUsageError(f"{name} fits on this machine and has no endpoints: choose globus or parsl")


def settings_of_clusters() -> ClusterSettings:
    """What is remembered of clusters; says so if that was damaged."""
    settings = ClusterSettings()
    _ = settings.client_id  # reads the file
    for notice in settings.notices:
        say(notice)
    return settings


def health_of_backend(backend: Backend, place: Place | None = None) -> Health:
    """Whether a backend can be used, with login and service where it has them; never raises.

    Args:
        backend: any.
        place: to be looked at, too; without one a backend of a cluster may lack it
            (:attr:`fitgui_backends.contract.Need.PLACE`).
    """
    health = backend.check()
    if not isinstance(backend, ClusterBackend) or health.needs is Need.PACKAGE:
        return health
    try:
        return backend.health_of(place or Place())
    except BackendError as error:
        needs = getattr(error, "needs", Need.SERVICE)
        return Health(ready=False, summary=str(error).rstrip("."), needs=needs)


def health_line(health: Health) -> str:
    """Health in one line: how it is, and what to do."""
    summary, remedy = (text.strip().rstrip(".") for text in (health.summary, health.remedy))
    return summary + (f": {remedy[:1].lower()}{remedy[1:]}" if remedy else "")


def document(health: Health) -> dict[str, Any]:
    """Health for machines."""
    return {
        "ready": health.ready,
        "summary": health.summary,
        "remedy": health.remedy,
        "needs": str(health.needs),
        "details": health.details,
    }


def print_health(name: str, health: Health) -> None:
    """Health for people: a line, and a table of its details."""
    print_line(f"{name}  {health_line(health)}")
    width = max((len(what) for what in health.details), default=0)
    for what, value in health.details.items():
        print_line(f"  {what + ':':<{width + 1}} {value}")
