"""pyhf's and the minimisers' errors, in words for a physicist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fitgui_backends.engines.shared import capital, fit_words

_SLSQP = {
    "Inequality constraints incompatible": "SLSQP ran into a region where it could find no allowed step",
    "Positive directional derivative for linesearch": "SLSQP found no direction that goes down",
    "Iteration limit reached": "SLSQP used up its steps",
    "Singular matrix C in LSQ subproblem": "SLSQP's matrix became singular",
    "Singular matrix E in LSQ subproblem": "SLSQP's matrix became singular",
    "Rank-deficient equality constraint subproblem HFTI": "SLSQP's matrix became singular",
}


def minuit_in_words(minuit: Any) -> str:
    """Why MINUIT calls its minimum invalid (``iminuit.Minuit.fmin``)."""
    minimum = minuit.fmin
    reasons = []
    if minimum.has_reached_call_limit:
        reasons.append("it used up its function calls")
    if minimum.is_above_max_edm:
        reasons.append(f"the estimated distance to the minimum is still {minimum.edm:.2g}")
    if minimum.hesse_failed:
        reasons.append("HESSE could not invert the second derivatives")
    if not minimum.has_covariance or not minimum.has_accurate_covar:
        reasons.append("its covariance is not accurate")
    return "MINUIT's minimum is not valid: " + (" and ".join(reasons) or "no reason given")


def failed_in_words(error: Exception, fits: Mapping[str, Any], poi_test: float) -> str:
    """Why the hypothesis test of a point stopped.

    Args:
        error: What pyhf raised.
        fits: The minimisations so far by name; the one that failed is marked by ``success``.
        poi_test: The tested signal strength.
    """
    kind = type(error).__name__
    if kind == "FailedMinimization":
        failed = next((name for name, fit in fits.items() if not fit.success), "free")
        message = fits[failed].message if failed in fits else one_line(error)
        reason = _SLSQP.get(message.rstrip(".").strip(), message.rstrip("."))
        other = "scipy" if message.startswith("MINUIT") else "minuit"
        return (
            f"{capital(fit_words(failed, poi_test))} did not converge: {reason}; try the engine newton,"
            f" or the optimizer {other}."
        )
    if kind == "UnspecifiedPOI":
        return "The measurement names no parameter of interest, so there is no signal strength to test."
    if kind == "InvalidModel" and "fixed" in str(error):
        return "The measurement fixes the parameter of interest, so there is no signal strength to test."
    return f"pyhf stopped with {kind}: {one_line(error)}"


def refused_in_words(error: Exception, poi: str) -> str:
    """Why pyhf does not build a model from a document that follows the schema.

    Args:
        error: What pyhf raised.
        poi: The parameter of interest of the measurement.
    """
    kind = type(error).__name__
    if kind == "InvalidModel" and "not declared in the model" in str(error):
        return (
            f"Nothing in the model depends on the parameter of interest {poi!r}: the patch of the point must"
            " bring a signal sample with a modifier of that name, or another measurement must be chosen."
        )
    if kind == "InvalidModel" and "multiple components" in str(error):
        return (
            f"The parameter of interest {poi!r} has one value for each bin, and only a single number can be"
            " tested: it must be the strength of a normfactor."
        )
    if isinstance(error, KeyError):
        return f"The model cannot be built: {one_line(error)} is missing."
    return f"The model cannot be built ({kind}): {one_line(error)}"


def one_line(error: BaseException) -> str:
    """The text of an exception on one line of at most 300 characters."""
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else text[:297] + "..."
