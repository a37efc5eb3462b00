"""Models small enough for a closed form, and the bundled example with one of its points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from iminuit import Minuit

from fitgui_backends.histfactory.constraints import Data, observed_data
from fitgui_backends.histfactory.model import Compiler, Model, observed_counts
from fitgui_backends.histfactory.patching import apply_patch
from tests.backends.newton.conftest import Compiled, compile_both

EXAMPLE = Path(__file__).resolve().parents[3] / "resources" / "example"
Modifiers = Sequence[tuple[str, str, Any]]


def one_channel(
    samples: Mapping[str, tuple[Sequence[float], Modifiers]],
    observed: Sequence[float],
    *,
    bounds: tuple[float, float] = (0.0, 10.0),
    settings: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A workspace with the channel ``SR``; modifiers are (name, type, data), the POI is ``mu``."""
    listed = [
        {
            "name": name,
            "data": list(data),
            "modifiers": [{"name": n, "type": kind, "data": value} for n, kind, value in modifiers],
        }
        for name, (data, modifiers) in samples.items()
    ]
    parameters = [{"name": "mu", "bounds": [list(bounds)]}, *settings]
    return {
        "channels": [{"name": "SR", "samples": listed}],
        "observations": [{"name": "SR", "data": list(observed)}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": parameters}}],
        "version": "1.0.0",
    }


def counting(
    observed: float,
    modifiers: Modifiers = (),
    *,
    signal: float = 4.0,
    background: float = 50.0,
    bounds: tuple[float, float] = (0.0, 10.0),
) -> dict[str, Any]:
    """One bin: ``mu`` times a signal, and a background."""
    samples = {
        "signal": ([signal], [("mu", "normfactor", None)]),
        "background": ([background], list(modifiers)),
    }
    return one_channel(samples, [observed], bounds=bounds)


def compiled(document: Mapping[str, Any], **codes: str) -> tuple[Model, Data]:
    """The model of a document and its data."""
    model = Compiler(**codes).compile(document)
    return model, observed_data(model, observed_counts(document, model))


def example(point: str = "XX_150_20", lowest: float | None = -5.0) -> Compiled:
    """A point of the bundled example, as this project and as pyhf understand it.

    Args:
        point: Its name.
        lowest: The lower bound of mu; ``None`` leaves it to the measurement.
    """
    workspace = msgspec.json.decode((EXAMPLE / "BkgOnly.json").read_bytes())
    patches = msgspec.json.decode((EXAMPLE / "patchset.json").read_bytes())["patches"]
    [operations] = [patch["patch"] for patch in patches if patch["metadata"]["name"] == point]
    document: Any = dict(apply_patch(workspace, operations))
    if lowest is not None:
        [measurement] = document["measurements"]
        parameters = [*measurement["config"]["parameters"], {"name": "mu_SIG", "bounds": [[lowest, 10.0]]}]
        config = {**measurement["config"], "parameters": parameters}
        document["measurements"] = [{**measurement, "config": config}]
    return compile_both(document)


def minuit_of(both: Compiled) -> Minuit:
    """MIGRAD on pyhf's likelihood, which knows nothing of our derivatives; pyhf's order.

    Without limits, as they would bend its parameters.
    """
    config = both.reference.config

    def nll(x: np.ndarray[Any, Any]) -> float:
        return -float(both.reference.logpdf(x, both.reference_data)[0])

    minuit = Minuit(nll, config.suggested_init(), name=config.par_names)
    minuit.fixed = config.suggested_fixed()
    minuit.errordef = Minuit.LIKELIHOOD
    minuit.strategy, minuit.tol = 2, 1e-4
    minuit.migrad()
    return minuit
