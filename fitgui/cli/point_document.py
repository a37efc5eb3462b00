"""``fitgui point --json``: one signal point for machines. A number that there is not is ``null``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from fitgui.insight.sentences import fit_warnings
from fitgui.pallets import Analysis, Pallet, SignalPoint
from fitgui.runs.export import plain_values
from fitgui_backends.contract import FitOptions

if TYPE_CHECKING:
    from fitgui_backends.engines.detail import PointDetail
    from fitgui_backends.inference.best_fit import BestFit
    from fitgui_backends.inference.impacts import Impacts, Shift
    from fitgui_backends.inference.profile import Interval
    from fitgui_backends.inference.yields import ChannelYields, Expectation
    from fitgui_backends.results import FitResult

SCHEMA = 1
DIGITS = 9
"""Significant digits of what is known of parameters, impacts and yields."""
CORRELATION_DIGITS = 5
"""Decimals that a correlation is written with: more say nothing, and a matrix of them is long."""


def document(
    pallet: Pallet,
    analysis: Analysis,
    point: SignalPoint,
    detail: PointDetail,
    *,
    measurement: str | None,
    options: FitOptions,
) -> dict[str, Any]:
    """Everything that is known of a point.

    Args:
        pallet: Where it comes from.
        analysis: Of this pallet.
        point: The point.
        detail: What came out.
        measurement: That was chosen; ``None`` stands for the first.
        options: How it was fitted.
    """
    best = detail.best
    return {
        "schema": SCHEMA,
        "pallet": {"name": pallet.name, "source": pallet.source, "digest": pallet.digest},
        "analysis": analysis.name,
        "measurement": measurement or next(iter(analysis.measurements), None),
        "name": point.name,
        "values": plain_values(point.values),
        "engine": "newton",
        "mu_tested": options.poi_test,
        **_answer(detail.result),
        "fit": {
            "mu_fixed": best.mu,
            "loose_bounds": detail.loose,
            "twice_nll": _number(best.fit.twice_nll),
            "converged": best.fit.converged,
            "warnings": fit_warnings(detail),
            "winner": best.fit.winner,
            "starts": [
                {"name": start.name, "twice_nll": _number(start.twice_nll), "converged": start.converged}
                for start in best.fit.starts
            ],
            "negative_rates": [
                {
                    "channel": rate.channel,
                    "sample": rate.sample,
                    "bin": rate.bin,
                    "rate": _number(rate.rate),
                    "modifiers": list(rate.modifiers),
                }
                for rate in best.fit.negative_rates
            ],
        },
        "poi": _poi(detail),
        "profile": _profile(detail),
        "parameters": _parameters(best),
        "impacts": None if detail.impacts is None else _impacts(detail.impacts),
        "channels": [_channel(channel) for channel in best.yields],
        "correlations": _numbers(
            [[round(r, CORRELATION_DIGITS) for r in row] for row in best.correlations.tolist()]
        ),
    }


def _answer(result: FitResult) -> dict[str, Any]:
    limits, discovery, restricted = result.limits, result.discovery, result.non_negative
    return {
        "cls_obs": _number(result.cls_obs),
        "cls_exp": _numbers(list(result.cls_exp)),
        "mu_upper_obs": _number(None if limits is None else limits.obs),
        "mu_upper_exp": [None] * 5 if limits is None else _numbers(list(limits.exp)),
        "mu_upper_converged": None if limits is None else limits.converged,
        "p0_obs": _number(None if discovery is None else discovery.p0_obs),
        "non_negative": None
        if restricted is None
        else {"cls_obs": _number(restricted.cls_obs), "cls_exp": _numbers(list(restricted.cls_exp))},
        "mu_hat": _number(result.mu_hat),
        "converged": result.converged,
        "warnings": list(result.warnings),
        "notes": list(result.notes),
    }


def _poi(detail: PointDetail) -> dict[str, Any]:
    best = detail.best
    index = best.names.index(detail.poi)
    return {
        "name": detail.poi,
        "value": _number(float(best.values[index])),
        "uncertainty": _number(float(best.uncertainties[index])),
        "standing": str(best.standing[index]),
        "interval": None if detail.profile is None else _ends(detail.profile.intervals[0]),
    }


def _profile(detail: PointDetail) -> dict[str, Any] | None:
    """Both curves, at the same values of mu."""
    if detail.profile is None or detail.asimov_profile is None:
        return None
    return {
        "mu": _numbers(list(detail.profile.mus)),
        **{
            name: {
                "delta_twice_nll": _numbers(list(profile.delta_twice_nll)),
                "mu_hat": _number(profile.mu_hat),
                "at_bound": profile.at_bound,
                "intervals": [
                    {"level": interval.level, "rise": interval.rise, "ends": _ends(interval)}
                    for interval in profile.intervals
                ],
                "twice_nll": _number(profile.lowest),
                "fits": profile.fits,
                "converged": profile.converged,
            }
            for name, profile in (("observed", detail.profile), ("asimov", detail.asimov_profile))
        },
    }


def _ends(interval: Interval) -> list[float | None]:
    """``None`` where a bound of mu comes first."""
    return [_number(interval.low), _number(interval.high)]


def _parameters(best: BestFit) -> list[dict[str, Any]]:
    columns = {
        "value": best.values,
        "uncertainty": best.uncertainties,
        "centre": best.centres,
        "width": best.widths,
        "pull": best.pulls,
        "constraint": best.constraints,
    }
    lists = {name: column.tolist() for name, column in columns.items()}
    return [
        {
            "name": name,
            "standing": str(best.standing[index]),
            **{column: _short(numbers[index]) for column, numbers in lists.items()},
        }
        for index, name in enumerate(best.names)
    ]


def _impacts(impacts: Impacts) -> dict[str, Any]:
    return {
        "ranking": [
            {
                "name": impact.name,
                "post_fit": _shift(impact.post_fit),
                "pre_fit": None if impact.pre_fit is None else _shift(impact.pre_fit),
            }
            for impact in impacts.ranking
        ],
        "left_out": list(impacts.left_out),
        "mu_at_bound": impacts.mu_at_bound,
        "fits": impacts.fits,
        "converged": impacts.converged,
        "messages": list(impacts.messages),
    }


def _shift(shift: Shift) -> dict[str, Any]:
    return {
        "values": _shorts(list(shift.values)),
        "mu": _shorts(list(shift.mu)),
        "linear": _shorts(list(shift.linear)),
        "cut": list(shift.cut),
    }


def _channel(channel: ChannelYields) -> dict[str, Any]:
    return {
        "name": channel.channel,
        "samples": [
            {"name": name, "signal": signal}
            for name, signal in zip(channel.samples, channel.signal, strict=True)
        ],
        "observed": _shorts(channel.observed.tolist()),
        "pre_fit": _expectation(channel.pre_fit),
        "post_fit": _expectation(channel.post_fit),
    }


def _expectation(expectation: Expectation) -> dict[str, Any]:
    """Bins inside samples, in the order of the channel's samples."""
    return {
        "samples": _shorts(expectation.samples.tolist()),
        "sample_errors": _shorts(expectation.sample_errors.tolist()),
        "total": _shorts(expectation.total.tolist()),
        "errors": _shorts(expectation.errors.tolist()),
        "sample_sums": _shorts(expectation.sample_sums.tolist()),
        "sample_sum_errors": _shorts(expectation.sample_sum_errors.tolist()),
        "sum": _short(expectation.sum),
        "sum_error": _short(expectation.sum_error),
        "background": _shorts(expectation.background.tolist()),
        "background_errors": _shorts(expectation.background_errors.tolist()),
        "background_sum": _short(expectation.background_sum),
        "background_sum_error": _short(expectation.background_sum_error),
    }


def _short(value: float | None) -> float | None:
    """With as many digits as a fit can mean."""
    number = _number(value)
    return None if number is None else float(f"{number:.{DIGITS}g}")


def _shorts(values: list[Any]) -> list[Any]:
    return [_shorts(value) if isinstance(value, list) else _short(value) for value in values]


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _numbers(values: list[Any]) -> list[Any]:
    """Lists of numbers inside lists."""
    return [_numbers(value) if isinstance(value, list) else _number(value) for value in values]
