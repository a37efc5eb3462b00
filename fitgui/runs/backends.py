"""The backends by name; each is made only when it is asked for, because making one may be slow."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from fitgui.runs.plan import RunError
from fitgui_backends.contract import Backend

CHECK_NICENESS = 10
"""Of the worker of a check, so that it takes only what nobody else wants."""

_MODULES = {"local": ("fitgui_backends.local", "LocalBackend")}


def backend_names() -> tuple[str, ...]:
    """The names of all backends, the default first."""
    return tuple(_MODULES)


def default_workers(name: str) -> int | None:
    """How many points at once where the user does not say; ``None`` leaves it to the backend."""
    if name != "local":
        return None
    count: int = import_module("fitgui_backends.machine").usable_cores()
    return count


def create_backend(name: str, *, workers: int | None = None, engine: str | None = None) -> Backend:
    """Make a backend; workers are started when they are needed.

    Args:
        name: one of :func:`backend_names`.
        workers: how many points at once; ``None`` leaves it to the backend.
        engine: what its workers are to be ready for; ``None`` for the default.

    Raises:
        RunError: if there is no backend of that name.
    """
    if name not in _MODULES:
        raise RunError(f"there is no backend {name}: choose one of {', '.join(_MODULES)}")
    module, kind = _MODULES[name]
    make: Callable[..., Backend] = getattr(import_module(module), kind)
    return make(workers=workers) if engine is None else make(workers=workers, engine=engine)


def create_checker(engine: str) -> Backend:
    """Make the backend of a check: one worker of this machine, which gives way to everything else.

    Args:
        engine: of the check; imported when the worker starts.
    """
    make: Callable[..., Backend] = import_module("fitgui_backends.local").LocalBackend
    return make(workers=1, engine=engine, niceness=CHECK_NICENESS)
