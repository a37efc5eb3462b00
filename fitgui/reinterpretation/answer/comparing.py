"""The same signal against several analyses: a table of the answers, and which one counts.

As the tools of the field do (SModelS, MadAnalysis 5, CheckMATE), the analysis that was expected to be most
sensitive is the one whose observed answer counts: chosen without its data, it keeps its confidence level,
which it would not if chosen by what was observed. Analyses are never combined, as nothing is known of what
their data and uncertainties have in common.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fitgui.reinterpretation.answer.verdict import State, Verdict, cls_text, limit_text, verdict
from fitgui.reinterpretation.model import Signal, Target
from fitgui_backends.results import FitResult

COLUMNS: Final = (
    "Analysis", "Answer", "CLs observed", "CLs expected", "μ limit observed", "μ limit expected", "Remark",
)  # fmt: skip
"""Of the table."""
MOST_SENSITIVE: Final = "most sensitive (by expected)"
NOT_COMBINED: Final = (
    "The analyses are not combined: what their data and uncertainties have in common is not known."
)
_WORDS: Final = {
    State.EXCLUDED: "excluded",
    State.NOT_EXCLUDED: "not excluded",
    State.UNKNOWN: "doubtful",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One analysis with its answer."""

    target: Target
    signal: Signal | None = None
    result: FitResult | None = None
    problem: str = ""
    """Why there is no answer: one sentence."""
    largest: float | None = None
    """The upper bound of the POI, where it is known (:func:`.verdict.verdict`)."""

    @property
    def name(self) -> str:
        """Pallet and analysis: ``atlas-susy-2018-04-stau: Region-combined``."""
        return f"{self.target.pallet}: {self.target.analysis.name}"

    @property
    def verdict(self) -> Verdict | None:
        """What the result says; ``None`` where there is none."""
        if self.result is None:
            return None
        return verdict(self.result, self.target.poi, largest=self.largest)


def most_sensitive(rows: Sequence[Row]) -> int | None:
    """Which row was expected to exclude the signal most strongly, so that its observed answer counts.

    That is the smallest expected (median) upper limit, if all rows have been asked for limits; CLs at the
    tested strength decides where limits are the same, or where a row has none. The first one wins a tie.

    Args:
        rows: those without a result, or with one that is in doubt, do not count.

    Returns:
        Its place in ``rows``; ``None`` where no row has a sound answer.
    """
    sound = [
        (index, row.result)
        for index, row in enumerate(rows)
        if row.result is not None and row.result.converged and math.isfinite(row.result.cls_exp[2])
    ]
    by_limit = all(result.limits is not None and result.limits.converged for _, result in sound)

    def weakness(place: tuple[int, FitResult]) -> tuple[float, float]:
        return (_expected_limit(place[1]) if by_limit else 0.0, place[1].cls_exp[2])

    return min(sound, key=weakness, default=(None, None))[0]


def cells(row: Row, *, best: bool = False) -> tuple[str, ...]:
    """A row of the table in words, as :data:`COLUMNS` are.

    Args:
        row: of the table.
        best: whether it is the most sensitive one.
    """
    result = row.result
    said = row.verdict
    if result is None or said is None:
        return (row.name, "no answer", "–", "–", "–", "–", row.problem or "not fitted yet")
    limits = result.limits
    observed = None if limits is None else limits.obs
    expected = None if limits is None else limits.exp[2]
    remarks = [MOST_SENSITIVE] if best else []
    if not result.converged:
        remarks.append("a fit did not converge")
    elif limits is not None and not limits.converged:
        remarks.append("the search for the limit did not converge")
    elif limits is not None and (observed is None or expected is None):
        remarks.append(f"no limit within the bounds of {row.target.poi}")
    return (
        row.name,
        _WORDS[said.state],
        cls_text(result.cls_obs),
        cls_text(result.cls_exp[2]),
        limit_text(observed),
        limit_text(expected),
        "; ".join(remarks),
    )


def conclusion(rows: Sequence[Row]) -> tuple[str, ...]:
    """What follows from the table: one sentence each, the answer first."""
    best = most_sensitive(rows)
    if best is None or (said := rows[best].verdict) is None:
        return ("No analysis has a sound answer for this signal.",)
    row = rows[best]
    answered = sum(one.result is not None for one in rows)
    if answered == 1:
        found = [f"Only {row.name} has an answer. {said.headline}."]
    else:
        found = [
            f"{row.name} was expected to be the most sensitive one, so its answer counts. {said.headline}."
        ]
    others = [
        one.name
        for index, one in enumerate(rows)
        if index != best and one.verdict is not None and one.verdict.state is State.EXCLUDED
    ]
    if others and said.state is not State.EXCLUDED:
        found.append(
            f"{' and '.join(others)} {'excludes' if len(others) == 1 else 'exclude'} the signal, but "
            f"{'was' if len(others) == 1 else 'were'} expected to be less sensitive: chosen for what was "
            "observed, it would not be at 95 % CL."
        )
    if answered > 1:
        found.append(NOT_COMBINED)
    return tuple(found)


def _expected_limit(result: FitResult) -> float:
    limit = None if result.limits is None else result.limits.exp[2]
    return math.inf if limit is None or not math.isfinite(limit) else limit
