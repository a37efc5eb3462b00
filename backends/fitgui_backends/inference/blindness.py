"""How well a measurement tells signal strengths apart at all."""

from __future__ import annotations

from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.curve import Node
from fitgui_backends.inference.hypothesis_test import HypothesisTest


def change_over_range(model: Model, test: HypothesisTest) -> float:
    """About how much twice the NLL changes between any two signal strengths within the bounds.

    Between mu = 0, the tested mu and mu-hat that is known from the fits. Beyond, the profile likelihood is
    continued by its slope and its curvature at mu-hat.

    Returns:
        NaN where a bound is infinite and the likelihood the same at every mu that was fitted.
    """
    lowest = test.fits["free"].twice_nll
    gains = (test.fits["mu0"].twice_nll - lowest, test.fits["mu1"].twice_nll - lowest, test.q_mu_asimov)
    poi = model.parameters.index(model.poi)
    node = Node.of(test.fits["free"], poi)
    farthest = max(float(model.parameters.upper[poi]) - node.mu, node.mu - float(model.parameters.lower[poi]))
    return max(abs(node.slope) * farthest + 0.5 * abs(node.curvature) * farthest * farthest, *gains)
