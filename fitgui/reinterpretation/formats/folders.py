"""A folder with one output of a tool for each model point: a scan.

Outputs lie as the tools leave them: a file for each point (``C1N2_300_150.txt``), or a folder for each
point with the file (``C1N2_300_150/EwkOneLepton.txt``; several files there are several analyses), with a
run of CheckMATE (``.../evaluation/total_results.txt``) or of MadAnalysis 5
(``.../Output/SAF/<sample>/<analysis>/Cutflows/*.saf``; where there are no cut-flows ``CLs_output.dat``).
Points are called after these files or folders, and their coordinates read off the names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fitgui.pallets.coordinates import coordinates_from_names
from fitgui.pallets.model import Coordinate
from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats import saf
from fitgui.reinterpretation.formats.outputs import Found, Kind, outputs_in
from fitgui.reinterpretation.formats.texts import Regions, decoded, listed, natural, stem
from fitgui.reinterpretation.model import Finding, Imported, ImportedPoint, Quantity, SignalError
from fitgui.reinterpretation.units import luminosity_text

Heard = Callable[[int, int], None]
"""Is told how many files have been read, and how many there are."""
Recognise = Callable[[str, bytes], str | None]
Read = Callable[[str, str, bytes], tuple[Imported, ...]]
"""From the tool, the name of a file and its content."""

LARGEST_FILE = 64 << 20
_TABLES = ("csv", "json")
_SAME = 1e-3
"""Luminosities that differ by less, relatively, are the same one, rounded differently."""
_SIMPLEANALYSIS = "simpleanalysis"


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one output says about one analysis."""

    found: Found
    imported: Imported


def read_folder(
    folder: Path, recognise: Recognise, read: Read, *, heard: Heard | None = None
) -> tuple[Imported, ...]:
    """Read the outputs of all model points.

    Args:
        folder: That holds them; nothing that is linked from it is read.
        recognise: Tells which tool a file is of; ``None`` if it holds no yields.
        read: Reads a file.
        heard: Is told of the progress.

    Returns:
        One for each tool and analysis; notes tell of folders without output and of files that cannot be read.

    Raises:
        SignalError: if there is no output, or none can be read.
    """
    name = shown(folder.name or str(folder), 200)
    seen = outputs_in(folder)
    reading = _Reading(recognise, read)
    for number, found in enumerate(seen.found, 1):
        reading.take(found)
        if heard is not None:
            heard(number, len(seen.found))
    pieces = reading.chosen()
    if not pieces:
        if reading.failed:
            raise SignalError(f"No output in {name} can be read: {reading.reason}")
        raise SignalError(
            f"{name} holds no output that fitgui can read: it looks for a file or a folder for each model "
            "point, with "
            "output of SimpleAnalysis, CheckMATE, MadAnalysis 5 or SModels, pyhf patches, CSV or JSON."
        )
    return _merged(
        name, pieces, _notes(seen.without([*(piece.found for piece in pieces), *reading.failed]), reading)
    )


class _Reading:
    """Reads files, and keeps what could not be read."""

    def __init__(self, recognise: Recognise, read: Read) -> None:
        self._recognise = recognise
        self._read = read
        self._pieces: list[_Piece] = []
        self.failed: list[Found] = []
        self.reason = ""
        self.others = 0
        """Tables that lie beside the outputs of a tool."""

    def take(self, found: Found) -> None:
        """Read one output."""
        try:
            imported = self._cutflows(found) if found.kind is Kind.CUTFLOWS else self._file(found)
        except (SignalError, OSError) as error:
            text = (
                str(error) if isinstance(error, SignalError) else f"{found.name}: {error.strerror or error}."
            )
            self.reason = self.reason or text
            self.failed.append(found)
            return
        self._pieces += [_Piece(found, each) for each in imported]

    def _file(self, found: Found) -> tuple[Imported, ...]:
        path = found.files[0]
        if path.stat().st_size > LARGEST_FILE:
            return ()  # events, most likely
        data = path.read_bytes()
        tool = self._recognise(path.name, data) if data.strip() else None
        return self._read(tool, path.name, data) if tool is not None else ()

    @staticmethod
    def _cutflows(found: Found) -> tuple[Imported, ...]:
        regions = Regions(found.name)
        for path in found.files:
            text, _notes = decoded(path.read_bytes(), path.name)
            if saf.is_saf(text):
                regions.add(saf.region_of(text, path.name), path.name)
        if not len(regions):
            return ()
        section = None
        if found.sample_file is not None:
            section = saf.cross_section_fb(decoded(found.sample_file.read_bytes(), found.sample_file.name)[0])
        point = ImportedPoint(
            name=found.sample,
            values={},
            regions=regions.tuple(),
            quantity=Quantity.EFFICIENCY,
            cross_section_fb=section,
        )
        analysis = shown(found.analysis, 200)
        return (Imported(saf.TOOL, found.name, analysis, (), (point,), notes=regions.notes),)

    def chosen(self) -> list[_Piece]:
        """What was read; plain tables count only where no tool left an output."""
        of_tools = [piece for piece in self._pieces if piece.imported.tool not in _TABLES]
        if not of_tools:
            return self._pieces
        self.others = len(
            {piece.found.name for piece in self._pieces} - {piece.found.name for piece in of_tools}
        )
        return of_tools


def _notes(missing: Sequence[str], reading: _Reading) -> tuple[str, ...]:
    notes = []
    if missing:
        notes.append(
            f"No output is in {_counted(missing, 'folder')}, so these points miss: {listed(missing)}."
        )
    if reading.failed:
        names = [found.name for found in reading.failed]
        count = _counted(names, "output")
        notes.append(f"Left out, as it cannot be read: {count} ({listed(names)}). {reading.reason}")
    if reading.others:
        notes.append(f"Tables that lie beside the outputs were left out ({reading.others}).")
    return tuple(notes)


def _counted(names: Sequence[str], what: str) -> str:
    return f"{len(names)} {what}{'' if len(names) == 1 else 's'}"


def _merged(folder: str, pieces: Sequence[_Piece], notes: tuple[str, ...]) -> tuple[Imported, ...]:
    """The points of all outputs, by tool and analysis."""
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

    def __init__(self, folder: str, pieces: Sequence[_Piece]) -> None:
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

    def analysis(self, piece: _Piece) -> str:
        """The analysis of an output that does not tell itself."""
        if piece.found.kind is Kind.FILE and (self._several or piece.imported.tool == _SIMPLEANALYSIS):
            return "" if self._per_file else stem(piece.found.files[0].name)
        return ""

    def point(self, piece: _Piece, point: ImportedPoint) -> str:
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
