"""One signal point in sentences: what came out, and why to doubt it; for the terminal and the window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

from fitgui import words
from fitgui_backends.contract import FitOptions
from fitgui_backends.results import EXCLUSION_CLS

if TYPE_CHECKING:
    from fitgui_backends.engines.detail import PointDetail
    from fitgui_backends.inference.profile import Profile
    from fitgui_backends.results import FitResult

_WIDE = 1.2
_LOWER = 1e-3
"""Minima that differ by less, in twice the NLL, are one."""


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
    found.append(best_in_words(detail))
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


def best_in_words(detail: PointDetail) -> str:
    """The fit that is looked at: mu with its uncertainty, twice the NLL, how many starts."""
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
