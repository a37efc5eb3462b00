"""How the coordinates of a published likelihood are written on an axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from fitgui.pallets.catalogue import stored
from fitgui.pallets.model import Analysis
from fitgui.pallets.published import Notation
from fitgui.resources import resource_path


def axis_notation(analysis: Analysis) -> Mapping[str, Notation]:
    """Notation by label, of the coordinates of an analysis that the catalogue knows.

    The patch sets say of which paper they are. Where they do not, or where the catalogue knows nothing of it,
    the mapping is empty, and an axis is titled by its label. So it is where the signals are the user's own:
    what he calls ``m1`` need not be the paper's.
    """
    found: dict[str, Notation] = {}
    for patch_set in analysis.patch_sets:
        if not patch_set.own:
            found |= notation_of(patch_set.references.get("hepdata", ""))
    return found


def notation_of(reference: str) -> Mapping[str, Notation]:
    """Notation by label, of the paper with this reference, such as ``ins1755298``."""
    return _known().get(reference, {})


@cache
def _known() -> Mapping[str, Mapping[str, Notation]]:
    """By key of the entry; only the bundled catalogue has notation, and a damaged one has none."""
    try:
        _, entries = stored.read(resource_path("catalogue/catalogue.json"), "The bundled catalogue", [])
    except (OSError, ValueError):
        return {}
    return _by_key((entry.key, entry.notation) for entry in entries)


def _by_key(notations: Iterable[tuple[str, tuple[Notation, ...]]]) -> dict[str, Mapping[str, Notation]]:
    return {key: {item.label: item for item in notation} for key, notation in notations if notation}
