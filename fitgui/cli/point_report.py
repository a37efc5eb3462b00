"""``fitgui point`` for people: sentences first, then tables; the same as lines for a pipe."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fitgui import words
from fitgui.cli.point_tables import Section, measured, sections
from fitgui.pallets import Analysis, Pallet, SignalPoint
from fitgui_backends.contract import FitOptions
from fitgui_backends.results import EXCLUSION_CLS

if TYPE_CHECKING:
    from fitgui_backends.engines.detail import PointDetail
    from fitgui_backends.inference.profile import Profile
    from fitgui_backends.results import FitResult

_WIDE = 1.2
_LOWER = 1e-3
"""Minima that differ by less, in twice the NLL, are one."""
_SHORT_NAME = 20
_GAP = 2
"""Between columns."""
_NAMES = ("parameter", "with", "channel")


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
    for note in detail.result.notes:
        console.print(Text(_clean(note)))
    for section in sections(detail, top):
        console.print()
        console.print(Text(_clean(section.title), style="bold"))
        if not section.rows:
            continue
        if _is_too_wide(section, console.width):
            for line in _in_lines(section):
                console.print(Text(_clean(line)))
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
    lines += [f"note {note}" for note in detail.result.notes]
    for section in sections(detail, top):
        if not section.rows:
            lines.append(section.title)
        lines += [f"{section.word} {line}" for line in _in_lines(section)]
    return lines


def _in_lines(section: Section) -> list[str]:
    """A line for each row, with the headings in it."""
    return [
        "  ".join([row[0], *(f"{h} {c}" for h, c in zip(section.headings[1:], row[1:], strict=True) if c)])
        for row in section.rows
    ]


def _is_too_wide(section: Section, width: int) -> bool:
    """Whether a table would break numbers, or short names, or long names in more than three parts."""
    needed = -_GAP
    for column, heading in enumerate(section.headings):
        longest = max((cell_len(row[column]) for row in section.rows), default=0)
        if heading in _NAMES:
            longest = max(min(longest, _SHORT_NAME), math.ceil(longest / 3))
        needed += _GAP + max(cell_len(heading), longest)
    return needed > width


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
    if detail.profile is not None and detail.asimov_profile is not None:
        found.append(
            f"Profile likelihood: {detail.poi} {_spans(detail.profile)}; expected without signal "
            f"{_spans(detail.asimov_profile)}"
        )
    return found


def warnings(detail: PointDetail) -> list[str]:
    """Why to doubt the numbers, of the answer and of the fit that is looked at."""
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
    found += _profile_warnings(detail)
    if detail.impacts is not None:
        found += detail.impacts.messages
    return found


def _cls(result: FitResult, mu: float) -> str:
    low, median, high = result.cls_exp[1], result.cls_exp[2], result.cls_exp[3]
    verdict = "excluded" if result.cls_obs < EXCLUSION_CLS else "not excluded"
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
    if detail.loose:
        text += ", its bounds loosened"
    return f"{text}; {nll}"


def _spans(profile: Profile) -> str:
    """``0.059 to 0.462 at 68 %, up to 0.731 at 95 %``."""
    found = []
    for interval in profile.intervals:
        low, high = (words.number(end, 3) for end in (interval.low, interval.high))
        level = f"at {100 * interval.level:g} %"
        if interval.low is None and interval.high is None:
            found.append(f"anywhere within its bounds {level}")
            break  # wider ones are no news
        if interval.low is None:
            found.append(f"up to {high} {level}")
        else:
            found.append(f"from {low} up {level}" if interval.high is None else f"{low} to {high} {level}")
    return ", ".join(found)


def _profile_warnings(detail: PointDetail) -> list[str]:
    """What may be wrong with the profile likelihood, or with the fit that it is compared with."""
    profile, asimov = detail.profile, detail.asimov_profile
    found = []
    if profile is not None and asimov is not None and not (profile.converged and asimov.converged):
        found.append("A fit of the profile likelihood of the signal strength did not converge.")
    if profile is not None and profile.lowest < detail.best.fit.twice_nll - _LOWER:
        found.append(
            f"Along the profile likelihood there is a minimum that is lower by "
            f"{detail.best.fit.twice_nll - profile.lowest:.2g} in 2NLL, at {detail.poi} = "
            f"{words.number(profile.mu_hat, 3)}: the fit that is looked at is not the best one."
        )
    return found


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _place(pallet: Pallet, analysis: Analysis, point: SignalPoint) -> str:
    return "  ".join(part for part in (words.coordinates(point.values), analysis.name, pallet.name) if part)


def _clean(text: str) -> str:
    """Without control characters: names are a stranger's."""
    return "".join(c if c.isprintable() else "?" for c in text)
