"""The answers of ``fitgui reinterpret`` for machines; described in docs/reinterpretation.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fitgui.cli.reinterpret_answers import Answer, by_point
from fitgui.reinterpretation.answer.comparing import conclusion
from fitgui.reinterpretation.model import Finding, RegionMap, Target

SCHEMA = 1
KIND = "fitgui reinterpretation"


def document(answers: Sequence[Answer]) -> dict[str, Any]:
    """Everything that came out.

    Args:
        answers: one for each analysis.
    """
    points = by_point(answers)
    first = answers[0].candidate.imported
    return {
        "schema": SCHEMA,
        "kind": KIND,
        "yields": {"source": first.source, "tool": first.tool},
        "answers": [_answer(answer) for answer in answers],
        "points": [
            {
                "name": name,
                "most_sensitive": best,
                "headline": None if best is None or (said := rows[best].verdict) is None else said.headline,
                "conclusion": list(conclusion(rows)) if len(rows) > 1 else [],
            }
            for name, (rows, best) in points.items()
        ],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    candidate = answer.candidate
    target = candidate.target
    return {
        "pallet": {"name": target.pallet, "source": target.source},
        "analysis": {"name": target.analysis.name, "digest": target.analysis.digest},
        "measurement": target.measurement or target.analysis.measurements[0],
        "poi": target.poi,
        "yields_of": candidate.imported.analysis,
        "problem": candidate.problem or None,
        "regions": _regions(candidate.region_map, target),
        "ignored": sorted(candidate.region_map.ignored),
        "findings": [_finding(finding) for finding in candidate.findings],
        "kept": None if answer.pallet is None else answer.pallet.source or None,
        "run": answer.run_id or None,
        "points": [_point(answer, number) for number in range(len(answer.statuses))],
        "results": answer.results,
    }


def _point(answer: Answer, number: int) -> dict[str, Any]:
    status, signal = answer.statuses[number], answer.candidate.signals[number]
    said = None if status.result is None else answer.verdict(status.result)
    treatments = answer.candidate.treatments(signal, answer.asked)
    return {
        "name": signal.name,
        "fitted_as": status.name,
        "state": None if said is None else str(said.state),
        "headline": None if said is None else said.headline,
        "sentence": None if said is None else said.sentence,
        "yields": {channel: list(events) for channel, events in signal.yields.items()},
        "treatments": {channel: str(each) for channel, each in treatments.items()},
        "caveats": [_finding(finding) for finding in answer.caveats(number)],
    }


def _regions(region_map: RegionMap, target: Target) -> list[dict[str, Any]]:
    return [
        {
            "region": one.region,
            "bins": [target.text(place) for place in one.bins],
            "reason": one.reason,
        }
        for one in region_map.assignments
        if one.region not in region_map.ignored
    ]


def _finding(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "sentence": finding.sentence}
