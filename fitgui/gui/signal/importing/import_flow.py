"""From a file, a folder or pasted text to a signal: read, choose, propose, all on a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtCore import Signal as QtSignal

from fitgui import words
from fitgui.gui.bridge import Bridge
from fitgui.gui.signal.importing.import_checks import Looked, Normalisation, look_through
from fitgui.reinterpretation.choosing import choose
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.mapping.reasons import CHOSEN, is_of_positions
from fitgui.reinterpretation.mapping.saved import SavedMaps
from fitgui.reinterpretation.mapping.shipped import shipped_maps
from fitgui.reinterpretation.model import Imported, RegionMap, SignalError, Target
from fitgui.reinterpretation.reading import read_signals
from fitgui.trouble import report

PASTED: Final = "pasted text"
"""What is pasted is called."""
FindTarget = Callable[[], Target]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file with the map that was proposed for it."""

    imported: Imported
    target: Target
    region_map: RegionMap
    looked: Looked

    @property
    def obvious(self) -> bool:
        """Whether nothing is left to be said or looked at."""
        findings = (*self.looked.of_map, *self.looked.of_signals)
        return bool(self.looked.signals) and not any(finding.severe for finding in findings)


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds, and which analysis it is wanted for."""

    found: tuple[Imported, ...]
    target: Target


class ImportFlow(QObject):
    """Reads and proposes; the latest request wins.

    Args:
        bridge: does the work on a thread.
        folder: the data folder, with the maps that were used before.
        parent: keeps it.
    """

    which_wanted = QtSignal(object)
    """A :class:`Read` that speaks of several analyses."""
    proposed = QtSignal(object)
    """A :class:`Proposal`."""
    failed = QtSignal(str)
    """One sentence."""
    troubled = QtSignal(str)
    """A map that was kept cannot be used: one sentence; what is read goes on without it."""
    began = QtSignal(str)
    """Something is being read: its name."""

    def __init__(self, bridge: Bridge, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._maps = SavedMaps(folder)
        self._asked = 0
        self._told = 0
        """How many troubles with maps were told."""

    def read(self, source: Path | str, find_target: FindTarget) -> None:
        """Read a file or a folder (a path), or pasted text (a string), for an analysis.

        Args:
            source: what is read.
            find_target: is called on the thread.
        """
        name = source.name if isinstance(source, Path) else PASTED

        def work() -> Read:
            target = find_target()
            wanted = source if isinstance(source, Path) else (PASTED, source)
            return Read(self._meant(read_signals(wanted, target=target), target), target)

        def done(read: Read) -> None:
            if len(read.found) > 1:
                self.which_wanted.emit(read)
            else:
                self.propose(read.found[0], lambda: read.target)

        self.began.emit(name)
        self._run(work, done, f"{name} could not be read")

    def propose(self, imported: Imported, find_target: FindTarget) -> None:
        """Propose a map for something that was read."""

        def work() -> Proposal:
            target = find_target()
            region_map = propose(imported, target, known=self.known_maps(imported, target))
            return Proposal(imported, target, region_map, _look(imported, target, region_map))

        def done(proposal: Proposal) -> None:
            self.proposed.emit(proposal)
            for sentence in self._maps.troubles[self._told :]:
                self.troubled.emit(sentence)
            self._told = len(self._maps.troubles)

        self._run(work, done, f"{imported.source} could not be understood")

    def known_maps(self, imported: Imported, target: Target) -> list[RegionMap]:
        """Maps of that tool and analysis, those of the user first; to be called on a thread."""
        saved = self._maps.find(target, imported.tool)
        return [*([saved] if saved is not None else []), *shipped_maps(target, imported.tool)]

    def remember(self, region_map: RegionMap, target: Target) -> None:
        """Keep a map that was used, for the next file of that tool and analysis.

        What was said of this file alone is not kept with it (:class:`SavedMaps`).
        """
        if not any(one.reason.startswith(CHOSEN) for one in region_map.assignments) and not (
            region_map.confirmed or region_map.ignored or region_map.doubled
        ):
            return  # the same would be proposed again
        if is_of_positions(region_map):
            return  # regions without names may be others in the next file

        self._bridge.run(
            lambda: self._maps.save(region_map, target),
            lambda _answer: None,
            lambda error: self.failed.emit(sentence_of(error, "The map of regions could not be kept")),
        )

    def _meant(self, found: tuple[Imported, ...], target: Target) -> tuple[Imported, ...]:
        """Of several analyses in a file the one that is meant, where the file tells; on a thread."""
        if len(found) == 1:
            return found
        maps = [propose(one, target, known=self.known_maps(one, target)) for one in found]
        number = choose(found, maps, target)
        if number is None:
            return found
        note = f"Of {words.count(len(found), 'analysis')} in the file, {found[number].analysis} is taken."
        return (replace(found[number], notes=(*found[number].notes, note)),)

    def withdraw(self) -> None:
        """Forget what was asked."""
        self._asked += 1

    def _run(self, work: Callable[[], Answer], done: Callable[[Answer], object], otherwise: str) -> None:
        self._asked += 1
        ticket = self._asked

        def answered(answer: Answer) -> None:
            if ticket == self._asked:
                done(answer)

        def failed(error: Exception) -> None:
            if ticket == self._asked:
                self.failed.emit(sentence_of(error, otherwise))

        self._bridge.run(work, answered, failed)


def _look(imported: Imported, target: Target, region_map: RegionMap) -> Looked:
    return look_through(imported, target, region_map, Normalisation())


def sentence_of(error: Exception, otherwise: str) -> str:
    """The error's own sentence where it was written for users, else a plain one."""
    if isinstance(error, SignalError):
        return words.capital(str(error))
    return f"{otherwise}: {report(error)}"


def placed_words(imported: Imported, region_map: RegionMap) -> str:
    """What became of the regions of a file, and in what way it was taken, in sentences."""
    used = [one for one in region_map.assignments if one.bins and one.region not in region_map.ignored]
    reasons: dict[str, int] = {}
    for one in used:
        reasons[one.reason] = reasons.get(one.reason, 0) + 1
    how = ", ".join(
        reason if len(reasons) == 1 else f"{number} {reason}" for reason, number in reasons.items()
    )
    left = f"; {words.count(len(region_map.ignored), 'region')} left out" if region_map.ignored else ""
    found = "1 region found its bin" if len(used) == 1 else f"{len(used)} regions found their bins"
    notes = (f"{words.capital(note.rstrip('.'))}." for note in imported.notes)
    return " ".join((f"{imported.source}: {found} ({how}){left}.", *notes))
