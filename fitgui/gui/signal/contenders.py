"""A signal against one analysis of several: its map, its patch, its answer; made on a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fitgui.gui.signal.as_regions import FORM_TOOL
from fitgui.gui.signal.import_checks import Looked, Normalisation, look_through
from fitgui.reinterpretation.comparing import Row
from fitgui.reinterpretation.live import LiveAnswer
from fitgui.reinterpretation.mapping import ELSEWHERE, ignore, is_proposed, propose
from fitgui.reinterpretation.model import (
    Imported,
    RegionMap,
    Signal,
    SignalError,
    Target,
    Treatment,
)
from fitgui.reinterpretation.patch import signal_patch
from fitgui_backends.results import FitResult

NEEDS_MAP: Final = "needs a map of regions"
NOTHING_HERE: Final = "none of its regions"


@dataclass(frozen=True, slots=True)
class Contender:
    """An analysis that the signal is fitted against."""

    target: Target
    imported: Imported
    region_map: RegionMap
    looked: Looked
    result: FitResult | None = None
    final: bool = False
    """Whether nothing more will come."""
    trouble: str = ""
    """Why there is no answer: one sentence."""

    @property
    def key(self) -> tuple[str, str]:
        """By which it is known: the source of its pallet, and the name of the analysis."""
        return self.target.source, self.target.analysis.name

    @property
    def row(self) -> Row:
        """Of the table of answers."""
        problem = self.trouble or ("" if self.signal is not None else self.regions_text)
        return Row(self.target, self.signal, self.result, problem)

    @property
    def signal(self) -> Signal | None:
        """On this analysis; ``None`` as long as the map does not say where its regions go."""
        severe = any(finding.severe for finding in self.looked.of_map)
        return None if severe or not self.looked.signals else self.looked.signals[0]

    @property
    def without(self) -> tuple[str, ...]:
        """Signal regions of the analysis for which there are no yields."""
        signal = self.signal
        if signal is None:
            return ()
        return tuple(
            channel.name
            for channel in self.target.channels
            if channel.is_signal and channel.name not in signal.yields
        )

    @property
    def regions_text(self) -> str:
        """How many of the regions of the signal it has, in words."""
        used = [one for one in self.region_map.assignments if one.bins]
        taken = [one for one in used if one.region not in self.region_map.ignored]
        if self.signal is None:
            return NOTHING_HERE if self._strange else NEEDS_MAP
        return f"{len(taken)} of {len(self.region_map.assignments)}"

    @property
    def _strange(self) -> bool:
        return all(one.region in self.region_map.ignored for one in self.region_map.assignments)

    def answered(self, answer: LiveAnswer) -> Contender:
        """The same with what is known by now."""
        return replace(
            self,
            result=answer.result if answer.result is not None else self.result,
            final=answer.finished,
            trouble=answer.trouble,
        )

    def operations(self, treatment: Treatment) -> bytes:
        """The patch that is fitted.

        Args:
            treatment: of signal regions without yields.

        Raises:
            SignalError: if there is none.
        """
        signal = self.signal
        if signal is None:
            raise SignalError(f"{self.row.name} {NEEDS_MAP}")
        treatments: Mapping[str, Treatment] = dict.fromkeys(self.without, treatment)
        return signal_patch(self.target, signal, treatments)


def contender(imported: Imported, target: Target, known: Sequence[RegionMap] = ()) -> Contender:
    """Propose a map for a signal on an analysis.

    Regions of the form are bins of the analysis on show: another one has one of the same name, or none. What
    a known map puts into another workspace is left out as well.

    Args:
        imported: one point, in events.
        target: the analysis.
        known: maps of the tool and the analysis.
    """
    region_map = propose(imported, target, known=known)
    own = imported.tool == FORM_TOOL
    region_map = ignore(
        region_map,
        *(
            one.region
            for one in region_map.assignments
            if one.reason == ELSEWHERE or (own and (is_proposed(one) or not one.bins))
        ),
    )
    return mapped(Contender(target, imported, region_map, Looked(imported)), region_map)


def mapped(known: Contender, region_map: RegionMap) -> Contender:
    """The same with another map, without an answer."""
    looked = look_through(known.imported, known.target, region_map, Normalisation())
    return replace(known, region_map=region_map, looked=looked, result=None, final=False, trouble="")
