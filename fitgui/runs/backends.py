"""The backends by name; each is made only when it is asked for, because making one may be slow."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from fitgui.folders import default_data_folder
from fitgui.runs.plan import RunError
from fitgui_backends.contract import Backend

CHECK_NICENESS = 10
"""Of the worker of a check, so that it takes only what nobody else wants."""

_MODULES = {
    "local": ("fitgui_backends.local", "LocalBackend"),
    "globus": ("fitgui_backends.globus", "GlobusBackend"),
    "parsl": ("fitgui_backends.parsl", "ParslBackend"),
}


def backend_names() -> tuple[str, ...]:
    """The names of all backends, the default first."""
    return tuple(_MODULES)


def default_workers(name: str) -> int | None:
    """How many points at once where the user does not say; ``None`` leaves it to the backend."""
    if name != "local":
        return None
    count: int = import_module("fitgui_backends.machine").usable_cores()
    return count


def create_backend(
    name: str,
    *,
    workers: int | None = None,
    engine: str | None = None,
    folder: Path | None = None,
    client_id: str | None = None,
) -> Backend:
    """Make a backend; workers, and connections to services, are started when they are needed.

    Args:
        name: one of :func:`backend_names`.
        workers: how many points at once on this machine; ``None`` leaves it to the backend.
        engine: what workers of this machine are to be ready for; ``None`` for the default.
        folder: the data folder; a backend of a cluster keeps small files in a folder of its name below it.
        client_id: of the native application by which users log in at Globus; ``None`` takes the SDK's.

    Raises:
        RunError: if there is no backend of that name.
    """
    if name not in _MODULES:
        raise RunError(f"there is no backend {name}: choose one of {', '.join(_MODULES)}")
    module, kind = _MODULES[name]
    make: Callable[..., Backend] = getattr(import_module(module), kind)
    if name == "local":
        return make(workers=workers) if engine is None else make(workers=workers, engine=engine)
    below = (folder or default_data_folder()) / name
    return make(folder=below, client_id=client_id) if name == "globus" else make(folder=below)


def create_checker(engine: str) -> Backend:
    """Make the backend of a check: one worker of this machine, which gives way to everything else.

    Args:
        engine: of the check; imported when the worker starts.
    """
    make: Callable[..., Backend] = import_module("fitgui_backends.local").LocalBackend
    return make(workers=1, engine=engine, niceness=CHECK_NICENESS)
