"""What the engine newton says of its fits: their records, and the sentences that a reader has to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fitgui_backends.engines.base import NO_SIGNAL
from fitgui_backends.engines.shared import about_statistic, capital, counted, fit_words
from fitgui_backends.results import FitRecord, NonNegative

if TYPE_CHECKING:
    from fitgui_backends.histfactory.model import Model
    from fitgui_backends.inference.fits import Fit
    from fitgui_backends.inference.hypothesis_test import HypothesisTest

UNDEFINED = 1e-6
"""Where twice the NLL changes by less over the range of mu, rounding decides where a fit ends."""
FAINT = 0.01
"""Where twice the NLL changes by less over the range of mu, any mu fits as well as another."""
SAME = 0.005
"""CLs that differ by no more are the same to a reader: a tenth of the 0.05 at which a point is excluded."""


def fit_record(name: str, fit: Fit) -> FitRecord:
    """The health of a fit: also the starts that were tried, which won, and how far apart they ended."""
    from fitgui_backends.inference.fits import APART  # noqa: PLC0415

    minimum = fit.minimum
    tried = f"best of {len(fit.starts)} starts ({fit.winner})" if len(fit.starts) > 1 else fit.winner
    apart = f", the highest minimum {fit.spread:.2g} above it" if fit.spread > APART else ""
    passed = f"a minimum lower by {fit.dismissed:.2g} was passed over" if fit.dismissed > APART else ""
    undetermined = "some parameters are not determined" if minimum.flat else ""
    return FitRecord(
        fit=name,
        twice_nll=fit.twice_nll,
        iterations=sum(record.iterations for record in fit.starts),
        evaluations=sum(record.evaluations for record in fit.starts),
        estimated_distance=2.0 * minimum.estimated_distance,
        at_bounds=fit.at_bounds,
        moved=minimum.value != minimum.start_value,
        converged=fit.converged,
        message="; ".join(
            part for part in (minimum.message, f"{tried}{apart}", passed, undetermined) if part
        ),
    )


def warnings_in_words(test: HypothesisTest, mu: float, model: Model, statistic: str) -> list[str]:
    """What a reader of the numbers has to know, worst first, one sentence each.

    Args:
        test: The hypothesis test.
        mu: The tested signal strength.
        model: What was fitted.
        statistic: The test statistic.
    """
    from fitgui_backends.inference.blindness import change_over_range  # noqa: PLC0415
    from fitgui_backends.inference.fits import APART  # noqa: PLC0415

    words = {name: fit_words(name, mu) for name in test.fits}
    found = [
        f"{capital(words[name])} did not converge ({fit.minimum.message}): do not use this CLs."
        for name, fit in test.fits.items()
        if not fit.converged
    ]
    poi = model.parameters.index(model.poi)
    lower, upper = float(model.parameters.lower[poi]), float(model.parameters.upper[poi])
    change = change_over_range(model, test)
    if change < UNDEFINED:
        found.append(NO_SIGNAL)
    elif change < FAINT:
        found.append(
            "The data hardly tell signal strengths apart: over the whole range of mu twice the NLL changes by"
            f" {change:.1g}, so mu-hat means little."
        )
    elif test.mu_hat >= upper or test.mu_hat <= lower < 0.0:  # zero is where qtilde wants mu-hat to stop
        found.append(f"mu-hat is at the end of its range, {test.mu_hat:g}: the best fit may lie beyond.")
    for name, fit in test.fits.items():
        held = [parameter for parameter in fit.at_bounds if parameter != model.poi]
        if held:
            verb = "is" if len(held) == 1 else "are"
            more = "" if len(held) <= 3 else f" and {len(held) - 3} more"
            found.append(
                f"{counted(len(held), 'parameter')} {verb} on a bound in {words[name]}:"
                f" {', '.join(held[:3])}{more}."
            )
        if fit.dismissed > APART:
            found.append(
                f"In {words[name]} a minimum lower by {fit.dismissed:.2g} in 2NLL was passed over: it lies"
                " where a sample is expected far below zero."
            )
        if fit.clearly_negative:
            found.append(f"In {words[name]} {fit.clearly_negative[0].words}, which no physics means.")
        if fit.negative_bins:
            found.append(f"In {words[name]} {fit.negative_bins[0].words}, which no physics means.")
    return found + about_statistic(statistic, lower)


def undefined_in_words(test: HypothesisTest) -> str:
    """Why CLs is not a number although there are fits."""
    return (
        f"CLs is not a number: the data tell the signal from none (test statistic {test.q_mu:.3g}), what the"
        f" background alone is expected to give does not (test statistic {test.q_mu_asimov:.3g})."
    )


def confirms(answer: NonNegative, test: HypothesisTest) -> bool:
    """Whether the second opinion is the same CLs, observed and expected, to :data:`SAME`."""
    pairs = zip((answer.cls_obs, *answer.cls_exp), (test.cls_obs, *test.cls_exp), strict=True)
    return answer.converged and max(abs(second - first) for second, first in pairs) <= SAME


def non_negative_in_words(answer: NonNegative) -> str:
    """The second opinion in a sentence."""
    doubt = "" if answer.converged else ", but a fit for that did not converge"
    return (
        f"With the rate of every sample kept at zero or above, CLs is {answer.cls_obs:.3g} observed and"
        f" {answer.cls_exp[2]:.3g} expected{doubt}."
    )
