"""What is looked at before a signal is fitted: numbers, orders, units, whether it is for this analysis."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from fitgui.reinterpretation.findings import by_importance, note
from fitgui.reinterpretation.looking_over.amounts import (
    amount_findings,
    is_too_small,
    luminosity_finding,
    share_findings,
)
from fitgui.reinterpretation.looking_over.belonging import belonging_findings
from fitgui.reinterpretation.looking_over.plain_checks import (
    fraction_findings,
    idle_findings,
    missing_findings,
    shape_findings,
    value_findings,
)
from fitgui.reinterpretation.looking_over.resemblance import other_order
from fitgui.reinterpretation.model import Finding, Imported, Signal, Target, Treatment

_NUMBERED: Final = re.compile(r"x[0-9]+")
"""What coordinates are called where names of points have numbers alone."""
_NAMED: Final = 3
"""Points that a sentence names."""
_COMPARED: Final = 200
"""Points of a scan whose order is looked at."""
_MOST: Final = 0.5
"""If more points of a scan are too small to be excluded, their unit is wrong."""
_CHANCE: Final = 0.1
"""Of them look as if in another order by chance: signals of another model than the published ones."""


def check_signal(
    target: Target,
    signal: Signal,
    imported: Imported | None = None,
    *,
    treatments: Mapping[str, Treatment] | None = None,
    known: Mapping[str, Collection[str]] | None = None,
) -> tuple[Finding, ...]:
    """What the user should know of a signal before it is fitted.

    The first call for a target reads all published signals (a quarter of a second for 57 MB): call it on a
    thread where somebody waits. Later calls take less than a millisecond.

    Args:
        target: the analysis.
        signal: what was typed, or what a map made of a file.
        imported: the file, where there is one.
        treatments: what becomes of channels without yields; a signal region that is not listed is missing.
        known: names of regions by analysis, to recognise a file for another one; those that fitgui brings if
            not given.

    Returns:
        Severe findings first. Codes: ``bins``, ``not-a-number``, ``negative``, ``negative-uncertainty``,
        ``large-uncertainty``, ``no-effect``, ``fractions``, ``missing``, ``zero``, ``order``, ``units``,
        ``magnitude``, ``luminosity``, ``other-analysis``.
    """
    found = list(_numbers(target, signal, treatments or {}))
    if _usable(target, signal):
        order = _order(target, signal, ordered=imported is not None and imported.ordered)
        found += [] if order is None else [order]
    if imported is not None:
        found += share_findings(target, [signal], imported)
        found += check_file(target, imported, known=known)
    return _sorted(found)


def check_file(
    target: Target, imported: Imported, *, known: Mapping[str, Collection[str]] | None = None
) -> tuple[Finding, ...]:
    """What is odd about a file as a whole: its analysis, its luminosity, numbers that are no events.

    Args:
        target: the analysis.
        imported: in events already.
        known: as for :func:`check_signal`.
    """
    found = [*dict.fromkeys(imported.findings), *belonging_findings(target, imported, known)]
    luminosity = luminosity_finding(target, imported.luminosity_fb, imported.source)
    if luminosity is not None:
        found.append(luminosity)
    found += _unnamed_coordinates(target, imported)
    return tuple(found)


def _unnamed_coordinates(target: Target, imported: Imported) -> Iterator[Finding]:
    """Coordinates that were read off names without labels: nothing tells that they are the published ones."""
    labels = target.analysis.labels
    if (
        imported.labels
        and len(imported.labels) == len(labels)
        and all(map(_NUMBERED.fullmatch, imported.labels))
        and not set(imported.labels) & set(labels)
    ):
        example = "_".join(f"{label}_{number}00" for number, label in enumerate(labels, start=1))
        yield note(
            "labels",
            f"The coordinates of {imported.source} are called {', '.join(imported.labels)}, so they are not "
            f"compared with those of published points ({', '.join(labels)}): call them so if they are the "
            f"same, as in {example}.",
        )


def check_signals(
    target: Target,
    signals: Sequence[Signal],
    imported: Imported | None = None,
    *,
    treatments: Mapping[str, Treatment] | None = None,
    known: Mapping[str, Collection[str]] | None = None,
) -> tuple[Finding, ...]:
    """The same of all points of a scan: what several of them have in common is said once.

    All points of a file are in the same order, so a few hundred tell whether it is the wrong one.

    Args:
        target: the analysis.
        signals: the points.
        imported: the file that they are from, where there is one.
        treatments: as for :func:`check_signal`.
        known: as for :func:`check_signal`.
    """
    if len(signals) == 1:
        return check_signal(target, signals[0], imported, treatments=treatments, known=known)
    kinds: dict[tuple[bool, str], list[tuple[str, str]]] = {}
    # Far from what a search looks for signals fade away: most of a scan do so where its unit is wrong only.
    small = sum(is_too_small(target, signal) and _usable(target, signal) for signal in signals)
    lonely = small > _MOST * len(signals)
    for signal in signals:
        for kind, sentence in _once(_numbers(target, signal, treatments or {}, lonely=lonely)).items():
            kinds.setdefault(kind, []).append((signal.name, sentence))
    found = [
        Finding(severe=severe, sentence=_joined(points, len(signals)), code=code)
        for (severe, code), points in kinds.items()
    ]
    ordered = imported is not None and imported.ordered
    some = [signal for signal in signals[:: math.ceil(len(signals) / _COMPARED)] if _usable(target, signal)]
    wrong = [
        (signal.name, finding.severe, finding.sentence)
        for signal in some
        if (finding := _order(target, signal, ordered=ordered)) is not None
    ]
    if len(wrong) > _CHANCE * len(some):
        evident = sum(severe for _, severe, _ in wrong) > _CHANCE * len(some)
        told = [(name, sentence) for name, _, sentence in wrong]
        sentence = _joined(told, len(some), "points that were compared")
        found.append(Finding(severe=evident, sentence=sentence, code="order"))
    if imported is not None:
        found += share_findings(target, signals, imported)
        found += check_file(target, imported, known=known)
    return _sorted(found)


def _numbers(
    target: Target, signal: Signal, treatments: Mapping[str, Treatment], *, lonely: bool = True
) -> Iterator[Finding]:
    """Everything but the order, which takes longer."""
    wrong = list(shape_findings(target, signal))
    if wrong:
        yield from wrong
        return
    values = list(value_findings(target, signal))
    yield from values
    yield from idle_findings(target, signal, treatments)
    yield from fraction_findings(target, signal)
    yield from missing_findings(target, signal, treatments)
    if not any(map(_meaningless, values)):
        yield from amount_findings(target, signal, lonely=lonely)


def _order(target: Target, signal: Signal, *, ordered: bool) -> Finding | None:
    other = other_order(target, signal)
    if other is None:
        return None
    return Finding(
        severe=ordered or other.evident,
        sentence=f"The yields may be in a wrong order: {other.words}, they look like the published signal "
        f"{other.like}, and as they stand like none; compare them with the bins.",
        code="order",
    )


def _usable(target: Target, signal: Signal) -> bool:
    """Whether the shape of the yields means anything."""
    return not any(shape_findings(target, signal)) and not any(
        map(_meaningless, value_findings(target, signal))
    )


def _meaningless(finding: Finding) -> bool:
    """Yields far below zero have neither a sum nor a shape."""
    return finding.severe and finding.code == "negative"


def _once(findings: Iterable[Finding]) -> dict[tuple[bool, str], str]:
    """The first sentence of each kind."""
    found: dict[tuple[bool, str], str] = {}
    for finding in findings:
        found.setdefault((finding.severe, finding.code), finding.sentence)
    return found


def _joined(points: Sequence[tuple[str, str]], total: int, what: str = "points") -> str:
    name, sentence = points[0]
    if len(points) == total and all(each == sentence for _, each in points):
        return sentence
    if len(points) == 1:
        return f"Point {name}: {sentence}"
    names = ", ".join(each for each, _ in points[:_NAMED])
    more = f" and {len(points) - _NAMED} more" if len(points) > _NAMED else ""
    return f"{len(points)} of {total} {what} ({names}{more}), for example {name}: {sentence}"


def _sorted(found: list[Finding]) -> tuple[Finding, ...]:
    return by_importance(found)
