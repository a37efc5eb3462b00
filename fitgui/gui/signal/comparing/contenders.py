"""A signal against one analysis of several: its map, its patch, its answer; made on a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from fitgui.gui.analysis_choice import Shown
from fitgui.gui.signal.comparing.as_regions import FORM_TOOL, Asked
from fitgui.gui.signal.importing.import_checks import Looked, Normalisation, look_through
from fitgui.reinterpretation.answer.comparing import Row
from fitgui.reinterpretation.answer.live import LiveAnswer
from fitgui.reinterpretation.choosing import shared_out
from fitgui.reinterpretation.findings import by_importance
from fitgui.reinterpretation.looking_over.caveats import caveats
from fitgui.reinterpretation.looking_over.consequences import consequences
from fitgui.reinterpretation.mapping.edits import ignore
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.model import (
    Finding,
    Imported,
    RegionMap,
    Signal,
    SignalError,
    Target,
    Treatment,
)
from fitgui.reinterpretation.patching.patch import signal_patch
from fitgui_backends.results import FitResult

NEEDS_MAP: Final = "needs a map"
"""Of its regions."""
NEEDS_WORD: Final = "needs your word"
"""Something looks wrong in the yields: nobody has said that it is right."""
NOTHING_HERE: Final = "none of its regions"
BEING_READ: Final = "being looked at"


@dataclass(frozen=True, slots=True)
class Contender:
    """An analysis that the signal is fitted against."""

    target: Target
    imported: Imported
    proposed: RegionMap
    """As it was proposed, or as somebody said, before regions of other analyses are left out."""
    region_map: RegionMap
    looked: Looked | None = None
    """``None`` until it was looked through."""
    fixed: bool = False
    """Whether somebody has said where its regions go."""
    confirmed: frozenset[str] = frozenset()
    """What looks wrong in the yields, and is right, as somebody has said: sentences."""
    treatments: Mapping[str, Treatment] = field(default_factory=dict)
    """What was chosen in the form for channels that this analysis has, too."""
    result: FitResult | None = None
    provisional: bool = False
    """Whether the numbers may still change."""
    final: bool = False
    """Whether nothing more will come."""
    trouble: str = ""
    """Why there is no answer: one sentence."""
    notes: tuple[Finding, ...] = ()
    """What should be known of the answer."""

    @property
    def key(self) -> tuple[str, str]:
        """By which it is known: the source of its pallet, and the name of the analysis."""
        return self.target.source, self.target.analysis.name

    @property
    def row(self) -> Row:
        """Of the table of answers."""
        problem = self.trouble or ("" if self.signal is not None else self.obstacle)
        bound = Shown(self.target.analysis, (), ()).bound
        return Row(self.target, self.signal, self.result, problem, largest=bound)

    @property
    def signal(self) -> Signal | None:
        """On this analysis; ``None`` as long as something forbids to fit it."""
        if self.looked is None or self.open_findings or not self.looked.signals:
            return None
        return self.looked.signals[0]

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """What has to be settled before it is fitted."""
        if self.looked is None:
            return ()
        of_signals = (one for one in self.looked.of_signals if one.sentence not in self.confirmed)
        return tuple(one for one in (*self.looked.of_map, *of_signals) if one.severe)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is to be said of it, the most important first."""
        if self.looked is None:
            return ()
        if self.signal is None:
            return () if self._strange else self.open_findings
        said = (*self.looked.of_map, *self.looked.of_signals, *self.notes)
        return by_importance(dict.fromkeys(replace(one, severe=False) for one in said))

    @property
    def without(self) -> tuple[str, ...]:
        """Signal regions of the analysis for which there are no yields, and nothing was chosen."""
        signal = self.signal
        if signal is None:
            return ()
        return tuple(
            channel.name
            for channel in self.target.channels
            if channel.is_signal and channel.name not in signal.yields and channel.name not in self.treatments
        )

    @property
    def obstacle(self) -> str:
        """Why it is not fitted, in a few words; empty where it is."""
        if self.signal is not None:
            return ""
        if self.looked is None:
            return BEING_READ
        if self._strange:
            return NOTHING_HERE
        settled = self.looked.signals and not any(one.severe for one in self.looked.of_map)
        return NEEDS_WORD if settled else NEEDS_MAP

    @property
    def regions_text(self) -> str:
        """How many of the regions of the signal it has, in words."""
        used = [one for one in self.region_map.assignments if one.bins]
        taken = [one for one in used if one.region not in self.region_map.ignored]
        return f"{len(taken)} of {len(self.proposed.assignments)}"

    @property
    def _strange(self) -> bool:
        return all(one.region in self.region_map.ignored for one in self.region_map.assignments)

    def answered(self, answer: LiveAnswer, notes: Sequence[Finding] = ()) -> Contender:
        """The same with what is known by now."""
        return replace(
            self,
            result=answer.result if answer.result is not None else self.result,
            provisional=answer.provisional,
            final=answer.finished,
            trouble=answer.trouble,
            notes=tuple(notes) or self.notes,
        )

    def unanswered(self) -> Contender:
        """The same as if it had not been fitted."""
        return replace(self, result=None, provisional=False, final=False, trouble="", notes=())

    def operations(self, treatment: Treatment) -> bytes:
        """The patch that is fitted.

        Args:
            treatment: of signal regions without yields, of which nothing was said in the form.

        Raises:
            SignalError: if there is none.
        """
        signal = self.signal
        if signal is None:
            raise SignalError(f"{self.row.name}: {self.obstacle}")
        return signal_patch(self.target, signal, self._treated(signal, treatment))

    def noted(self, treatment: Treatment, result: FitResult | None = None) -> tuple[Finding, ...]:
        """What the form would say of it: what follows from missing yields, and what the result rests on."""
        signal = self.signal
        if signal is None:
            return ()
        treatments = self._treated(signal, treatment)
        return (
            *consequences(self.target, signal, treatments),
            *caveats(self.target, signal, treatments, result),
        )

    def _treated(self, signal: Signal, treatment: Treatment) -> dict[str, Treatment]:
        chosen = {**dict.fromkeys(self.without, treatment), **self.treatments}
        names = [channel.name for channel in self.target.channels]
        return {name: chosen[name] for name in names if name in chosen and name not in signal.yields}


def contender(asked: Asked, target: Target, known: Sequence[RegionMap] = ()) -> Contender:
    """A signal on an analysis, with a map that is proposed; :func:`shared` looks it through.

    Args:
        asked: the signal, and what was said of it for the analysis of the form.
        target: the analysis.
        known: maps of the tool and the analysis.
    """
    imported = asked.imported
    if target.analysis is asked.target.analysis:
        # Exactly what the form fits: nothing is asked, or worked out, a second time.
        looked = Looked(imported, signals=(asked.signal,))
        return Contender(
            asked.target,
            imported,
            asked.known,
            asked.region_map,
            looked,
            fixed=True,
            treatments=asked.treatments,
        )
    same_search = target.source == asked.target.source
    maps = (asked.known, *known) if same_search else tuple(known)
    proposed = propose(imported, target, known=maps)
    names = {channel.name for channel in target.channels}
    treatments = {name: one for name, one in asked.treatments.items() if same_search and name in names}
    return Contender(target, imported, proposed, proposed, treatments=treatments)


def shared(contenders: Sequence[Contender], home: str) -> list[Contender]:
    """Leave out of each analysis the regions that only another one has, and look through what changed.

    Args:
        contenders: all that are compared.
        home: the source of the pallet of the form. None of the regions of a file need be in another analysis
            of the same search; in another search they may be called something else.
    """
    found = []
    searches = [one.target.source for one in contenders]
    maps = shared_out([one.proposed for one in contenders], searches=searches)
    for one, region_map in zip(contenders, maps, strict=True):
        if one.fixed:
            found.append(one)
            continue
        wanted = region_map
        if wanted is None:
            strange = one.imported.tool == FORM_TOOL or one.target.source == home
            regions = [each.region for each in one.proposed.assignments]
            wanted = ignore(one.proposed, *regions) if strange else one.proposed
        same = one.looked is not None and wanted == one.region_map
        found.append(one if same else mapped(one, wanted))
    return found


def mapped(known: Contender, region_map: RegionMap) -> Contender:
    """The same with another map, without an answer."""
    if known.looked is not None and known.looked.signals and region_map == known.region_map:
        return known.unanswered()
    looked = look_through(known.imported, known.target, region_map, Normalisation())
    return replace(known.unanswered(), region_map=region_map, looked=looked)


def said(known: Contender, region_map: RegionMap, findings: Sequence[Finding]) -> Contender:
    """The same with a map that somebody has made, who has read these findings."""
    confirmed = known.confirmed | {one.sentence for one in findings if one.severe}
    return replace(mapped(known, region_map), proposed=region_map, fixed=True, confirmed=confirmed)
