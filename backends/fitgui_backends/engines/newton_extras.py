"""What the engine newton answers beyond CLs: limits, discovery, a second opinion with rates of zero or more.

CLs stands where one of these cannot be had; a warning says what is missing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines import newton_words as words
from fitgui_backends.results import Discovery, FitRecord, NonNegative, Seconds, TwiceNll

if TYPE_CHECKING:
    from fitgui_backends.histfactory.constraints import Data
    from fitgui_backends.histfactory.model import Model
    from fitgui_backends.inference.hypothesis_test import HypothesisTest
    from fitgui_backends.inference.limits import Limits


@dataclass(eq=False)
class Tested:
    """A point whose hypothesis test is done, with what it was made from."""

    point: FitPoint
    model: Model
    data: Data
    test: HypothesisTest
    limits: Limits | None
    seconds: Seconds


def limits(model: Model, data: Data, test: HypothesisTest, options: FitOptions) -> Limits:
    """Upper limits, with the test statistic of the options."""
    from fitgui_backends.inference.limits import upper_limits  # noqa: PLC0415

    return upper_limits(model, data, test, test_statistic=options.test_statistic)


def discovery(tested: Tested, warnings: list[str]) -> tuple[Discovery | None, list[FitRecord], bool]:
    """The test of the background-only hypothesis, the fits that it needed, and whether they converged.

    Args:
        tested: The point.
        warnings: What a reader has to know is added here.
    """
    from fitgui_backends.histfactory.errors import HistFactoryError  # noqa: PLC0415
    from fitgui_backends.inference.discovery import discovery_test  # noqa: PLC0415

    try:
        found = discovery_test(tested.model, tested.data, tested.test)
    except HistFactoryError as error:
        warnings.append(f"There is no discovery test: {error}.")
        return None, [], True
    records = [words.fit_record(f"discovery_{name}", fit) for name, fit in found.fits.items()]
    if not found.converged:
        warnings.append("A fit of the discovery test did not converge: do not use p0.")
    return Discovery(p0_obs=found.p0_obs, p0_exp=found.p0_exp), records, found.converged


def non_negative(
    tested: Tested, options: FitOptions, warnings: list[str], notes: list[str]
) -> NonNegative | None:
    """CLs with the rate of every sample kept at zero or above.

    Args:
        tested: The point.
        options: For the tested signal strength and the test statistic.
        warnings: Reasons for doubt are added here: also that the answer differs.
        notes: That it is the same is added here.
    """
    from fitgui_backends.histfactory.errors import HistFactoryError  # noqa: PLC0415
    from fitgui_backends.inference.non_negative import non_negative_test  # noqa: PLC0415

    try:
        second = non_negative_test(
            tested.model,
            tested.data,
            options.poi_test,
            tested.test,
            test_statistic=options.test_statistic,
        )
    except HistFactoryError as error:
        warnings.append(f"There is no answer with rates of zero or more: {error}.")
        return None
    if not all(math.isfinite(value) for value in (second.cls_obs, *second.cls_exp)):
        warnings.append("With the rate of every sample kept at zero or above, CLs is not a number.")
        return None
    answer = NonNegative(
        cls_obs=second.cls_obs,
        cls_exp=second.cls_exp,
        twice_nll=twice_nll(second),
        converged=second.converged,
    )
    told = notes if words.confirms(answer, tested.test) else warnings
    told.append(words.non_negative_in_words(answer))
    return answer


def twice_nll(test: HypothesisTest) -> TwiceNll:
    """Twice the NLL of the fits of a test."""
    return TwiceNll(**{name: fit.twice_nll for name, fit in test.fits.items()})
