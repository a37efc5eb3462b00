"""What the strip and the note below the table say."""

from __future__ import annotations

from typing import Final

from fitgui import words
from fitgui.gui.appearance import DOUBTFUL, StateLook
from fitgui.gui.signal.answers import Judgement
from fitgui.gui.signal.draft import NAME, Draft
from fitgui.gui.signal.verdict_strip import EMPTY, Told
from fitgui.reinterpretation.verdict import State

LOOKS: Final = {
    State.EXCLUDED: (StateLook("✗", "excluded"), "error"),
    State.NOT_EXCLUDED: (StateLook("✓", "not excluded"), "good"),
    State.UNKNOWN: (DOUBTFUL, "warning"),
}
NOT_YET: Final = "Not fitted yet"
"""While something is missing."""
NOT_FITTED: Final = "Not fitted"
"""Because something looks wrong."""
GOING_ON: Final = " …"
"""After numbers that are still being verified."""
PROVISIONAL: Final = "A first look: whether the fits have other minima is being found out."
PREPARING: Final = Told(
    StateLook("◔", "reading"),
    "Is your signal excluded?",
    "The analysis is being read; it will be open for your yields in a moment.",
    "muted",
)
NO_PALLET: Final = Told(
    StateLook("◇", "no pallet"),
    "Is your signal excluded?",
    "Open a pallet first: your signal is put on top of the background of its analysis.",
    "muted",
)
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
    going_on = "" if judgement.final else GOING_ON
    if judgement.provisional:
        sentence = f"{sentence} {PROVISIONAL}"
    return Told(look, f"{verdict.headline}{going_on}", sentence, role)


def unusable(sentence: str, headline: str = "No signal can be added", *, asks: bool = False) -> Told:
    """Why there is no answer; ``asks`` lets the user insist."""
    return Told(StateLook("⚠", "not fitted"), headline, words.capital(sentence), "warning", asks)


def standing(draft: Draft, *, untouched: bool) -> str:
    """What is in the form, and where it is from."""
    if draft.is_empty:
        return "Click a cell and type; Enter goes down, Tab to the next column. Blank is not zero."
    if draft.published:
        state = "as published" if untouched else "published, changed here"
    elif draft.origin is not None:
        state = "as imported" if untouched else "imported, changed here"
    else:
        state = "typed"
    place = f" ({words.coordinates(draft.values)})" if draft.values else ""
    name = draft.name if draft.name != NAME or draft.origin is not None else NAME
    return f"{name}{place}: {state}."
