"""What was typed for each analysis: in this session with its edits, and from one session to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import msgspec
import numpy as np

from fitgui.gui.settings import WindowSettings
from fitgui.gui.signal.drafting.draft import Column, Draft, cells_of, draft_of
from fitgui.gui.signal.drafting.edits import Sheet
from fitgui.insight.looking import poisson_interval
from fitgui.pallets import Analysis, Pallet
from fitgui.reinterpretation.model import BinRef, Finding, Signal, SignalError, Target, Treatment
from fitgui.reinterpretation.target.published import signal_of_point, treatments_of_point
from fitgui.reinterpretation.target.target import target_of

LARGEST: Final = 200_000
"""Letters that are kept of an analysis; of a larger draft only what the table shows."""


class _Kept(msgspec.Struct, kw_only=True):
    """A draft as it is written down."""

    name: str
    values: dict[str, float | str]
    cells: list[tuple[str, int, int, str]]
    treatments: dict[str, Treatment]
    scale: float
    with_luminosity: bool
    published: str
    origin: Signal | None
    """Without its patch; ``None`` where there was none, or it is a published point."""
    had_patch: bool
    origin_treatments: dict[str, Treatment]
    confirmed: list[str]
    was_larger: bool = False
    """Whether there was an origin that was too large to be kept."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An analysis, ready to be typed for."""

    target: Target
    draft: Draft
    """As it was left in the last session."""


class Drafts:
    """One sheet for each analysis; used in the GUI thread, but for :meth:`begin`.

    Args:
        settings: where drafts are kept between sessions; ``None`` keeps none.
    """

    def __init__(self, settings: WindowSettings | None) -> None:
        self._settings = settings
        self._sheets: dict[str, Sheet] = {}
        self._changed: set[str] = set()

    def kept(self, analysis: Analysis) -> str:
        """The last session's draft of an analysis, as it was written down; empty where there is none."""
        return "" if self._settings is None or is_own(analysis) else self._settings.draft(analysis.digest)

    def sheet(self, begun: Begun) -> Sheet:
        """Of an analysis: with all edits of this session, or else as it was left in the last one."""
        return self._sheets.setdefault(key_of(begun.target.analysis), Sheet(begun.draft))

    def changed(self, target: Target) -> None:
        """The draft of an analysis is to be written down."""
        if not is_own(target.analysis):
            self._changed.add(target.analysis.digest)

    def keep(self) -> None:
        """Write down what has changed."""
        if self._settings is not None:
            for digest in self._changed:
                self._settings.remember_draft(digest, written(self._sheets[digest].draft))
        self._changed.clear()

    def take_over(self, other: Drafts) -> None:
        """The sheets of ``other``, in whose place these are."""
        self._sheets, self._changed = other._sheets, other._changed


def is_own(analysis: Analysis) -> bool:
    """Whether its points are signals of the user's own, such as a scan, on the workspace of a pallet."""
    return any(patch_set.own for patch_set in analysis.patch_sets)


def key_of(analysis: Analysis) -> str:
    """Of its sheet: a scan has one of its own, though its workspace is that of a pallet."""
    names = "\n".join(point.name for point in analysis.points) if is_own(analysis) else ""
    return f"{analysis.digest}{names}"


def begin(pallet: Pallet, analysis: Analysis, kept: str) -> Begun:
    """The target of an analysis, and the draft of the last session; takes a while: call it on a thread.

    Raises:
        SignalError: if nothing can be added to the analysis; one sentence.
    """
    target = target_of(pallet, analysis)
    poisson_interval(np.zeros(1))  # the bars need them: scipy loads on this thread, not in the window's
    return Begun(target, read_again(kept, target))


def written(draft: Draft) -> str:
    """A draft as text; empty where there is nothing to keep."""
    if draft.is_empty:
        return ""
    origin = draft.origin
    kept = _Kept(
        name=draft.name,
        values=dict(draft.values),
        cells=[
            (place.channel, place.bin, int(column), text) for (place, column), text in draft.cells.items()
        ],
        treatments=dict(draft.treatments),
        scale=draft.scale,
        with_luminosity=draft.with_luminosity,
        published=draft.published,
        origin=None if origin is None or draft.published else replace(origin, patch=None),
        had_patch=origin is not None and origin.patch is not None,
        origin_treatments=dict(draft.origin_treatments),
        confirmed=sorted(draft.confirmed),
    )
    text = msgspec.json.encode(kept).decode()
    if len(text) > LARGEST and kept.origin is not None:
        kept = msgspec.structs.replace(kept, origin=None, had_patch=False, was_larger=True)
        text = msgspec.json.encode(kept).decode()
    return text


def read_again(text: str, target: Target) -> Draft:
    """A draft that was written down; an empty one where it does not fit to the target any more."""
    if not text:
        return Draft()
    try:
        kept = msgspec.json.decode(text, type=_Kept)
    except msgspec.MsgspecError:
        return Draft()
    places, columns = set(target.bins()), set(Column)
    if any(BinRef(name, bin_) not in places or column not in columns for name, bin_, column, _ in kept.cells):
        return Draft()
    cells = {(BinRef(name, bin_), Column(column)): typed for name, bin_, column, typed in kept.cells}
    draft = Draft(
        name=kept.name,
        values=kept.values,
        cells=cells,
        treatments=kept.treatments,
        scale=kept.scale,
        with_luminosity=kept.with_luminosity,
        origin=kept.origin,
        origin_cells={} if kept.origin is None else cells_of(kept.origin, target),
        origin_treatments=kept.origin_treatments,
        confirmed=frozenset(kept.confirmed),
    )
    if kept.published:
        return _published_again(draft, kept.published, target)
    lost = TOO_LARGE if kept.was_larger else NO_PATCH if kept.had_patch else None
    return draft if lost is None else replace(draft, findings=(lost,))


NO_PATCH: Final = Finding(
    severe=False,
    sentence=(
        "These yields are from a patch of the last session, which is not kept itself: they are fitted with "
        "the uncertainties that were read from it. Import the file again to fit the patch as it is."
    ),
    code="restored",
)
TOO_LARGE: Final = Finding(
    severe=False,
    sentence=(
        "These yields are from a file of the last session with more numbers than are kept: they are rounded "
        "as in the table, and all systematic uncertainties are a single one now. Import the file again to "
        "fit it as it is."
    ),
    code="restored",
)
GONE: Final = Finding(
    severe=False,
    sentence=(
        "These yields are from a published point that is not there any more: all its systematic "
        "uncertainties are a single one now."
    ),
    code="restored",
)


def _published_again(draft: Draft, name: str, target: Target) -> Draft:
    """With the exact numbers of a published point, which are read again rather than kept."""
    point = next((point for point in target.analysis.points if point.name == name), None)
    if point is None:
        return replace(draft, findings=(GONE,))
    try:
        signal, treatments = signal_of_point(target, point), treatments_of_point(target, point)
    except SignalError:
        return replace(draft, findings=(GONE,))
    anew = draft_of(signal, target, treatments=treatments, published=name)
    return replace(
        draft,
        origin=anew.origin,
        origin_cells=anew.origin_cells,
        origin_treatments=anew.origin_treatments,
        published=name,
    )
