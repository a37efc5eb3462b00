"""Signal points as the application knows them: unique names, coordinates by label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fitgui.pallets.coordinates import coordinates_from_names, from_published, same_coordinates
from fitgui.pallets.documents import PatchSetDocument
from fitgui.pallets.model import Coordinate, PatchSet, SignalPoint
from fitgui.pallets.naming import short_names, unique


@dataclass(slots=True)
class Reading:
    """Patch sets, and what was unusual about them."""

    patch_sets: list[PatchSet] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_patch_sets(documents: Sequence[tuple[PatchSetDocument, bool | None]]) -> Reading:
    """Turn the patch sets of one analysis into points with unique names and known coordinates.

    Args:
        documents: Each with whether its digest was verified.

    Returns:
        The patch sets in the same order.
    """
    reading = Reading()
    names = short_names([document.path for document, _ in documents])
    in_sets = [
        _unique_in_set(document, name, reading.problems)
        for (document, _), name in zip(documents, names, strict=True)
    ]
    counted: dict[str, int] = {}
    for points in in_sets:
        for point in points:
            counted[point] = counted.get(point, 0) + 1
    everywhere = unique(
        [
            f"{name}_{point}" if counted[point] > 1 else point
            for name, points in zip(names, in_sets, strict=True)
            for point in points
        ]
    )
    if any(count > 1 for count in counted.values()):
        reading.problems.append(
            "Several patch sets use the same names for points; these were given the name of their patch set."
        )
    start = 0
    for (document, verified), name in zip(documents, names, strict=True):
        end = start + len(document.points)
        _append(reading, document, name, verified, everywhere[start:end])
        start = end
    return reading


def _unique_in_set(document: PatchSetDocument, name: str, problems: list[str]) -> list[str]:
    original = [point.name for point in document.points]
    changed = unique(original)
    twice = [new for old, new in zip(original, changed, strict=True) if old != new]
    if twice:
        problems.append(
            f"Patch set {name} uses names of points more than once; "
            f"renamed: {', '.join(twice[:3])}{' and others' if len(twice) > 3 else ''}."
        )
    return changed


def _append(
    reading: Reading,
    document: PatchSetDocument,
    name: str,
    verified: bool | None,  # noqa: FBT001  # three verdicts, no switch
    names: Sequence[str],
) -> None:
    reading.problems += [f"Patch set {name}: {warning}." for warning in document.warnings]
    labels, coordinates = _coordinates(document, name, reading.problems)
    for first, later in same_coordinates(coordinates)[:1]:
        reading.problems.append(
            f"Points {names[first]} and {names[later]} of patch set {name} have the same coordinates"
            f"{' (and there are more such pairs)' if len(same_coordinates(coordinates)) > 1 else ''}."
        )
    reading.patch_sets.append(
        PatchSet(
            name=name,
            description=document.description,
            labels=labels,
            points=tuple(
                SignalPoint(name=point_name, values=values, operations=point.operations, patch_set=name)
                for point_name, values, point in zip(names, coordinates, document.points, strict=True)
            ),
            digest_verified=verified,
            references=dict(document.references),
        )
    )


def _coordinates(
    document: PatchSetDocument, name: str, problems: list[str]
) -> tuple[tuple[str, ...], list[dict[str, Coordinate]]]:
    if not any(point.values for point in document.points):
        named = [point.name if point.named else "" for point in document.points]
        return coordinates_from_names(named)
    labels, coordinates, wrong = from_published(
        document.labels, [point.values or () for point in document.points]
    )
    if wrong and not document.collected:
        first = document.points[wrong[0]]
        problems.append(
            f"Patch set {name} has {len(document.labels)} labels, but point {first.name} has "
            f"{len(first.values or ())} values"
            f"{f' (and {len(wrong) - 1} more points)' if len(wrong) > 1 else ''}."
        )
    return labels, coordinates
