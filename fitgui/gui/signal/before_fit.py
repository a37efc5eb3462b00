"""Whether what stands in the form may be fitted: by a run, or against other analyses; for a thread."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from fitgui import words
from fitgui.gui.signal.answering.answers import settled
from fitgui.gui.signal.drafting.draft import Draft, signal_of, treatments_of
from fitgui.reinterpretation.looking_over.caveats import caveats
from fitgui.reinterpretation.looking_over.consequences import consequences
from fitgui.reinterpretation.looking_over.sanity import check_signal
from fitgui.reinterpretation.model import Finding, Target


@dataclass(frozen=True, slots=True)
class LookedOver:
    """A draft that was looked over as the form itself does it."""

    findings: tuple[Finding, ...]
    refusal: str
    """Why the form does not fit it: one sentence; empty where it does."""


def look_over(target: Target, draft: Draft, *, later: Collection[str] = ()) -> LookedOver:
    """Look a draft over.

    Args:
        target: the analysis.
        draft: with a number in every cell.
        later: codes of what is asked later.
    """
    signal, treatments = signal_of(draft, target), treatments_of(draft, target)
    found = settled(
        (
            *check_signal(target, signal, treatments=treatments),
            *(replace(one, severe=False) for one in draft.findings),
            *consequences(target, signal, treatments),
            *caveats(target, signal, treatments),
        ),
        draft,
    )
    severe = [one for one in found if one.severe and one.code not in later]
    notes = tuple(dict.fromkeys(one for one in found if not one.severe))
    return LookedOver(notes, words.capital(severe[0].sentence) if severe else "")
