"""The engine ``newton``: exact first and second derivatives, several starts, no pyhf.

The likelihood and the formulae are pyhf's; the minima are searched with more care (``docs/decisions``), so
CLs may differ from pyhf's where pyhf ended in a higher minimum.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines.base import NO_SIGNAL, FitError
from fitgui_backends.engines.shared import capital, check_signal_strength, choose, compiled, fit_words
from fitgui_backends.results import FitRecord, FitResult, Seconds, TwiceNll

_NORMSYS = ("code1", "code4")
_HISTOSYS = ("code0", "code4p")
NEGATIVE_EVENTS = -0.01
"""A sample whose expected rate is below this at a minimum is told; smaller ones are rounding of yields."""
FLAT = 0.01
"""A likelihood that changes by less, in twice the NLL, between mu = 0 and the tested one is blind to mu."""
APART = 1e-3
"""Minima that differ by more, in twice the NLL, are told."""


class NewtonEngine:
    """Fits with the exact Hessian of the likelihood."""

    name = "newton"

    def warm_up(self) -> None:
        """Import numpy and what is needed of scipy."""
        from fitgui_backends.inference import hypothesis_test  # noqa: F401, PLC0415

    def prepare(
        self, workspace: Mapping[str, Any], measurement: str | None, options: FitOptions
    ) -> PreparedNewton:
        """Read the samples that all points share.

        Raises:
            FitError: if an option is unknown.
        """
        choose(self.name, "normsys_interpolation", options.normsys_interpolation, _NORMSYS)
        choose(self.name, "histosys_interpolation", options.histosys_interpolation, _HISTOSYS)
        check_signal_strength(options.poi_test)
        return PreparedNewton(workspace, measurement, options)


class PreparedNewton:
    """A workspace whose signal points are fitted one at a time in this process."""

    def __init__(self, workspace: Mapping[str, Any], measurement: str | None, options: FitOptions) -> None:
        from fitgui_backends.histfactory.model import Compiler  # noqa: PLC0415

        self._workspace, self._measurement, self._options = workspace, measurement, options
        self._compiler = Compiler(
            normsys=options.normsys_interpolation, histosys=options.histosys_interpolation
        )
        self._compiler.keep(workspace)

    @cached_property
    def _background(self) -> dict[str, float] | None:
        """The fit without signal, where the fits of all points begin.

        It is made from the workspace itself: no number depends on what this worker fitted before.
        """
        from fitgui_backends.histfactory.constraints import observed_data  # noqa: PLC0415
        from fitgui_backends.histfactory.errors import HistFactoryError  # noqa: PLC0415
        from fitgui_backends.histfactory.model import observed_counts  # noqa: PLC0415
        from fitgui_backends.inference.hypothesis_test import background_fit  # noqa: PLC0415

        try:
            model = self._compiler.compile(self._workspace, self._measurement)
            return background_fit(model, observed_data(model, observed_counts(self._workspace, model)))
        except HistFactoryError:
            return None  # a patch may mend what the workspace alone lacks

    def fit(self, point: FitPoint) -> FitResult:
        """Patch, validate, compile and test the hypothesis.

        Raises:
            FitError: if the patch or the model is wrong, or CLs is not a number.
        """
        from fitgui_backends.histfactory.errors import HistFactoryError  # noqa: PLC0415
        from fitgui_backends.inference.hypothesis_test import hypothesis_test  # noqa: PLC0415

        started = time.perf_counter()
        mu = self._options.poi_test
        try:
            model, data = compiled(self._compiler, self._workspace, self._measurement, point)
            built = time.perf_counter()
            test = hypothesis_test(model, data, mu, background=self._background)
        except HistFactoryError as error:
            raise FitError(f"{capital(str(error))}.") from error
        finished = time.perf_counter()
        cls = (test.cls_obs, *test.cls_exp)
        if not all(math.isfinite(value) for value in cls):
            raise FitError("CLs is not a number: the background-only expectation excludes nothing at all.")
        return FitResult(
            name=point.name,
            cls_obs=test.cls_obs,
            cls_exp=test.cls_exp,
            mu_hat=test.mu_hat,
            twice_nll=TwiceNll(**{name: fit.twice_nll for name, fit in test.fits.items()}),
            fits=tuple(_record(name, fit) for name, fit in test.fits.items()),
            converged=test.converged,
            warnings=tuple(_warnings(test, mu, model)),
            seconds=Seconds(model=built - started, fit=finished - built),
        )


def _record(name: str, fit: Any) -> FitRecord:
    minimum = fit.minimum
    tried = f"best of {len(fit.starts)} starts ({fit.winner})" if len(fit.starts) > 1 else fit.winner
    apart = f", the highest minimum {fit.spread:.2g} above it" if fit.spread > APART else ""
    return FitRecord(
        fit=name,
        twice_nll=fit.twice_nll,
        iterations=sum(record.iterations for record in fit.starts),
        evaluations=sum(record.evaluations for record in fit.starts),
        estimated_distance=2.0 * minimum.estimated_distance,
        at_bounds=fit.at_bounds,
        moved=minimum.value != minimum.start_value,
        converged=fit.converged,
        message="; ".join(part for part in (minimum.message, f"{tried}{apart}") if part),
    )


def _warnings(test: Any, mu: float, model: Any) -> list[str]:
    """What a reader of the numbers has to know, worst first."""
    words = {name: fit_words(name, mu) for name in test.fits}
    found = [
        f"{capital(words[name])} did not converge ({fit.minimum.message}): do not use this CLs."
        for name, fit in test.fits.items()
        if not fit.converged
    ]
    upper = float(model.parameters.upper[model.parameters.index(model.poi)])
    if test.mu_hat >= upper:
        found.append(f"mu-hat is at the end of its range, {upper:g}: the best fit may lie beyond.")
    lowest = test.fits["free"].twice_nll
    gains = (test.fits["mu0"].twice_nll - lowest, test.fits["mu1"].twice_nll - lowest, test.q_mu_asimov)
    if max(gains) < FLAT:
        found.append(NO_SIGNAL)
    for name, fit in test.fits.items():
        held = [parameter for parameter in fit.at_bounds if parameter != model.poi]
        if held:
            found.append(f"{len(held)} parameters are on a bound in {words[name]}: {', '.join(held[:3])}.")
        negative = [rate for rate in fit.negative_rates if rate.rate < NEGATIVE_EVENTS]
        if negative:
            worst = min(negative, key=lambda rate: rate.rate)
            found.append(
                f"In {words[name]} the sample {worst.sample} in {worst.channel}, bin {worst.bin}, "
                f"is expected at {worst.rate:.2g} events, which no physics means"
                + (f" ({', '.join(worst.modifiers[:2])})." if worst.modifiers else ".")
            )
    return found
