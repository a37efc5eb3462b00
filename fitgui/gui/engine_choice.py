"""The engines that this machine can offer, each with the settings that make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec

from fitgui_backends.contract import FitOptions


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine as the user chooses it."""

    title: str
    options: FitOptions
    lacks: Mapping[str, str] = field(default_factory=dict)
    """What it cannot be asked for, by the name of the field of :class:`FitOptions`, and why."""


LACKING_IN_PYHF = {
    "toys": "newton throws pseudo-experiments; with pyhf they would take hours",
    "non_negative": "only newton can restrict the rates of samples",
}


def engine_choices() -> tuple[EngineChoice, ...]:
    """Newton, then pyhf with every combination of tensor library and minimiser that is installed."""
    minimisers = [("scipy", "SLSQP")]
    if find_spec("iminuit") is not None:
        minimisers.append(("minuit", "Minuit"))
    tensors = [("numpy", "NumPy")]
    if find_spec("jax") is not None:
        tensors.append(("jax", "JAX"))
    reference = tuple(
        EngineChoice(
            f"pyhf · {tensor_title}, {minimiser_title}",
            FitOptions(engine="pyhf", tensor_backend=tensor, optimizer=minimiser),
            LACKING_IN_PYHF,
        )
        for tensor, tensor_title in tensors
        for minimiser, minimiser_title in minimisers
    )
    newton = EngineChoice("newton · exact derivatives", FitOptions(engine="newton"))
    return (newton, *reference)
