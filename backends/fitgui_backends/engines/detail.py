"""All that can be said of one signal point: the answer of a run, and the inside of a fit behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines.newton_engine import NewtonEngine
from fitgui_backends.engines.shared import in_words
from fitgui_backends.results import FitResult

if TYPE_CHECKING:
    from fitgui_backends.inference.best_fit import BestFit
    from fitgui_backends.inference.impacts import Impacts
    from fitgui_backends.inference.profile import Profile


@dataclass(frozen=True, slots=True, eq=False)
class PointDetail:
    """A signal point from the inside."""

    result: FitResult
    """What a run says of it."""
    poi: str
    best: BestFit
    """The fit that was asked for."""
    loose: bool
    """Whether mu could be beyond its bounds in this fit."""
    profile: Profile | None
    """The profile likelihood of mu, with its intervals; ``None`` where mu was fixed."""
    asimov_profile: Profile | None
    """The same for the Asimov data of the background-only hypothesis, at the same values of mu."""
    impacts: Impacts | None
    """``None`` where mu was fixed, or they were not asked for."""


def look_into(
    workspace: Mapping[str, Any],
    measurement: str | None,
    point: FitPoint,
    options: FitOptions,
    *,
    mu: float | None = None,
    impacts: bool = True,
    loose_bounds: bool = False,
) -> PointDetail:
    """Fit a point with the engine ``newton`` in this process, and look at the fit from all sides.

    Args:
        workspace: The background-only document; never changed.
        measurement: The measurement that defines the POI; ``None`` takes the first.
        point: The signal.
        options: What is asked of the point as in a run.
        mu: Look at the fit with this signal strength; ``None`` looks at the free one.
        impacts: Also fit again for the impact of each nuisance parameter.
        loose_bounds: Let mu go beyond its bounds in the fit that is looked at, not in the rest.

    Raises:
        FitError: if the patch, the model or an option is wrong; one sentence.
    """
    from fitgui_backends.inference import impacts as impacts_module  # noqa: PLC0415
    from fitgui_backends.inference.best_fit import best_fit  # noqa: PLC0415
    from fitgui_backends.inference.hypothesis_test import hypothesis_test  # noqa: PLC0415
    from fitgui_backends.inference.profile import profile_likelihood  # noqa: PLC0415

    result, tested = NewtonEngine().prepare(workspace, measurement, options).fit_openly(point)
    model, data, test = tested.model, tested.data, tested.test
    free = mu is None
    with in_words():
        if loose_bounds:
            model = impacts_module.with_loose_bounds(model)
            test = hypothesis_test(model, data, options.poi_test)
        best = best_fit(model, data, mu=mu, test=test)
        profile = profile_likelihood(model, data, test=test) if free else None
        return PointDetail(
            result=result,
            poi=model.poi,
            best=best,
            loose=loose_bounds,
            profile=profile,
            asimov_profile=None
            if profile is None
            else profile_likelihood(model, data, profile.mus, test=test, asimov=True),
            impacts=impacts_module.impacts(model, data, best) if free and impacts else None,
        )
