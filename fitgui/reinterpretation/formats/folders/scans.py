"""From the outputs of many model points to a scan: names of points, coordinates, luminosities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fitgui.pallets.coordinates import coordinates_from_names
from fitgui.pallets.model import Coordinate
from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.folders.outputs import Found, Kind
from fitgui.reinterpretation.formats.texts import listed, natural, stem
from fitgui.reinterpretation.model import Finding, Imported, ImportedPoint, SignalError
from fitgui.reinterpretation.units import luminosity_text

_SAME = 1e-3
"""Luminosities that differ by less, relatively, are the same one, rounded differently."""
_SIMPLEANALYSIS = "simpleanalysis"


@dataclass(frozen=True, slots=True)
class Piece:
    """What one output says about one analysis."""

    found: Found
    imported: Imported


def merged(folder: str, pieces: Sequence[Piece], notes: tuple[str, ...]) -> tuple[Imported, ...]:
    """The points of all outputs, by tool and analysis.

    Args:
        folder: its name.
        pieces: what its outputs say.
        notes: for all of them.

    Raises:
        SignalError: if outputs of one analysis are for different luminosities.
    """
    names = _Names(folder, pieces)
    groups: dict[tuple[str, str], list[tuple[str, Imported, ImportedPoint]]] = {}
    for piece in pieces:
        imported = piece.imported
        for point in imported.points:
            key = (imported.tool, imported.analysis or names.analysis(piece))
            groups.setdefault(key, []).append((names.point(piece, point), imported, point))
    return tuple(_group(folder, tool, analysis, rows, notes) for (tool, analysis), rows in groups.items())


def _group(
    folder: str,
    tool: str,
    analysis: str,
    rows: list[tuple[str, Imported, ImportedPoint]],
    notes: tuple[str, ...],
) -> Imported:
    rows.sort(key=lambda row: natural(row[0]))
    called: Counter[str] = Counter()
    unique = []
    for name, _imported, _point in rows:
        called[name] += 1
        unique.append(name if called[name] == 1 else f"{name}_{called[name]}")
    doubled = [name for name, times in called.items() if times > 1]
    labels, values = _coordinates(unique, rows)
    points = tuple(
        replace(point, name=name, values=where)
        for name, (_, _, point), where in zip(unique, rows, values, strict=True)
    )
    luminosity, sentences = _luminosity(folder, rows)
    said = [*notes, *sentences, *dict.fromkeys(note for _, imported, _ in rows for note in imported.notes)]
    if doubled:
        said.append(f"Several outputs are of points of the same name, which got a number: {listed(doubled)}.")
    return Imported(
        tool=tool,
        source=folder,
        analysis=analysis,
        labels=labels,
        points=points,
        luminosity_fb=luminosity,
        notes=tuple(said),
        ordered=any(imported.ordered for _, imported, _ in rows),
        findings=tuple(_findings(rows)),
    )


def _luminosity(
    folder: str, rows: Sequence[tuple[str, Imported, ImportedPoint]]
) -> tuple[float | None, list[str]]:
    """What all files say that their numbers are for.

    Raises:
        SignalError: if they say different things.
    """
    stated = [(imported.luminosity_fb, imported.source) for _, imported, _ in rows if imported.luminosity_fb]
    if not stated:
        return None, []
    first, source = stated[0]
    for value, other in stated:
        if abs(value - first) > _SAME * first:
            raise SignalError(
                f"{folder}: {shown(source, 80)} is for {luminosity_text(first)}, and {shown(other, 80)} for "
                f"{luminosity_text(value)}: put files for different luminosities into folders of their own."
            )
    if len(stated) == len(rows):
        return first, []
    return first, [
        f"{len(rows) - len(stated)} of {len(rows)} outputs do not say for which luminosity they are; they "
        f"are taken to be for {luminosity_text(first)}, as the others are."
    ]


def _findings(rows: Sequence[tuple[str, Imported, ImportedPoint]]) -> Iterator[Finding]:
    """What is doubted about the outputs: of each kind the first, and how many there are."""
    kinds: dict[tuple[bool, str], list[Finding]] = {}
    seen = {id(imported): imported for _, imported, _ in rows}
    for finding in (each for imported in seen.values() for each in imported.findings):
        kinds.setdefault((finding.severe, finding.code), []).append(finding)
    for same in kinds.values():
        more = f" (and {len(same) - 1} more outputs like it)" if len(same) > 1 else ""
        yield replace(same[0], sentence=f"{same[0].sentence}{more}")


def _coordinates(
    names: Sequence[str], rows: Sequence[tuple[str, Imported, ImportedPoint]]
) -> tuple[tuple[str, ...], Sequence[dict[str, Coordinate]]]:
    """Those that the files tell, if all do; else those that the names tell."""
    if all(point.values for _, _, point in rows):
        labels = tuple(dict.fromkeys(label for _, _, point in rows for label in point.values))
        return labels, [dict(point.values) for _, _, point in rows]
    if len(names) == 1:
        return (), [{}]
    return coordinates_from_names(names)


class _Names:
    """What points and analyses are called, from where their files lie."""

    def __init__(self, folder: str, pieces: Sequence[Piece]) -> None:
        self._folder = folder
        files = {piece.found.name: piece.found for piece in pieces}.values()
        units = {found.unit for found in files}
        shared = _shared(units)
        # A single point is called after its own folder.
        self._skip = len(shared) if len(units) > 1 else max(0, len(shared) - 1)
        stems = {stem(found.files[0].name) for found in files if found.kind is Kind.FILE}
        plain = sum(found.kind is Kind.FILE for found in files)
        # Names that hardly come again are those of points; names that do, of analyses.
        self._per_file = len(units) < plain and 2 * len(stems) > plain
        if len(units) == 1 and self._per_file:
            # The analyses of one point, if no two files have the same regions.
            kinds = {piece.found.name: frozenset(piece.imported.regions) for piece in pieces}
            self._per_file = len(set(kinds.values())) < len(kinds)
        self._several = plain > len(units) and not self._per_file
        samples: dict[tuple[str, ...], set[str]] = {}
        for found in files:
            samples.setdefault(found.unit, set()).add(found.sample)
        self._samples = any(len(each) > 1 for each in samples.values())

    def analysis(self, piece: Piece) -> str:
        """The analysis of an output that does not tell itself."""
        if piece.found.kind is Kind.FILE and (self._several or piece.imported.tool == _SIMPLEANALYSIS):
            return "" if self._per_file else stem(piece.found.files[0].name)
        return ""

    def point(self, piece: Piece, point: ImportedPoint) -> str:
        """The name of a point."""
        found = piece.found
        parts = list(found.unit[self._skip :])
        if found.kind is Kind.FILE and (self._per_file or (not parts and not self._several)):
            parts.append(stem(found.files[0].name))
        if found.sample and (self._samples or not parts):
            parts.append(found.sample)
        if len(piece.imported.points) > 1:
            parts.append(point.name)
        return shown("_".join(parts) or self._folder, 200)


def _shared(units: set[tuple[str, ...]]) -> tuple[str, ...]:
    """The folders that all units lie in."""
    first, *others = sorted(units)
    return tuple(
        part
        for index, part in enumerate(first)
        if all(other[: index + 1] == first[: index + 1] for other in others)
    )
