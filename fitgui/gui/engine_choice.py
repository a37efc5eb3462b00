"""The engines that this machine can offer, each with the settings that make it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from fitgui_backends.contract import FitOptions


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine as the user chooses it."""

    title: str
    options: FitOptions


def engine_choices() -> tuple[EngineChoice, ...]:
    """Pyhf with every combination of tensor library and minimiser that is installed, the default first."""
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
        )
        for tensor, tensor_title in tensors
        for minimiser, minimiser_title in minimisers
    )
    newton = EngineChoice("newton · exact derivatives", FitOptions(engine="newton"))
    return (*reference, newton)
