"""The check of a run: a sample of its points fitted again by the other engine, and what comes of it.

Two numbers of independent programs that agree are worth more than one program's word. Where they differ, the
likelihood itself tells who is right: the engine whose fit ends lower is nearer to the minimum.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from fitgui import words
from fitgui.runs.plan import Check
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import FitOptions, Plan
from fitgui_backends.results import FitResult

__all__ = [
    "CLS_TOLERANCE",
    "FIT_TOLERANCE",
    "LIMIT_TOLERANCE",
    "Check",
    "CheckSummary",
    "Comparison",
    "FitComparison",
    "chosen_points",
    "compare",
    "comparison",
    "reference_engine",
    "reference_plan",
    "still_to_check",
    "summary",
]

CLS_TOLERANCE = 1e-4
"""Largest difference in CLs, observed or expected, that counts as agreement. SLSQP stops when a step changes
the NLL by less than about 1e-6, which moves CLs by some 1e-5; 1e-4 is ten times that, and a five-hundredth of
the 0.05 at which a point is excluded."""
LIMIT_TOLERANCE = 1e-3
"""The same for upper limits, relative: finer than any published limit is quoted."""
FIT_TOLERANCE = 1e-3
"""Minima nearer than this, in twice the NLL, are the same: a test statistic is then right to as much."""

FITS = ("free", "mu0", "mu1", "asimov_mu1")
_FIT_WORDS = {
    "free": "free fit",
    "mu0": "fit at mu = 0",
    "mu1": "fit at the tested mu",
    "asimov_mu1": "fit of the tested mu to the Asimov data",
}


@dataclass(frozen=True, slots=True)
class FitComparison:
    """The minimum of one fit as two engines found it."""

    fit: str
    """``free``, ``mu0``, ``mu1`` or ``asimov_mu1``."""
    difference: float | None
    """Twice the NLL of the reference minus that of the run; ``None`` where they cannot be compared: one of
    them is missing, or the Asimov data differ because the fits at mu = 0 do."""
    lower: str | None
    """The engine whose minimum is lower by more than :data:`FIT_TOLERANCE`; ``None`` where neither is."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One point as two engines see it."""

    name: str
    engine: str
    """That fitted the run."""
    reference: str
    """The other one."""
    agrees: bool | None
    """Within the tolerances; ``None`` where the reference gave no number."""
    cls_difference: float | None
    """Largest absolute difference of CLs, observed and expected."""
    limit_difference: float | None
    """Largest relative difference of the upper limits, where both engines give them."""
    fits: tuple[FitComparison, ...]
    sentences: tuple[str, ...]
    """What it means, the most important first; at least one."""


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """How the check of a run stands."""

    state: str
    """``none``, ``waiting``, ``running`` or ``done``."""
    wanted: int
    done: int
    """Points compared, and those for which the reference gave no answer."""
    agree: int
    differ: int
    failed: int
    """Points for which the reference gave no number."""
    largest_difference: float | None
    """Of CLs, over all points that could be compared."""
    sentences: tuple[str, ...]
    """For the user: the verdict first, then a sentence for each point that is not in agreement."""


def reference_engine(engine: str) -> str:
    """The engine that checks another: pyhf, or newton where the run itself used pyhf."""
    return "newton" if engine == "pyhf" else "pyhf"


def chosen_points(names: Iterable[str], check: Check) -> tuple[str, ...]:
    """The points of a check, in the order of ``names``.

    Each name draws a number from the seed, and the lowest numbers win: the choice depends on nothing but the
    seed and the names, and hardly changes when a run that was resumed has a few more results.
    """
    known = list(names)
    drawn = sorted(known, key=lambda name: hashlib.sha256(f"{check.seed}:{name}".encode()).digest())
    chosen = set(drawn[: check.points])
    return tuple(name for name in known if name in chosen)


def reference_plan(plan: Plan, names: Iterable[str]) -> Plan:
    """What the other engine is asked: the same hypotheses, by its default method, on one worker.

    Limits are asked of newton only. pyhf needs some forty times as long for them as for CLs, and they follow
    from CLs at other mu, so CLs is what a sample can check in a reasonable time.
    """
    wanted = set(names)
    options = plan.options
    reference = reference_engine(options.engine)
    changed = FitOptions(
        engine=reference,
        poi_test=options.poi_test,
        test_statistic=options.test_statistic,
        limits=options.limits and reference == "newton",
        normsys_interpolation=options.normsys_interpolation,
        histosys_interpolation=options.histosys_interpolation,
        timeout_seconds=options.timeout_seconds,
    )
    points = tuple(point for point in plan.points if point.name in wanted)
    return msgspec.structs.replace(plan, points=points, options=changed, workers=1)


def compare(
    result: FitResult, reference: FitResult, *, engine: str = "newton", reference_name: str = "pyhf"
) -> Comparison:
    """Set the answers of two engines for one point side by side.

    Args:
        result: of the run.
        reference: of the other engine.
        engine: that fitted the run.
        reference_name: the other one.
    """
    ours, theirs = (result.cls_obs, *result.cls_exp), (reference.cls_obs, *reference.cls_exp)
    fits = _compare_fits(result, reference, engine, reference_name)
    said = [_who_is_lower(fit, engine, reference_name) for fit in fits if fit.lower is not None]
    missing = [
        name
        for name, values in ((engine, ours), (reference_name, theirs))
        if not all(map(math.isfinite, values))
    ]
    if missing:
        sentence = f"CLs of {' and '.join(missing)} is not a number, so there is nothing to compare"
        return Comparison(result.name, engine, reference_name, None, None, None, fits, (sentence, *said))
    difference = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    limits, limits_said = _compare_limits(result, reference, engine, reference_name)
    agrees = difference <= CLS_TOLERANCE and not limits_said
    if difference <= CLS_TOLERANCE:
        verdict = f"{engine} and {reference_name} agree: CLs differs by {difference:.1e} at most"
    else:
        ours_said, theirs_said = words.number(result.cls_obs), words.number(reference.cls_obs)
        verdict = (
            f"CLs observed is {ours_said} by {engine} and {theirs_said} by {reference_name}; the largest "
            f"difference, observed or expected, is {difference:.2g}"
        )
        if not said:
            said = [_same_minima(fits)]
    return Comparison(
        result.name, engine, reference_name, agrees, difference, limits, fits, (verdict, *said, *limits_said)
    )


def comparison(snapshot: RunSnapshot, name: str) -> Comparison | None:
    """What the check says of a point; ``None`` where it was not checked, or was fitted anew since."""
    checked, status = snapshot.checks.get(name), snapshot.points.get(name)
    if checked is None or status is None or status.result is None:
        return None
    engine, reference = snapshot.check_engines
    if checked.reference is None:
        return Comparison(
            name, engine, reference, None, None, None, (), (f"{reference} has no answer: {checked.error}",)
        )
    return compare(status.result, checked.reference, engine=engine, reference_name=reference)


def summary(snapshot: RunSnapshot) -> CheckSummary:
    """The check of a run in a few numbers and sentences; over all points that were ever checked."""
    found = [c for name in snapshot.checks if (c := comparison(snapshot, name)) is not None]
    agree = sum(c.agrees is True for c in found)
    differ = sum(c.agrees is False for c in found)
    differences = [c.cls_difference for c in found if c.cls_difference is not None]
    largest = max(differences, default=None)
    sentences = []
    if found:
        sentences.append(_verdict(found, agree, largest))
        sentences += [f"{c.name}: {'; '.join(c.sentences)}" for c in found if not c.agrees]
    if snapshot.check_text:
        sentences.append(snapshot.check_text)
    return CheckSummary(
        state=snapshot.check_state,
        wanted=max(snapshot.check_wanted, len(found)),
        done=len(found),
        agree=agree,
        differ=differ,
        failed=len(found) - agree - differ,
        largest_difference=largest,
        sentences=tuple(sentences),
    )


def still_to_check(snapshot: RunSnapshot, names: Sequence[str]) -> tuple[str, ...]:
    """Of these points, those without a recorded check of the result that they have now."""
    return tuple(name for name in names if name not in snapshot.checks)


def _verdict(found: Sequence[Comparison], agree: int, largest: float | None) -> str:
    first = found[0]
    if largest is None:
        return f"{first.reference} has no answer for {words.count(len(found), 'checked point')}"
    return (
        f"{first.reference} agrees with {first.engine} on {agree} of "
        f"{words.count(len(found), 'checked point')}; the largest difference in CLs is {largest:.2g}"
    )


def _compare_fits(
    result: FitResult, reference: FitResult, engine: str, reference_name: str
) -> tuple[FitComparison, ...]:
    found: dict[str, FitComparison] = {}
    for fit in FITS:
        ours, theirs = getattr(result.twice_nll, fit), getattr(reference.twice_nll, fit)
        difference = None
        if ours is not None and theirs is not None and math.isfinite(ours) and math.isfinite(theirs):
            difference = theirs - ours
        # The Asimov data are made at the mu = 0 fit: other data where that fit is another.
        if fit == "asimov_mu1" and (found["mu0"].difference is None or found["mu0"].lower is not None):
            difference = None
        lower = None
        if difference is not None and abs(difference) > FIT_TOLERANCE:
            lower = engine if difference > 0 else reference_name
        found[fit] = FitComparison(fit, difference, lower)
    return tuple(found.values())


def _who_is_lower(fit: FitComparison, engine: str, reference: str) -> str:
    higher = reference if fit.lower == engine else engine
    by = words.number(abs(fit.difference or 0.0), 3)
    return f"{fit.lower}'s {_FIT_WORDS[fit.fit]} is lower by {by} in 2NLL: {higher} stopped above the minimum"


def _same_minima(fits: Sequence[FitComparison]) -> str:
    """What fits that do not differ say about numbers that do; only of those that could be compared."""
    compared = [fit for fit in fits if fit.difference is not None]
    if not compared:
        return "which fit of which engine is nearer to its minimum is unknown: no two of them can be compared"
    same = f"at the same minimum to {FIT_TOLERANCE:g} in 2NLL"
    if len(compared) == len(fits):
        return f"every fit ends {same}, so the difference is that of two minimisers' last steps"
    alike = ", ".join(_FIT_WORDS[fit.fit] for fit in compared)
    others = ", ".join(_FIT_WORDS[fit.fit] for fit in fits if fit.difference is None)
    return f"these end {same}: {alike}; what the engines did with the others is unknown: {others}"


def _compare_limits(
    result: FitResult, reference: FitResult, engine: str, reference_name: str
) -> tuple[float | None, list[str]]:
    if result.limits is None or reference.limits is None:
        return None, []
    largest, said = None, []
    ours = (result.limits.obs, *result.limits.exp)
    theirs = (reference.limits.obs, *reference.limits.exp)
    for what, a, b in zip(("observed", *("expected",) * 5), ours, theirs, strict=True):
        if a is not None and b is not None:
            largest = max(largest or 0.0, abs(a - b) / max(abs(a), abs(b), 1e-300))
        elif (a is None) != (b is None):
            who = reference_name if a is None else engine
            said.append(f"only {who} finds the {what} upper limit on mu within its bounds")
    if largest is not None and largest > LIMIT_TOLERANCE:
        said.insert(0, f"upper limits on mu differ by {100 * largest:.2g} %")
    return largest, said
