"""The record of a point's fits in words: sentences, and rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fitgui import words
from fitgui.insight.model import FitInside, PointInside
from fitgui_backends.results import EXCLUSION_CLS, FitRecord, FitResult

NAMES: Final[Mapping[str, str]] = {
    "free": "μ free",
    "mu0": "μ = 0",
    "mu1": "μ tested",
    "asimov_free": "μ free, Asimov data",
    "asimov_mu1": "μ tested, Asimov data",
    "discovery_free": "μ free, for p0",
    "discovery_mu0": "μ = 0, for p0",
    "discovery_mu1": "μ = 1, for p0",
    "discovery_asimov_free": "μ free, Asimov data for p0",
    "discovery_asimov_mu0": "μ = 0, Asimov data for p0",
}
HEADINGS: Final = ("fit", "2NLL", "iterations", "calls", "EDM", "converged", "on a bound", "how")
"""Of the table; EDM is the estimated distance to the minimum, in 2NLL."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is told of a point."""

    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    """Why to doubt a number."""
    notes: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Under :data:`HEADINGS`: one for each minimisation."""
    starts: tuple[tuple[str, str], ...]
    """For each of the three fits: its name, and where its starts led."""
    facts: tuple[tuple[str, str], ...]
    """Worker, seconds, versions: name and value."""


def record_of(
    inside: PointInside,
    result: FitResult | None = None,
    versions: Mapping[str, tuple[str, ...]] | None = None,
) -> Record:
    """Put into words what is known.

    Args:
        inside: The point, looked into.
        result: The answer of the run on show, if it has one.
        versions: That its workers had, by library.
    """
    answer = inside.result
    found: list[str] = []
    warnings: list[str] = []
    notes: list[str] = []
    if answer is not None:
        found.append(cls_in_words(answer, inside.options.poi_test))
        warnings += answer.warnings
        notes += answer.notes
    for fit in inside.fits.values():
        found.append(f"{fit.sentence}.")
        warnings += [f"Fit with {fit_name(fit)}: {warning}" for warning in fit.warnings]
    for messages in (
        () if inside.impacts is None else inside.impacts.messages,
        () if inside.curve is None else inside.curve.messages,
    ):
        warnings += messages
    facts = [] if result is None else _of_run(result, versions or {})
    if answer is not None:
        facts += [
            ("Looked into by", f"{answer.worker}, in {words.duration(inside.seconds)} until now"),
            ("Versions here", _listed(inside.versions)),
        ]
    return Record(
        sentences=tuple(found),
        warnings=tuple(dict.fromkeys(warnings)),
        notes=tuple(dict.fromkeys(notes)),
        rows=() if answer is None else tuple(_row(one) for one in answer.fits),
        starts=tuple(
            (
                fit_name(fit),
                "; ".join(_start(*start) for start in fit.starts),
            )
            for fit in inside.fits.values()
        ),
        facts=tuple((name, value) for name, value in facts if value),
    )


def fit_name(fit: FitInside) -> str:
    """``μ free``, ``μ = 1``."""
    return "μ free" if fit.name == "free" else f"μ = {fit.mu:g}"


def cls_in_words(result: FitResult, mu: float) -> str:
    """``CLs at μ = 1: observed 0.0038, expected 0.0011 (0.0001 to 0.01 at ±1σ): excluded at 95 % CL.``."""
    low, median, high = (words.number(result.cls_exp[place], 3) for place in (1, 2, 3))
    verdict = "excluded at 95 % CL" if result.cls_obs < EXCLUSION_CLS else "not excluded at 95 % CL"
    if not result.converged:
        verdict = "not to be used, as a fit did not converge"
    return (
        f"CLs at μ = {mu:g}: observed {words.number(result.cls_obs, 3)}, expected {median} "
        f"({low} to {high} at ±1σ): {verdict}."
    )


def _of_run(result: FitResult, versions: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    seconds = result.seconds
    return [
        ("CLs in the run", words.number(result.cls_obs)),
        ("Worker", " · ".join(part for part in (result.worker, result.block) if part)),
        (
            "Seconds in the run",
            f"model {words.duration(seconds.model)}, fits {words.duration(seconds.fit)}, with waiting "
            f"{words.duration(seconds.total)}",
        ),
        ("Versions of the run", _listed({name: " and ".join(some) for name, some in versions.items()})),
    ]


def _row(record: FitRecord) -> tuple[str, ...]:
    def count(number: int | None) -> str:
        return "–" if number is None else str(number)

    bounds = record.at_bounds
    some = ", ".join(bounds[:3]) + (f" and {len(bounds) - 3} more" if len(bounds) > 3 else "")
    return (
        NAMES.get(record.fit, record.fit.replace("_", " ")),
        "–" if record.twice_nll is None else f"{record.twice_nll:.4f}",
        count(record.iterations),
        count(record.evaluations),
        words.number(record.estimated_distance, 2),
        "yes" if record.converged else "no",
        some or "none",
        record.message,
    )


def _start(name: str, twice_nll: float | None, converged: bool) -> str:  # noqa: FBT001  (as recorded)
    if twice_nll is None:
        return f"{name}: ends as one before"
    return f"{name}: {twice_nll:.4f}" + ("" if converged else ", not converged")


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
