"""What cabinetry says of a point: best fit, pulls, yields before and after the fit, impacts on mu-hat."""

from __future__ import annotations

import json
import logging
import warnings
from typing import Any

import cabinetry
import jsonpatch
import numpy as np
import pyhf

from fitgui.pallets import Analysis, SignalPoint

TOLERANCES = (1e-4, 1e-3, 1e-2)
"""Of minuit, the first that it reaches; at its default of 0.1 mu-hat is only good to a hundredth of its
uncertainty."""


def answers(analysis: Analysis, point: SignalPoint, *, ranked: int) -> dict[str, Any]:
    """All of it as JSON can hold it.

    Args:
        analysis: Of the point.
        point: The signal.
        ranked: Impacts are computed for so many nuisance parameters: the largest to first order.
    """
    logging.getLogger("cabinetry").setLevel(logging.WARNING)
    model, data = model_of(analysis, point)
    names, poi = model.config.par_names, model.config.poi_index
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        best = _fit(model, data)
        uncertainties = without_bounds(best.bestfit, best.uncertainty, model.config.suggested_bounds())
        best = best._replace(uncertainty=uncertainties)
        centres = cabinetry.model_utils.asimov_parameters(model)
        widths = cabinetry.model_utils.prefit_uncertainties(model)
        before = cabinetry.model_utils.prediction(model)
        after = cabinetry.model_utils.prediction(model, fit_results=best)
        linear = np.abs(best.corr_mat[poi] * best.uncertainty[poi])
        linear[poi] = -1.0
        chosen = np.argsort(-linear)[: min(ranked, len(names) - 1)]
        impacts = {names[index]: _impact(model, data, best, int(index), widths[index]) for index in chosen}
    return {
        "poi": names[poi],
        "twice_nll": float(best.best_twice_nll),
        "parameters": {
            name: {
                "value": float(best.bestfit[index]),
                "uncertainty": float(best.uncertainty[index]),
                "centre": float(centres[index]),
                "width": float(widths[index]),
            }
            for index, name in enumerate(names)
        },
        "channels": {
            channel: {
                "samples": list(model.config.samples),
                "pre_fit": _rounded(before.model_yields[number]),
                "pre_fit_errors": _rounded(before.total_stdev_model_bins[number][-1]),
                "post_fit": _rounded(after.model_yields[number]),
                "post_fit_errors": _rounded(after.total_stdev_model_bins[number][-1]),
            }
            for number, channel in enumerate(model.config.channels)
        },
        "impacts": impacts,
    }


def model_of(analysis: Analysis, point: SignalPoint) -> tuple[Any, Any]:
    """pyhf's model and data."""
    pyhf.set_backend("numpy")
    document = jsonpatch.apply_patch(analysis.workspace, json.loads(point.operations))
    workspace = pyhf.Workspace(document, validate=False)
    settings = {"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    model = workspace.model(validate=False, modifier_settings=settings)
    return model, workspace.data(model)


def without_bounds(values: Any, uncertainties: Any, bounds: Any) -> Any:
    """What the uncertainties are that minuit gives for parameters with bounds, were its formula exact.

    Minuit fits ``u`` in ``x = a + (b - a) (1 + sin u) / 2`` and gives half of the distance between the ``x``
    at ``u`` plus and minus its uncertainty ``e``: ``(b - a) / 2 cos u sin e``. With bounds at five standard
    deviations, as most nuisance parameters have them, that is 0.7 % less than ``(b - a) / 2 cos u e``.
    """
    low, high = np.array(bounds).T
    half = 0.5 * (high - low)
    cosine = np.sqrt(np.maximum(1.0 - ((values - low) / half - 1.0) ** 2, 1e-300))
    return half * cosine * np.arcsin(np.clip(uncertainties / (half * cosine), -1.0, 1.0))


def _fit(model: Any, data: Any, **options: Any) -> Any:
    """cabinetry's fit, to the tightest tolerance that minuit reaches."""
    for tolerance in TOLERANCES:
        try:
            return cabinetry.fit.fit(model, data, strategy=2, tolerance=tolerance, **options)
        except pyhf.exceptions.FailedMinimization:
            if tolerance == TOLERANCES[-1]:
                raise
    raise AssertionError


def _impact(model: Any, data: Any, best: Any, index: int, width: float) -> dict[str, Any]:
    """As ``cabinetry.fit.ranking`` does it, for one parameter, from the best fit as a start."""
    poi = model.config.poi_index
    found: dict[str, list[float | None]] = {}
    for name, distance in (("post_fit", float(best.uncertainty[index])), ("pre_fit", float(width))):
        shifts: list[float | None] = []
        for sign in (-1.0, 1.0):
            if distance == 0.0:
                continue
            low, high = model.config.suggested_bounds()[index]
            if not low <= best.bestfit[index] + sign * distance <= high:
                shifts.append(None)
                continue
            start, fixed = best.bestfit.tolist(), model.config.suggested_fixed()
            start[index] += sign * distance
            fixed[index] = True
            fitted = _fit(model, data, init_pars=start, fix_pars=fixed)
            shifts.append(float(fitted.bestfit[poi] - best.bestfit[poi]))
        found[name] = shifts
    return found


def _rounded(values: Any) -> Any:
    """With as many digits as a comparison needs."""
    if isinstance(values, (list, np.ndarray)):
        return [_rounded(value) for value in values]
    return float(f"{values:.8g}")
