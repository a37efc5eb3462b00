"""Where in a folder the outputs of tools lie, by the places in which the tools leave them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from fitgui.pallets.reading.names import is_noise, shown
from fitgui.reinterpretation.formats.texts import natural
from fitgui.reinterpretation.model import SignalError

MOST_ENTRIES = 500_000
"""Files and folders; a scan of 10 000 points with ten files each has a fifth of that."""
DEEPEST = 16
_TOTAL = "total_results.txt"
_EVALUATION = "evaluation"
_CUTFLOWS = "Cutflows"
_OUTPUT = ("Output", "SAF")
_SUMMARY = "CLs_output_summary.dat"
_CLS = "CLs_output.dat"
_PARTIAL = "best_signal_regions.txt"
_NEVER = (
    *(
        ".root",
        ".gz",
        ".bz2",
        ".xz",
        ".zip",
        ".tar",
        ".tgz",
        ".lhe",
        ".hepmc",
        ".hep",
        ".pdf",
        ".png",
        ".jpg",
        ".eps",
    ),
    *(
        ".svg",
        ".html",
        ".slha",
        ".spc",
        ".yoda",
        ".log",
        ".err",
        ".cc",
        ".cxx",
        ".h",
        ".o",
        ".so",
        ".sh",
        ".pyc",
        ".md",
    ),
)
"""Endings of what lies beside outputs; it is not even opened."""


class Kind(Enum):
    """What an output is."""

    FILE = auto()
    """Whatever it is, its name may be that of a point or of an analysis."""
    RUN = auto()
    """The result of a run, under a name that the tool gives."""
    CUTFLOWS = auto()
    """Files of MadAnalysis 5, one for each region."""


@dataclass(frozen=True, slots=True)
class Found:
    """One output."""

    kind: Kind
    unit: tuple[str, ...]
    """The folders, from the one that was chosen, that stand for its point."""
    name: str
    """Where it lies, for sentences."""
    files: tuple[Path, ...]
    sample: str = ""
    """Of MadAnalysis 5."""
    analysis: str = ""
    sample_file: Path | None = None
    """That has the cross section."""


@dataclass(slots=True)
class Outputs:
    """What a folder holds."""

    found: list[Found] = field(default_factory=list)
    folders: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    """The folders in each folder that was looked into."""

    def without(self, used: Iterable[Found]) -> list[str]:
        """The folders without an output, beside others that have one."""
        have: set[tuple[str, ...]] = set()
        parents: set[tuple[str, ...]] = set()
        for found in used:
            have.update(found.unit[:depth] for depth in range(1, len(found.unit) + 1))
            if found.unit:
                parents.add(found.unit[:-1])
        return [
            "/".join((*parent, name))
            for parent in sorted(parents)
            for name in self.folders.get(parent, ())
            if (*parent, name) not in have
        ]


def outputs_in(folder: Path) -> Outputs:
    """Look for outputs.

    Args:
        folder: Links in it are not followed.

    Raises:
        SignalError: if it cannot be looked into, or holds more than any scan.
    """
    walk = _Walk(folder)
    walk.into(folder, ())
    return walk.seen


class _Walk:
    def __init__(self, top: Path) -> None:
        self._top = top
        self._entries = 0
        self.seen = Outputs()

    def into(self, folder: Path, unit: tuple[str, ...]) -> None:
        """One folder, and those in it."""
        files, folders = self._list(folder)
        self.seen.folders[unit] = folders
        if self._run_of_checkmate(folder, unit, files, folders) or self._run_of_madanalysis(
            folder, unit, folders
        ):
            return
        if self._cutflows(folder, unit, files, folders):
            return
        results = [name for name in (_SUMMARY, _CLS) if name in files][:1]
        if not results:
            for name in files:
                if name != _PARTIAL and not name.lower().endswith(_NEVER):
                    self._add(Kind.FILE, unit, (folder / name,))
        before = len(self.seen.found)
        for name in folders if len(unit) < DEEPEST else ():
            self.into(folder / name, (*unit, name))
        if results and len(self.seen.found) == before:  # cut-flows are more exact, and lie deeper
            self._add(Kind.RUN, unit, (folder / results[0],))

    def _list(self, folder: Path) -> tuple[list[str], list[str]]:
        files, folders = [], []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._entries += 1
                    if self._entries > MOST_ENTRIES:
                        raise SignalError(
                            f"{self._top.name} holds more than {MOST_ENTRIES} files, which no scan does: "
                            "choose the folder "
                            "with the outputs."
                        )
                    if entry.name.startswith(".") or is_noise(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.name)
                    elif entry.is_file(follow_symlinks=False):
                        files.append(entry.name)
        except OSError as error:
            if folder == self._top:
                raise SignalError(f"{folder.name} cannot be read: {error.strerror or error}.") from error
            return [], []
        return sorted(files, key=natural), sorted(folders, key=natural)

    def _add(self, kind: Kind, unit: tuple[str, ...], files: tuple[Path, ...], **of_saf: str) -> None:
        first = files[0].parent if kind is Kind.CUTFLOWS else files[0]
        name = shown(first.relative_to(self._top).as_posix(), 200)
        sample_file = None
        if of_saf.get("sample"):
            # Output/SAF/<sample>/<sample>.saf beside Output/SAF/<sample>/<analysis>/Cutflows
            beside = files[0].parent.parent.parent / f"{of_saf['sample']}.saf"
            sample_file = beside if beside.is_file() else None
        self.seen.found.append(
            Found(
                kind, unit, self._top.name if name == "." else name, files, sample_file=sample_file, **of_saf
            )
        )

    def _run_of_checkmate(
        self, folder: Path, unit: tuple[str, ...], files: list[str], folders: list[str]
    ) -> bool:
        """A folder that CheckMATE made; everything else in it is on the way to the total results."""
        if _TOTAL in files:
            self._add(Kind.RUN, unit[:-1] if unit[-1:] == (_EVALUATION,) else unit, (folder / _TOTAL,))
            return True
        path = folder / _EVALUATION / _TOTAL
        if _EVALUATION in folders and path.is_file():
            self._add(Kind.RUN, unit, (path,))
            return True
        return False

    def _run_of_madanalysis(self, folder: Path, unit: tuple[str, ...], folders: list[str]) -> bool:
        """A folder that MadAnalysis made: cut-flows, which are more exact, else the table of CLs."""
        top = folder.joinpath(*_OUTPUT)
        if _OUTPUT[0] not in folders or not top.is_dir():
            return False
        before = len(self.seen.found)
        files, samples = self._list(top)
        for sample in samples:
            for analysis in self._list(top / sample)[1]:
                place = top / sample / analysis / _CUTFLOWS
                if place.is_dir():
                    self._saf(place, unit, self._list(place)[0], sample, analysis)
        if len(self.seen.found) == before:
            tables = [top / name for name in files if name == _SUMMARY]
            tables = tables or [top / each / _CLS for each in samples if (top / each / _CLS).is_file()]
            for table in tables:
                self._add(Kind.RUN, unit, (table,))
        return len(self.seen.found) > before

    def _cutflows(self, folder: Path, unit: tuple[str, ...], files: list[str], folders: list[str]) -> bool:
        """Cut-flows outside of a folder that MadAnalysis made."""
        alone = bool(files) and not folders and all(name.endswith(".saf") for name in files)
        if folder.name != _CUTFLOWS and not alone:
            return False
        whole = folder.absolute().parts
        if folder.name == _CUTFLOWS:
            analysis = whole[-2] if len(whole) > 2 else ""
            sample = whole[-3] if len(whole) > 3 else ""
            return self._saf(folder, unit[:-2], files, sample, analysis)
        return self._saf(folder, unit, files, "", "")

    def _saf(self, folder: Path, unit: tuple[str, ...], files: list[str], sample: str, analysis: str) -> bool:
        paths = tuple(folder / name for name in files if name.endswith(".saf"))
        if paths:
            self._add(Kind.CUTFLOWS, unit, paths, sample=sample, analysis=analysis.removesuffix("_0"))
        return bool(paths)
