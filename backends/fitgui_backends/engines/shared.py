"""What every engine does before its fits, and the words that all of them use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fitgui_backends.contract import FitPoint
from fitgui_backends.engines.base import FitError

if TYPE_CHECKING:
    from fitgui_backends.histfactory.constraints import Data
    from fitgui_backends.histfactory.model import Compiler, Model


def choose(engine: str, option: str, value: str, allowed: tuple[str, ...]) -> None:
    """Say no to a value of an option that the engine does not know.

    Raises:
        FitError: in words.
    """
    if value not in allowed:
        raise FitError(f"{option} = {value!r} is unknown to the {engine} engine: use {' or '.join(allowed)}.")


def check_signal_strength(mu: float) -> None:
    """Say no to a signal strength that cannot be tested.

    Raises:
        FitError: in words.
    """
    if not math.isfinite(mu) or mu <= 0:
        raise FitError(f"The tested signal strength must be above zero, not {mu:g}.")


def patched(workspace: Mapping[str, Any], point: FitPoint) -> Mapping[str, Any]:
    """The validated workspace with the signal of a point; what the patch leaves alone is shared.

    Raises:
        HistFactoryError: if the patch does not apply, or its result is no workspace.
    """
    from fitgui_backends.histfactory.patching import apply_patch, decode_operations  # noqa: PLC0415
    from fitgui_backends.histfactory.schema import validate_workspace  # noqa: PLC0415

    document: Mapping[str, Any] = apply_patch(workspace, decode_operations(point.operations))
    validate_workspace(document)
    return document


def compiled(
    compiler: Compiler, workspace: Mapping[str, Any], measurement: str | None, point: FitPoint
) -> tuple[Model, Data]:
    """The model of a workspace with the signal of a point, and what was observed.

    Raises:
        HistFactoryError: as :func:`patched`, or if no model can be built.
    """
    from fitgui_backends.histfactory.constraints import observed_data  # noqa: PLC0415
    from fitgui_backends.histfactory.model import observed_counts  # noqa: PLC0415

    document = patched(workspace, point)
    model = compiler.compile(document, measurement)
    return model, observed_data(model, observed_counts(document, model))


def fit_words(fit: str, poi_test: float) -> str:
    """Name a fit in words: ``the fit at mu = 1 to the Asimov data``."""
    data = " to the Asimov data" if fit.startswith("asimov") else ""
    if fit.endswith("free"):
        return f"the free fit{data}"
    value = 0.0 if fit == "mu0" else poi_test
    return f"the fit at mu = {value:g}{data}"


def capital(text: str) -> str:
    """The sentence with a capital at its start."""
    return text[:1].upper() + text[1:]
