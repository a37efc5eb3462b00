"""The tables of ``fitgui point``: profile likelihood, pulls, constraints, impacts, correlations, yields."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from fitgui import words
from fitgui.insight.sentences import measured, places

if TYPE_CHECKING:
    from fitgui_backends.engines.detail import PointDetail
    from fitgui_backends.inference.best_fit import BestFit
    from fitgui_backends.inference.impacts import Impacts, Shift
    from fitgui_backends.inference.profile import Profile

_Item = TypeVar("_Item")

STRONG = 0.5
"""Correlations above this are shown."""
LOOSE = 0.95
"""A parameter whose uncertainty after the fit is above this part of that before is hardly constrained."""


@dataclass(frozen=True)
class Section:
    """A table with its title, or a sentence where it has no rows."""

    word: str
    """What begins its lines in a pipe."""
    title: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def sections(detail: PointDetail, top: int) -> list[Section]:
    """Profile likelihood, pulls, constraints, impacts, correlations, yields."""
    best, found = detail.best, []
    if detail.profile is not None and detail.asimov_profile is not None:
        found.append(_profile(detail.poi, detail.profile, detail.asimov_profile, top))
    found += [_pulls(best, top), _constraints(best, top)]
    if detail.impacts is not None:
        found.append(_impacts(detail, detail.impacts, top))
    return [*found, _correlations(best, top), _yields(best)]


def _profile(poi: str, observed: Profile, asimov: Profile, top: int) -> Section:
    """Every so many values of the scan, zero among them."""
    mus = observed.mus
    stride = math.ceil(len(mus) / top) if top else 1
    first = mus.index(0.0) % stride if 0.0 in mus else 0
    chosen = range(first, len(mus), stride)
    decimals = max(len(f"{mus[i]:.6g}".partition(".")[2]) for i in chosen)

    def rise(value: float) -> str:
        return f"{value:.2f}" if math.isfinite(value) else "∞"

    return Section(
        "profile",
        "Profile likelihood: 2NLL above its minimum, observed and expected without signal",
        (poi, "observed", "expected"),
        [
            (f"{mus[i]:.{decimals}f}", rise(observed.delta_twice_nll[i]), rise(asimov.delta_twice_nll[i]))
            for i in chosen
        ],
    )


def _pulls(best: BestFit, top: int) -> Section:
    pulls = best.pulls.tolist()
    known = [index for index, pull in enumerate(pulls) if math.isfinite(pull)]
    order = _first(sorted(known, key=lambda index: -abs(pulls[index])), top)
    if not order:
        return Section("pull", "No parameter is constrained, so there are no pulls", (), [])
    return Section(
        "pull",
        f"Largest pulls, {len(order)} of {words.count(len(known), 'constrained parameter')}",
        ("parameter", "pull", "constraint", "value"),
        [
            (best.names[i], f"{pulls[i]:+.2f}", _ratio(float(best.constraints[i])), _value(best, i))
            for i in order
        ],
    )


def _constraints(best: BestFit, top: int) -> Section:
    ratios = best.constraints.tolist()
    tight = [index for index, ratio in enumerate(ratios) if math.isfinite(ratio) and ratio < LOOSE]
    order = _first(sorted(tight, key=lambda index: ratios[index]), top)
    if not order:
        return Section("constraint", "The data constrain no parameter more than its prior does", (), [])
    return Section(
        "constraint",
        f"Strongest constraints (uncertainty after over before the fit), {len(order)} of {len(tight)} below "
        f"{LOOSE:g}",
        ("parameter", "constraint", "pull"),
        [(best.names[i], f"{ratios[i]:.3f}", f"{float(best.pulls[i]):+.2f}") for i in order],
    )


def _impacts(detail: PointDetail, impacts: Impacts, top: int) -> Section:
    shown = _first(list(impacts.ranking), top)
    digits = places(float(detail.best.uncertainties[detail.best.names.index(impacts.poi)]), 3)
    if not shown or shown[0].post_fit.largest < 0.5 * 10.0**-digits:
        return Section("impact", "No parameter moves mu-hat by holding it one uncertainty off", (), [])

    def sides(shift: Shift | None) -> tuple[str, str]:
        if shift is None:
            return "–", "–"
        low, high = (f"{mu:+.{digits}f}" if math.isfinite(mu) else "–" for mu in shift.mu)
        return low, high

    return Section(
        "impact",
        f"Impact on mu-hat, {len(shown)} of {words.count(len(impacts.ranking), 'parameter')}: its shift when "
        "the parameter is held one uncertainty (that after the fit, that before) lower or higher and all "
        "else is fitted again; linear: from the covariance",
        ("parameter", "post -1σ", "post +1σ", "pre -1σ", "pre +1σ", "linear +1σ"),
        [
            (i.name, *sides(i.post_fit), *sides(i.pre_fit), f"{i.post_fit.linear[1]:+.{digits}f}")
            for i in shown
        ],
    )


def _correlations(best: BestFit, top: int) -> Section:
    matrix = best.correlations.tolist()
    pairs = [
        (abs(matrix[i][j]), i, j)
        for i in range(len(matrix))
        for j in range(i)
        if math.isfinite(matrix[i][j]) and abs(matrix[i][j]) > STRONG
    ]
    shown = _first(sorted(pairs, reverse=True), top)
    if not shown:
        return Section("correlation", f"No two parameters are correlated above {STRONG:g}", (), [])
    return Section(
        "correlation",
        f"Correlations above {STRONG:g}, {len(shown)} of {len(pairs)}",
        ("parameter", "with", "correlation"),
        [(best.names[j], best.names[i], f"{matrix[i][j]:+.2f}") for _, i, j in shown],
    )


def _yields(best: BestFit) -> Section:
    rows = []
    for channel in best.yields:
        before, after = channel.pre_fit, channel.post_fit
        signal = [number for number, scaled in enumerate(channel.signal) if scaled]
        for bin_ in range(len(channel.observed)):
            of_signal = sum(float(after.samples[number][bin_]) for number in signal)
            rows.append(
                (
                    channel.channel,
                    str(bin_ + 1),
                    f"{float(channel.observed[bin_]):g}",
                    measured(float(before.background[bin_]), float(before.background_errors[bin_])),
                    measured(float(after.total[bin_]), float(after.errors[bin_])),
                    words.number(of_signal, 3) if signal else "",
                )
            )
        if len(channel.observed) > 1:
            of_signal = sum(float(after.sample_sums[number]) for number in signal)
            rows.append(
                (
                    channel.channel,
                    "all",
                    f"{float(channel.observed.sum()):g}",
                    measured(before.background_sum, before.background_sum_error),
                    measured(after.sum, after.sum_error),
                    words.number(of_signal, 3) if signal else "",
                )
            )
    return Section(
        "yield",
        "Events observed; the background expected before the fit; all that is expected after it, and the"
        " signal's part of that",
        ("channel", "bin", "observed", "background pre-fit", "total post-fit", "of it signal"),
        rows,
    )


def _value(best: BestFit, index: int) -> str:
    standing = str(best.standing[index])
    value = measured(float(best.values[index]), float(best.uncertainties[index]))
    return value if standing == "free" else f"{words.number(float(best.values[index]))}, {standing}"


def _ratio(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "–"


def _first(items: Sequence[_Item], top: int) -> Sequence[_Item]:
    return items[:top] if top else items
