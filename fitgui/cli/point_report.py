"""``fitgui point`` for people: sentences first, then tables; the same as lines for a pipe."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fitgui import words
from fitgui.pallets import Analysis, Pallet, SignalPoint
from fitgui_backends.contract import FitOptions

if TYPE_CHECKING:
    from fitgui_backends.engines.detail import PointDetail
    from fitgui_backends.inference.best_fit import BestFit
    from fitgui_backends.inference.impacts import Impacts, Shift
    from fitgui_backends.results import FitResult

_Item = TypeVar("_Item")

STRONG = 0.5
"""Correlations above this are shown."""
LOOSE = 0.95
"""A parameter whose uncertainty after the fit is above this part of that before is hardly constrained."""
_WIDE = 1.2
_EXCLUDED = 0.05
_NAMES = ("parameter", "with", "channel")


@dataclass(frozen=True)
class Section:
    """A table with its title, or a sentence where it has no rows."""

    word: str
    """What begins its lines in a pipe."""
    title: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def show(
    pallet: Pallet,
    analysis: Analysis,
    point: SignalPoint,
    detail: PointDetail,
    *,
    options: FitOptions,
    top: int,
) -> None:
    """Print to the terminal.

    Args:
        pallet: Where it comes from.
        analysis: Of this pallet.
        point: The point.
        detail: What came out.
        options: How it was fitted.
        top: Rows of each ranking; 0 for all.
    """
    console = Console(highlight=False)
    console.print(Text(_clean(point.name), style="bold cyan"), Text(_clean(_place(pallet, analysis, point))))
    for sentence in sentences(options, detail):
        console.print(Text(_clean(sentence)))
    for warning in warnings(detail):
        console.print(Text(f"! {_clean(warning)}", style="yellow"))
    for section in sections(detail, top):
        console.print()
        console.print(Text(_clean(section.title), style="bold"))
        if not section.rows:
            continue
        table = Table(box=None, pad_edge=False, header_style="dim")
        for heading in section.headings:
            table.add_column(heading, justify="left" if heading in _NAMES else "right", overflow="fold")
        for row in section.rows:
            table.add_row(*(Text(_clean(cell)) for cell in row))
        console.print(table)


def plain_lines(
    pallet: Pallet,
    analysis: Analysis,
    point: SignalPoint,
    detail: PointDetail,
    *,
    options: FitOptions,
    top: int,
) -> list[str]:
    """The same in lines that begin with what they are about; see :func:`show`."""
    lines = [f"point {point.name}  {_place(pallet, analysis, point)}"]
    lines += sentences(options, detail)
    lines += [f"warning {warning}" for warning in warnings(detail)]
    for section in sections(detail, top):
        if not section.rows:
            lines.append(section.title)
        for row in section.rows:
            cells = zip(section.headings[1:], row[1:], strict=True)
            lines.append("  ".join([f"{section.word} {row[0]}", *(f"{h} {c}" for h, c in cells if c)]))
    return lines


def sentences(options: FitOptions, detail: PointDetail) -> list[str]:
    """CLs, limits, discovery, best fit: one sentence each."""
    result = detail.result
    found = [_cls(result, options.poi_test)]
    limits = result.limits
    if limits is not None and limits.obs is None and limits.exp[2] is None:
        found.append("Upper limit on mu at 95 % CL: none within the bounds of mu")
    elif limits is not None:
        found.append(
            f"Upper limit on mu at 95 % CL: observed {_limit(limits.obs)}, expected {_limit(limits.exp[2])} "
            f"({_limit(limits.exp[1])} to {_limit(limits.exp[3])} at ±1 sigma)"
        )
    if result.discovery is not None:
        p0 = result.discovery.p0_obs
        sigma = f" ({NormalDist().inv_cdf(1.0 - p0):.1f} sigma)" if 1e-15 < p0 < 0.5 else ""
        found.append(f"Background only: p0 = {words.number(p0, 3)}{sigma}")
    found.append(_best(detail))
    return found


def warnings(detail: PointDetail) -> list[str]:
    """What a reader of the numbers has to know, of the answer and of the fit that is looked at."""
    return list(dict.fromkeys([*detail.result.warnings, *fit_warnings(detail)]))


def fit_warnings(detail: PointDetail) -> list[str]:
    """What a reader has to know of the fit that is looked at."""
    best, found = detail.best, []
    if not best.fit.converged:
        found.append(f"The fit that is looked at did not converge ({best.fit.minimum.message}).")
    if best.undetermined:
        found.append(f"The fit does not determine {_some(best.undetermined)}: no uncertainty is given.")
    ratios = zip(best.constraints.tolist(), best.names, best.standing, strict=True)
    wide = sorted(((r, name) for r, name, s in ratios if r > _WIDE and str(s) == "free"), reverse=True)
    if wide:
        found.append(
            f"The likelihood is no parabola in {_some([name for _, name in wide])}: the uncertainty from its "
            "curvature is larger than before the fit, so read it with care."
        )
    if detail.interval is not None and not detail.interval.converged:
        found.append("Fits for the interval of the signal strength did not converge.")
    if detail.impacts is not None:
        found += detail.impacts.messages
    return found


def sections(detail: PointDetail, top: int) -> list[Section]:
    """Pulls, constraints, impacts, correlations, yields."""
    best = detail.best
    found = [_pulls(best, top), _constraints(best, top)]
    if detail.impacts is not None:
        found.append(_impacts(detail, detail.impacts, top))
    return [*found, _correlations(best, top), _yields(best)]


def measured(value: float, error: float) -> str:
    """``0.53 ± 0.64``: the uncertainty with two digits, the value to the same place; ``–`` where unknown."""
    if not math.isfinite(value):
        return "–"
    if not math.isfinite(error) or error <= 0.0:
        return words.number(value)
    digits = places(error)
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def places(error: float, significant: int = 2) -> int:
    """How many decimals show so many digits of an uncertainty."""
    if not math.isfinite(error) or error <= 0.0:
        return 3
    # 0.0996 with two digits is 0.10: round before counting.
    return max(0, significant - 1 - math.floor(math.log10(float(f"{error:.{significant - 1}e}"))))


def _cls(result: FitResult, mu: float) -> str:
    low, median, high = result.cls_exp[1], result.cls_exp[2], result.cls_exp[3]
    verdict = "excluded" if result.cls_obs < _EXCLUDED else "not excluded"
    if not result.converged:
        verdict = "not to be used, as a fit did not converge"
    return (
        f"CLs at mu = {mu:g}: observed {words.number(result.cls_obs)}, expected {words.number(median)} "
        f"({words.number(low)} to {words.number(high)} at ±1 sigma): {verdict} at 95 % CL"
    )


def _limit(value: float | None) -> str:
    return "none" if value is None else words.number(value, 3)


def _best(detail: PointDetail) -> str:
    best, result = detail.best, detail.result
    index = best.names.index(detail.poi)
    value, error = float(best.values[index]), float(best.uncertainties[index])
    nll = f"twice the NLL {best.fit.twice_nll:.3f}, best of {words.count(len(best.fit.starts), 'start')}"
    if best.mu is not None:
        return f"Fit with {detail.poi} = {best.mu:g}: {nll} (mu-hat is {words.number(result.mu_hat)})"
    standing = str(best.standing[index])
    if standing == "free":
        text = f"Best fit: {detail.poi} = {measured(value, error)}"
    elif standing == "not determined":
        text = f"Best fit: {detail.poi} is {standing}"
    else:
        text = f"Best fit: {detail.poi} = {words.number(value)}, {standing}"
    interval = detail.interval
    if interval is not None and not (interval.low is None and interval.high is None):
        digits = places(error)
        low, high = (
            "its bound" if end is None else f"{end:.{digits}f}" for end in (interval.low, interval.high)
        )
        text += f", 68 % interval from {low} to {high}"
    if detail.loose:
        text += ", its bounds loosened"
    return f"{text}; {nll}"


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
        "the parameter is held one uncertainty lower or higher and all else is fitted again",
        ("parameter", "post-fit -1σ", "+1σ", "pre-fit -1σ", "+1σ", "first order +1σ"),
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
                    measured(float(before.total[bin_]), float(before.errors[bin_])),
                    measured(float(after.total[bin_]), float(after.errors[bin_])),
                    words.number(of_signal, 3) if signal else "",
                )
            )
        if len(channel.observed) > 1:
            rows.append(
                (
                    channel.channel,
                    "all",
                    f"{float(channel.observed.sum()):g}",
                    measured(before.sum, before.sum_error),
                    measured(after.sum, after.sum_error),
                    words.number(sum(float(after.sample_sums[number]) for number in signal), 3)
                    if signal
                    else "",
                )
            )
    return Section(
        "yield",
        "Events observed and expected, before the fit and after it; the signal's part after it",
        ("channel", "bin", "observed", "pre-fit", "post-fit", "signal"),
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


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _place(pallet: Pallet, analysis: Analysis, point: SignalPoint) -> str:
    return "  ".join(part for part in (words.coordinates(point.values), analysis.name, pallet.name) if part)


def _clean(text: str) -> str:
    """Without control characters: names are a stranger's."""
    return "".join(c if c.isprintable() else "?" for c in text)
