"""Looks into one signal point, piece by piece; runs in the process that fits (:mod:`.worker`).

Nothing here is new mathematics: the fits are those of the engine ``newton``, the yields, pulls and impacts
those of ``fitgui point``. What is new is that they come in pieces, each as soon as it is known.
"""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from fitgui.insight.model import (
    PARTS,
    ChannelYields,
    ClsCurve,
    Expected,
    FitInside,
    FitName,
    Floats,
    ImpactRanking,
    Parameters,
    Part,
    Piece,
    PointInside,
)
from fitgui.insight.sentences import best_in_words, fit_warnings
from fitgui.loading import LOADING
from fitgui.runs.versions import fitting_versions
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines.detail import PointDetail
from fitgui_backends.engines.shared import in_words

if TYPE_CHECKING:
    from fitgui_backends.engines.newton_engine import PreparedNewton
    from fitgui_backends.engines.newton_extras import Tested
    from fitgui_backends.inference import yields
    from fitgui_backends.inference.best_fit import BestFit
    from fitgui_backends.inference.impacts import Impacts
    from fitgui_backends.inference.limits import Limits
    from fitgui_backends.results import FitResult

CURVE_POINTS: Final = 25
"""Values of mu at which CLs is computed, above zero."""
SHARE_SECONDS: Final = 0.15
"""A piece comes about so often, where it can be cut."""
_BEYOND: Final = 1.3
"""The curve goes so far beyond the highest limit."""
_CENTRAL: Final = 0.158655253931457
"""What lies below the central 68.27 % interval."""


class Look:
    """One point, of which pieces may be asked in any order.

    Args:
        prepared: Its workspace.
        point: The signal.
        options: How it is fitted; limits are not asked of the fit, but of the curve.

    Raises:
        FitError: if the point cannot be fitted; one sentence.
    """

    def __init__(self, prepared: PreparedNewton, point: FitPoint, options: FitOptions) -> None:
        started = time.perf_counter()
        self._options = options
        self._result, self._tested = prepared.fit_openly(point)
        self._seconds = time.perf_counter() - started
        """That no piece has told of yet."""
        self._free: BestFit | None = None
        self._pieces: dict[Part, Iterator[Piece]] = {
            "fits": self._fits(),
            "impacts": self._impacts(),
            "curve": self._curve(),
        }

    def next(self, part: Part) -> Piece:
        """One piece more of a part.

        Raises:
            FitError: if it cannot be had; one sentence.
        """
        started = time.perf_counter()
        with in_words():
            piece = next(self._pieces[part], None) or Piece(part=part, finished=True)
        seconds, self._seconds = self._seconds + time.perf_counter() - started, 0.0
        return replace(piece, seconds=seconds)

    def _fits(self) -> Iterator[Piece]:
        worker = f"{socket.gethostname()}:{os.getpid()}"
        yield Piece(
            part="fits",
            finished=False,
            poi=self._tested.model.poi,
            result=msgspec.structs.replace(self._result, worker=worker),
            versions=fitting_versions(self._options),
            fits=(self._inside("free", self._best()),),
        )
        fixed: tuple[tuple[FitName, float], ...] = (
            ("background", 0.0),
            ("signal", self._options.poi_test),
        )
        yield Piece(
            part="fits",
            finished=True,
            fits=tuple(self._inside(name, self._fit(mu)) for name, mu in fixed),
        )

    def _fit(self, mu: float | None) -> BestFit:
        from fitgui_backends.inference.best_fit import best_fit  # noqa: PLC0415

        return best_fit(self._tested.model, self._tested.data, mu=mu, test=self._tested.test)

    def _best(self) -> BestFit:
        if self._free is None:
            self._free = self._fit(None)
        return self._free

    def _inside(self, name: FitName, best: BestFit) -> FitInside:
        return inside_of(name, self._tested.model.poi, self._result, best)

    def _impacts(self) -> Iterator[Piece]:
        from fitgui_backends.inference.impacts import ImpactFits  # noqa: PLC0415

        fits = ImpactFits(self._tested.model, self._tested.data, self._best())
        each = fits.each()
        while fits.done < fits.total:
            until = time.monotonic() + SHARE_SECONDS
            while time.monotonic() < until and next(each, None) is not None:
                pass
            finished = fits.done == fits.total
            yield Piece(part="impacts", finished=finished, impacts=ranking_of(fits.so_far(), fits.total))
        yield Piece(part="impacts", finished=True, impacts=ranking_of(fits.so_far(), fits.total))

    def _curve(self) -> Iterator[Piece]:
        from fitgui_backends.inference.limits import upper_limits  # noqa: PLC0415

        tested = self._tested
        limits = upper_limits(
            tested.model, tested.data, tested.test, test_statistic=self._options.test_statistic
        )
        yield from follow(tested, limits, self._options)


def inside_of(name: FitName, poi: str, result: FitResult, best: BestFit) -> FitInside:
    """A best fit as it is drawn.

    Args:
        name: Which of the three it is.
        poi: The name of the parameter of interest.
        result: The answer of the point.
        best: The fit.
    """
    detail = PointDetail(
        result=result, poi=poi, best=best, loose=False, profile=None, asimov_profile=None, impacts=None
    )
    place = best.names.index(poi)
    return FitInside(
        name=name,
        poi=poi,
        mu=float(best.values[place]),
        mu_error=float(best.uncertainties[place]),
        twice_nll=best.fit.twice_nll,
        converged=best.fit.converged,
        parameters=Parameters(
            names=best.names,
            standing=tuple(str(standing) for standing in best.standing),
            values=best.values,
            uncertainties=best.uncertainties,
            centres=best.centres,
            widths=best.widths,
            pulls=best.pulls,
            constraints=best.constraints,
            correlations=best.correlations,
        ),
        channels=tuple(_channel(channel) for channel in best.yields),
        sentence=best_in_words(detail),
        warnings=tuple(fit_warnings(detail)),
        starts=tuple((start.name, start.twice_nll, start.converged) for start in best.fit.starts),
    )


def ranking_of(impacts: Impacts, total: int) -> ImpactRanking:
    """Impacts as they are drawn; ``total`` is of how many parameters there will be one."""
    none = (math.nan, math.nan)
    ranking = impacts.ranking
    return ImpactRanking(
        poi=impacts.poi,
        mu_hat=impacts.mu_hat,
        names=tuple(impact.name for impact in ranking),
        places=tuple(impact.index for impact in ranking),
        post_fit=np.array([impact.post_fit.mu for impact in ranking], dtype=float).reshape(-1, 2),
        pre_fit=np.array(
            [none if impact.pre_fit is None else impact.pre_fit.mu for impact in ranking], dtype=float
        ).reshape(-1, 2),
        linear=np.array([impact.post_fit.linear for impact in ranking], dtype=float).reshape(-1, 2),
        cut=np.array([impact.post_fit.cut for impact in ranking], dtype=bool).reshape(-1, 2),
        total=total,
        left_out=impacts.left_out,
        messages=impacts.messages,
        fits=impacts.fits,
    )


def follow(tested: Tested, limits: Limits, options: FitOptions) -> Iterator[Piece]:
    """CLs at rising mu, beyond the highest limit where the bounds of mu allow.

    Args:
        tested: The point, with the fits of its test.
        limits: Its upper limits.
        options: Tell the test statistic.

    Yields:
        The curve so far.
    """
    from fitgui_backends.histfactory.likelihood import Likelihood  # noqa: PLC0415
    from fitgui_backends.inference.curve import Curve  # noqa: PLC0415
    from fitgui_backends.inference.fits import Fitter  # noqa: PLC0415
    from fitgui_backends.inference.hypothesis_test import cls_of  # noqa: PLC0415

    fitter, likelihood = Fitter(tested.model, thorough=False), Likelihood(tested.model, tested.data)
    fits = tested.test.fits
    data = Curve.of_data(fitter, likelihood, fits)
    asimov = Curve.of_asimov(fitter, likelihood, fits["mu0"], (fits["asimov_mu1"],))
    bound = float(tested.model.parameters.upper[fitter.poi])
    known = [limit for limit in (limits.observed, *limits.expected) if limit is not None and limit > 0.0]
    beyond = limits.observed is None or any(limit is None for limit in limits.expected)
    top = bound if beyond or not known else min(bound, _BEYOND * max(known))
    mus = np.linspace(0.0, top, CURVE_POINTS + 1)
    rows: list[tuple[float, ...]] = []
    until = time.monotonic() + SHARE_SECONDS
    for number, mu in enumerate(mus):
        here, of_asimov = data.at(float(mu)), asimov.at(float(mu))
        row = (math.nan,) * 6
        if here is not None and of_asimov is not None and here.fit.converged and of_asimov.fit.converged:
            q_mu = 0.0 if data.mu_hat > mu else max(here.twice_nll - data.free.twice_nll, 0.0)
            q_asimov = max(of_asimov.twice_nll - asimov.free.twice_nll, 0.0)
            observed, expected = cls_of(q_mu, q_asimov, test_statistic=options.test_statistic)
            row = (observed, *expected)
        rows.append(row)
        finished = number == len(mus) - 1
        if finished or time.monotonic() > until:
            table = np.array(rows)
            yield Piece(
                part="curve",
                finished=finished,
                curve=ClsCurve(
                    poi=tested.model.poi,
                    mus=mus[: len(rows)],
                    observed=table[:, 0],
                    expected=table[:, 1:],
                    total=len(mus),
                    limit_observed=limits.observed,
                    limit_expected=limits.expected,
                    bound=bound,
                    messages=(*limits.messages, *limits.notes),
                ),
            )
            until = time.monotonic() + SHARE_SECONDS


def poisson_interval(counts: Floats) -> tuple[Floats, Floats]:
    """Central 68.27 % intervals of the means that may have led to some counts (Garwood, 1936).

    Args:
        counts: Zero or above, of any shape.

    Returns:
        Lower and upper ends, of the same shape; the lower end of zero counts is zero.
    """
    with LOADING:
        from scipy.special import gammaincinv  # noqa: PLC0415

    counts = np.asarray(counts, dtype=float)
    positive = np.maximum(counts, 1e-12)
    low = np.where(counts > 0.0, gammaincinv(positive, _CENTRAL), 0.0)
    return low, np.asarray(gammaincinv(counts + 1.0, 1.0 - _CENTRAL))


def _channel(channel: yields.ChannelYields) -> ChannelYields:
    low, high = poisson_interval(channel.observed)
    return ChannelYields(
        name=channel.channel,
        samples=channel.samples,
        is_signal=channel.signal,
        observed=channel.observed,
        observed_low=low,
        observed_high=high,
        pre_fit=_expected(channel.pre_fit),
        post_fit=_expected(channel.post_fit),
    )


def _expected(expectation: yields.Expectation) -> Expected:
    return Expected(
        samples=expectation.samples,
        total=expectation.total,
        errors=expectation.errors,
        background=expectation.background,
        background_errors=expectation.background_errors,
        signal=expectation.signal,
        signal_errors=expectation.signal_errors,
        signal_covariance=expectation.signal_covariance,
    )


def look_inside(
    workspace: Mapping[str, Any],
    measurement: str | None,
    point: FitPoint,
    options: FitOptions,
    parts: Sequence[Part] = PARTS,
) -> PointInside:
    """All of these parts at once, in this process: for what is written without a window.

    Args:
        workspace: The background-only document; never changed.
        measurement: The measurement that defines the POI; ``None`` takes the first.
        point: The signal.
        options: How it is fitted.
        parts: What is wanted of it.

    Raises:
        FitError: if the point cannot be fitted; one sentence.
    """
    from fitgui_backends.engines.newton_engine import NewtonEngine  # noqa: PLC0415

    look = Look(NewtonEngine().prepare(workspace, measurement, options), point, options)
    inside = PointInside(name=point.name, options=options)
    for part in parts:
        while part not in inside.finished:
            inside = inside.with_piece(look.next(part))
    return inside
