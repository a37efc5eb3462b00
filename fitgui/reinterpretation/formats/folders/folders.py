"""A folder with one output of a tool for each model point: a scan.

Outputs lie as the tools leave them: a file for each point (``C1N2_300_150.txt``), or a folder for each
point with the file (``C1N2_300_150/EwkOneLepton.txt``; several files there are several analyses), with a
run of CheckMATE (``.../evaluation/total_results.txt``) or of MadAnalysis 5
(``.../Output/SAF/<sample>/<analysis>/Cutflows/*.saf``; where there are no cut-flows ``CLs_output.dat``).
Points are called after these files or folders, and their coordinates read off the names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.folders.outputs import Found, Kind, outputs_in
from fitgui.reinterpretation.formats.folders.scans import Piece, merged
from fitgui.reinterpretation.formats.texts import Regions, decoded, listed
from fitgui.reinterpretation.formats.tools import saf
from fitgui.reinterpretation.model import Imported, ImportedPoint, Quantity, SignalError

Heard = Callable[[int, int], None]
"""Is told how many files have been read, and how many there are."""
Recognise = Callable[[str, bytes], str | None]
Read = Callable[[str, str, bytes], tuple[Imported, ...]]
"""From the tool, the name of a file and its content."""

LARGEST_FILE = 64 << 20
_TABLES = ("csv", "json")


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
    return merged(
        name, pieces, _notes(seen.without([*(piece.found for piece in pieces), *reading.failed]), reading)
    )


class _Reading:
    """Reads files, and keeps what could not be read."""

    def __init__(self, recognise: Recognise, read: Read) -> None:
        self._recognise = recognise
        self._read = read
        self._pieces: list[Piece] = []
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
        self._pieces += [Piece(found, each) for each in imported]

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

    def chosen(self) -> list[Piece]:
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
