"""What the strip and the note below the table say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fitgui import words
from fitgui.gui.appearance import DOUBTFUL, EXCLUDED, NOT_EXCLUDED, StateLook
from fitgui.gui.signal.answering.answers import Judgement
from fitgui.gui.signal.answering.verdict_strip import EMPTY, Told
from fitgui.gui.signal.drafting.draft import NAME, Draft
from fitgui.reinterpretation.answer.verdict import State
from fitgui.reinterpretation.findings import all_of
from fitgui.reinterpretation.model import Target

LOOKS: Final = {
    State.EXCLUDED: (EXCLUDED, ""),
    State.NOT_EXCLUDED: (NOT_EXCLUDED, ""),
    State.UNKNOWN: (DOUBTFUL, "warning"),
}
NOT_YET: Final = "Not fitted yet"
"""While something is missing."""
NOT_FITTED: Final = "Not fitted"
"""Because something looks wrong."""
GOING_ON: Final = "The limit on μ is being looked for."
"""While CLs is known, and the limit is not."""
PROVISIONAL: Final = "A first look: whether the fits have other minima is being found out."
PREPARING: Final = Told(
    StateLook("◔", "reading"),
    "Is your signal excluded?",
    "The analysis is being read; it will be open for your yields in a moment.",
    "muted",
)
NO_PALLET: Final = Told(
    StateLook("?", "no pallet"),
    "Is your signal excluded?",
    "Open a pallet first: your signal is put on top of the background of its analysis.",
    "muted",
)
FITTING: Final = Told(
    StateLook("◔", "fitting"),
    "Is your signal excluded?",
    "It is being fitted: the answer comes in a moment.",
    "muted",
)
READING: Final = "Reading what was pasted …"
__all__ = ["EMPTY", "NOT_YET", "NO_PALLET", "PREPARING", "standing", "told_of", "unusable"]


def told_of(judgement: Judgement, draft: Draft) -> Told | None:
    """What the strip says of a draft; ``None`` while there is no answer yet."""
    if judgement.refusal:
        asks = bool(judgement.to_confirm)
        return unusable(judgement.refusal, NOT_FITTED if asks else NOT_YET, asks=asks)
    if judgement.trouble:
        return unusable(judgement.trouble, "The fit failed")
    verdict = judgement.verdict
    if verdict is None:
        return None
    look, role = LOOKS[verdict.state]
    scaled = "" if draft.scale == 1.0 else f"Your signal × {draft.scale:.3g}: "
    sentence = verdict.sentence
    if scaled:
        sentence = f"{scaled}{sentence[:1].lower()}{sentence[1:]}"
    if judgement.provisional:
        sentence = f"{sentence} {PROVISIONAL}"
    elif not judgement.final:
        sentence = f"{sentence} {GOING_ON}"
    return Told(look, verdict.headline, sentence, role)


def unusable(sentence: str, headline: str = "No signal can be added", *, asks: bool = False) -> Told:
    """Why there is no answer; ``asks`` lets the user insist."""
    return Told(StateLook("⚠", "not fitted"), headline, words.capital(sentence), "warning", asks)


def standing(draft: Draft, *, untouched: bool) -> str:
    """What is in the form, and where it is from."""
    if draft.is_empty:
        return "Click a cell and type; Enter goes down, Tab to the next column. Blank is not zero."
    if draft.published:
        state = "as published" if untouched else f"published, {_changed(draft)}"
    elif draft.origin is not None:
        state = "as imported" if untouched else f"imported, {_changed(draft)}"
    else:
        state = "typed"
    place = f" ({words.coordinates(draft.values)})" if draft.values else ""
    name = draft.name if draft.name != NAME or draft.origin is not None else NAME
    return f"{name}{place}: {state}."


def _changed(draft: Draft) -> str:
    """How much of it is another one by now: of a name, and a mass, that may not be true any more."""
    cells = {*draft.cells, *draft.origin_cells}
    number = sum(draft.cells.get(cell) != draft.origin_cells.get(cell) for cell in cells)
    return f"{number} of {words.count(len(cells), 'cell')} changed here" if number else "changed here"


def kept_there(before: Target) -> str:
    """Of what stood in the form for another analysis."""
    return f"What you entered for {before.analysis.name} is kept there."


def brought_along(carried: Draft, left: Sequence[str], before: Target) -> str:
    """What became of it here."""
    if carried.is_empty:
        return f"⚠ No region with yields is in this analysis, too. {kept_there(before)}"
    came = f"Yields of the same regions were taken over from {before.analysis.name}"
    return f"⚠ {came}, without {all_of(left)}, which this analysis lacks." if left else f"{came}."
