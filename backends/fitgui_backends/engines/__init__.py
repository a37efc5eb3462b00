"""How one signal point is fitted: the engines, found by name.

Neither this package nor listing the engines imports a numerical library; :func:`load_engine` does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from fitgui_backends.engines.base import FitError

if TYPE_CHECKING:
    from fitgui_backends.engines.base import Engine

__all__ = ["FitError", "available_engines", "load_engine"]

_ENGINES = {
    "newton": "fitgui_backends.engines.newton_engine:NewtonEngine",
    "pyhf": "fitgui_backends.engines.pyhf_engine:PyhfEngine",
}


def available_engines() -> tuple[str, ...]:
    """Names that :func:`load_engine` takes, the default first."""
    return tuple(_ENGINES)


def load_engine(name: str) -> Engine:
    """Import and return an engine.

    Raises:
        FitError: if there is none of that name.
    """
    try:
        module, _, attribute = _ENGINES[name].partition(":")
    except KeyError:
        raise FitError(
            f"There is no engine {name!r}: choose one of {', '.join(available_engines())}."
        ) from None
    engine: Engine = getattr(import_module(module), attribute)()
    return engine
