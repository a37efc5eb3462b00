"""What is looked at before a signal is fitted: numbers, orders, units, whether it is for this analysis."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from fitgui.reinterpretation.amounts import amount_findings, luminosity_finding
from fitgui.reinterpretation.belonging import belonging_findings
from fitgui.reinterpretation.model import Finding, Imported, Signal, Target, Treatment
from fitgui.reinterpretation.plain_checks import missing_findings, shape_findings, value_findings
from fitgui.reinterpretation.resemblance import other_order

_NAMED: Final = 3
"""Points that a sentence names."""


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
        ``large-uncertainty``, ``missing``, ``zero``, ``order``, ``units``, ``magnitude``, ``luminosity``,
        ``other-analysis``.
    """
    found = list(
        _of_signal(target, signal, treatments or {}, ordered=imported is not None and imported.ordered)
    )
    if imported is not None:
        found += _of_file(target, imported, known)
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
    found = list(belonging_findings(target, imported, known))
    luminosity = luminosity_finding(target, imported.luminosity_fb, imported.source)
    if luminosity is not None:
        found.append(luminosity)
    return tuple(found)


def check_signals(
    target: Target,
    signals: Sequence[Signal],
    imported: Imported | None = None,
    *,
    treatments: Mapping[str, Treatment] | None = None,
    known: Mapping[str, Collection[str]] | None = None,
) -> tuple[Finding, ...]:
    """The same of all points of a scan: what several of them have in common is said once.

    Args:
        target: the analysis.
        signals: the points.
        imported: the file that they are from, where there is one.
        treatments: as for :func:`check_signal`.
        known: as for :func:`check_signal`.
    """
    if len(signals) == 1:
        return check_signal(target, signals[0], imported, treatments=treatments, known=known)
    ordered = imported is not None and imported.ordered
    kinds: dict[tuple[bool, str], list[tuple[str, str]]] = {}
    for signal in signals:
        here = set()
        for finding in _of_signal(target, signal, treatments or {}, ordered=ordered):
            kind = (finding.severe, finding.code)
            if kind not in here:
                here.add(kind)
                kinds.setdefault(kind, []).append((signal.name, finding.sentence))
    found = [
        Finding(severe=severe, sentence=_joined(points, len(signals)), code=code)
        for (severe, code), points in kinds.items()
    ]
    if imported is not None:
        found += check_file(target, imported, known=known)
    return _sorted(found)


def _of_file(
    target: Target, imported: Imported, known: Mapping[str, Collection[str]] | None
) -> tuple[Finding, ...]:
    """The same as :func:`check_file`; the last answer is kept: each of thousands of points asks for it."""
    for before, file, names, findings in tuple(_last):
        if before is target and file is imported and names is known:
            return findings
    found = check_file(target, imported, known=known)
    _last[:] = [(target, imported, known, found)]
    return found


_last: list[tuple[Target, Imported, Mapping[str, Collection[str]] | None, tuple[Finding, ...]]] = []


def _of_signal(
    target: Target, signal: Signal, treatments: Mapping[str, Treatment], *, ordered: bool
) -> Iterator[Finding]:
    wrong = list(shape_findings(target, signal))
    if wrong:
        yield from wrong
        return
    values = list(value_findings(target, signal))
    yield from values
    yield from missing_findings(target, signal, treatments)
    if any(finding.severe and finding.code == "negative" for finding in values):
        return  # neither a sum nor a shape means anything
    yield from amount_findings(target, signal)
    other = other_order(target, signal)
    if other is not None:
        yield Finding(
            severe=ordered,
            sentence=f"The yields may be in a wrong order: {other.words}, they look like the published "
            f"signal {other.like}, and as they stand like none; compare them with the bins.",
            code="order",
        )


def _joined(points: Sequence[tuple[str, str]], total: int) -> str:
    name, sentence = points[0]
    if len(points) == total and all(each == sentence for _, each in points):
        return sentence
    if len(points) == 1:
        return f"Point {name}: {sentence}"
    names = ", ".join(each for each, _ in points[:_NAMED])
    more = f" and {len(points) - _NAMED} more" if len(points) > _NAMED else ""
    return f"{len(points)} of {total} points ({names}{more}), for example {name}: {sentence}"


def _sorted(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda finding: not finding.severe))
