"""What pyhf does not notice: fits that report success and are not at a minimum.

All checks look at finished fits; none of them changes a number. They use that each of the five fits of a
hypothesis test offers the others a place to look: impose the fixed parameters of fit A on the best fit of B,
evaluate A's likelihood there, and if that is lower, A is not at its minimum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fitgui_backends.engines.base import NO_SIGNAL
from fitgui_backends.engines.pyhf_recorder import FloatArray, Minimisation
from fitgui_backends.engines.shared import about_statistic, fit_words

TwiceNllAt = Callable[[FloatArray, Any], float]
"""Twice the NLL at these parameters (shape ``(parameters,)``) for these data."""


@dataclass(frozen=True, slots=True)
class Misled:
    """A fit that is not at its minimum."""

    words: str
    """What it is."""
    fit: Minimisation
    gain: float
    """Twice the NLL that is to be gained."""


TOLERANCE = 0.01
"""In twice the NLL: SLSQP stops when a step gains less than 1e-6, and ends up to some 1e-3 above the minimum;
0.01 moves a CLs by less than one percent of itself wherever it matters."""

PROBE_STEPS = (1e-4, 1e-2, 0.3)
"""Of the width of a parameter in its constraint or its scale, in search of a lower likelihood."""


def name_fits(
    minimisations: Sequence[Minimisation], observed: Any, poi_index: int, poi_test: float
) -> dict[str, Minimisation]:
    """Tell the minimisations of one hypothesis test apart, by their data and the value of the POI.

    The observed data are recognised by identity: pyhf hands the caller's object to the optimiser.
    """
    named: dict[str, Minimisation] = {}
    for fit in minimisations:
        mu = fit.fixed.get(poi_index)
        if fit.data is observed:
            # pyhf tests before it makes the Asimov data, which settles poi_test = 0.
            tested = mu == poi_test and "mu1" not in named
            name = "free" if mu is None else "mu1" if tested else "mu0"
        else:
            name = "asimov_free" if mu is None else "asimov_mu1"
        named[name] = fit
    return named


def name_discovery_fits(
    minimisations: Sequence[Minimisation], observed: Any, poi_index: int
) -> dict[str, Minimisation]:
    """As :func:`name_fits`, of a test of mu = 0, whose Asimov data are those of mu = 1."""
    named: dict[str, Minimisation] = {}
    for fit in minimisations:
        mu = fit.fixed.get(poi_index)
        data = "" if fit.data is observed else "asimov_"
        named[f"discovery_{data}{'free' if mu is None else 'mu0' if mu == 0.0 else 'mu1'}"] = fit
    return named


def lower_elsewhere(
    fits: Mapping[str, Minimisation],
    twice_nll_at: TwiceNllAt,
    known: Sequence[FloatArray] = (),
    *,
    enough: float = np.inf,
) -> dict[str, float]:
    """How much lower than at its end each fit's likelihood is at a place that another fit found.

    Args:
        fits: Of one hypothesis test, by name.
        twice_nll_at: The likelihood.
        known: Where fits of other tests of the point ended.
        enough: A step that gains more, in twice the NLL, ends the search along the parameters.

    Returns:
        Twice the NLL that is to be gained, by fit; only gains above :data:`TOLERANCE`.
    """
    gains = {}
    for name, fit in fits.items():
        lowest = fit.twice_nll
        for place in (*(other.end for other in fits.values() if other is not fit), *known):
            lowest = min(lowest, _finite(twice_nll_at(_allowed(fit, place), fit.data)))
        if not has_moved(fit) or (fit.iterations is not None and fit.iterations <= 2):
            lowest = min(lowest, _probe(fit, twice_nll_at, enough))
        # A likelihood that is no number at the end of a fit is above anything.
        if not np.isfinite(fit.twice_nll) or fit.twice_nll - lowest > TOLERANCE:
            gains[name] = fit.twice_nll - lowest if np.isfinite(fit.twice_nll) else np.inf
    return gains


def says_nothing(fits: Mapping[str, Minimisation], twice_nll_at: TwiceNllAt, poi_index: int) -> bool:
    """Whether the observed data and the Asimov data are as likely at every signal strength.

    The likelihood of a signal that scales linearly is convex in mu: it is flat if it does not rise towards
    either end of the allowed range. The other parameters stay where the free fit left them, which bounds
    what the profile likelihood can rise by.
    """
    free = fits.get("free")
    if free is None or "asimov_mu1" not in fits or "asimov_free" not in fits:
        return False
    if abs(fits["asimov_mu1"].twice_nll - fits["asimov_free"].twice_nll) > TOLERANCE:
        return False
    for mu in free.bounds[poi_index]:
        trial = free.end.copy()
        trial[poi_index] = mu
        if abs(_finite(twice_nll_at(trial, free.data)) - free.twice_nll) > TOLERANCE:
            return False
    return True


def has_moved(fit: Minimisation) -> bool:
    """Whether any free parameter left its starting value by more than the rounding of a finite difference."""
    free = free_indices(fit)
    scale = np.maximum(1.0, np.abs(fit.start[free]))
    return bool(np.any(np.abs(fit.end[free] - fit.start[free]) > 1e-6 * scale))


def free_indices(fit: Minimisation) -> list[int]:
    """Indices of the parameters that were not fixed."""
    return [index for index in range(len(fit.start)) if index not in fit.fixed]


def at_bounds(fit: Minimisation) -> list[int]:
    """Indices of the free parameters that ended on a bound (within 1e-6 of its range)."""
    margin = 1e-6 * np.diff(fit.bounds, axis=1)[:, 0]
    on_bound = (fit.end <= fit.bounds[:, 0] + margin) | (fit.end >= fit.bounds[:, 1] - margin)
    return [index for index in free_indices(fit) if on_bound[index]]


def fit_record(name: str, fit: Minimisation, parameters: Sequence[str], gain: float | None) -> dict[str, Any]:
    """Turn a minimisation into the record that travels with the result: the fields of a ``FitRecord``."""
    return {
        "fit": name,
        "twice_nll": fit.twice_nll if np.isfinite(fit.twice_nll) else None,
        "iterations": fit.iterations,
        "evaluations": fit.evaluations,
        "estimated_distance": fit.estimated_distance,
        "at_bounds": [parameters[index] for index in at_bounds(fit)],
        "moved": has_moved(fit),
        "converged": fit.success and gain is None,
        "message": "; ".join([fit.message, *_gain_in_words(gain)]),
    }


def warnings_in_words(
    fits: Mapping[str, Minimisation],
    gains: Mapping[str, float],
    parameters: Sequence[str],
    poi_index: int,
    poi_test: float,
    *,
    no_signal: bool = False,
    statistic: str = "qtilde",
) -> tuple[str, ...]:
    """What a physicist should know before using the numbers, one sentence each.

    Args:
        fits: The finished minimisations by name.
        gains: What :func:`lower_elsewhere` found.
        parameters: Names of all parameters.
        poi_index: Of the parameter of interest among them.
        poi_test: The tested signal strength.
        no_signal: What :func:`says_nothing` found.
        statistic: The test statistic.
    """
    stuck = [name for name in gains if not has_moved(fits[name])]
    missed = [name for name in gains if has_moved(fits[name])]
    sentences = []
    if stuck:
        which = "every fit" if len(stuck) == len(fits) else _join(stuck, poi_test)
        sentences.append(
            f"The minimiser reported success although {which} ended where it started, and 2 NLL"
            f" is lower elsewhere by at least {max(gains[name] for name in stuck):.3g}:"
            " do not use this CLs; try the engine newton."
        )
    if missed:
        which = "every fit" if len(missed) == len(fits) else _join(missed, poi_test)
        sentences.append(
            f"The minimiser reported success although {which} stopped short of the minimum:"
            f" 2 NLL is lower elsewhere by at least {max(gains[name] for name in missed):.3g},"
            " so CLs may be off; try the engine newton."
        )
    free = fits.get("free")
    if no_signal:
        sentences.append(NO_SIGNAL)
    if free is not None:
        bound = at_bounds(free)
        low, high = free.bounds[poi_index]
        # qtilde is made for a best fit on mu = 0: that is an answer, not a worry.
        if poi_index in bound and not no_signal and not (low == 0 and free.end[poi_index] < high / 2):
            sentences.append(
                f"The best-fit signal strength {free.end[poi_index]:.4g} lies on the bound of its range"
                f" ({low:g} to {high:g}): the true best fit may lie beyond."
            )
        nuisances = [parameters[index] for index in bound if index != poi_index]
        if nuisances:
            shown = ", ".join(nuisances[:3]) + (
                f" and {len(nuisances) - 3} more" if len(nuisances) > 3 else ""
            )
            sentences.append(f"In the free fit nuisance parameters ended on a bound: {shown}.")
        sentences += about_statistic(statistic, float(low))
    return tuple(sentences)


def misled_in_words(misled: Sequence[Misled], number: int, what: str) -> str:
    """Which fits behind numbers beyond CLs are not at their minimum, the worst first, in a sentence.

    Args:
        misled: Those fits, at least one.
        number: How many fits there are.
        what: What rests on them.
    """
    worst = max(misled, key=lambda one: one.gain)
    still = sum(not has_moved(one.fit) for one in misled)
    above = len(misled) - still
    parts = [f"{still} ended where {'it' if still == 1 else 'they'} started"] if still else []
    parts += [f"{above} stopped above a minimum that is known"] if above else []
    example = (
        f"2 NLL of {worst.words} is lower elsewhere by at least {worst.gain:.3g}"
        if np.isfinite(worst.gain)
        else f"the likelihood is not a number at the end of {worst.words}"
    )
    return (
        f"Of {number} fits behind {what}, which all reported success, {' and '.join(parts)} ({example}):"
        f" do not use {what}; try the engine newton."
    )


def undefined_in_words(
    cls: Sequence[float], fits: Mapping[str, Minimisation], gains: Mapping[str, float]
) -> str:
    """Why CLs (observed, then expected) is not a number although every fit reported success."""
    numbers = f"pyhf's CLs is not a number (observed {cls[0]:g}, expected median {cls[3]:g})"
    if gains:
        return (
            f"{numbers} because {len(gains)} of {len(fits)} fits ended above the minimum although the"
            " minimiser reported success; try the engine newton."
        )
    if fits["asimov_mu1"].twice_nll - fits["asimov_free"].twice_nll <= TOLERANCE:
        return f"{numbers} because the signal changes nothing that is measured; look at its yields."
    return f"{numbers}; compare with the engine newton."


def _gain_in_words(gain: float | None) -> list[str]:
    if gain is None:
        return []
    return [f"2 NLL is lower elsewhere by {gain:.3g}" if np.isfinite(gain) else "2 NLL is not a number there"]


def _join(names: Sequence[str], poi_test: float) -> str:
    words = [fit_words(name, poi_test) for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _allowed(fit: Minimisation, parameters: FloatArray) -> FloatArray:
    inside = np.clip(parameters, fit.bounds[:, 0], fit.bounds[:, 1])
    for index, value in fit.fixed.items():
        inside[index] = value
    return inside


def _probe(fit: Minimisation, twice_nll_at: TwiceNllAt, enough: float) -> float:
    """Lowest twice the NLL one step away along each free parameter.

    A fit may rightly end where it started: on data that are the expectation. One that merely gave up has a
    slope left, and then a step along some parameter goes down.
    """
    lowest = fit.twice_nll
    for index in free_indices(fit):
        for step in PROBE_STEPS:
            for signed in (step, -step):
                trial = fit.end.copy()
                trial[index] += signed * max(1.0, abs(trial[index]))
                lowest = min(lowest, _finite(twice_nll_at(_allowed(fit, trial), fit.data)))
        if fit.twice_nll - lowest > enough:
            break
    return lowest


def _finite(value: float) -> float:
    return value if np.isfinite(value) else np.inf
