"""What somebody pastes: cells of a spreadsheet, lines of an editor, or nothing but numbers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from fitgui.reinterpretation.formats import plain_csv
from fitgui.reinterpretation.formats.tables import decoded
from fitgui.reinterpretation.model import Imported, SignalError

NAME = "what was pasted"
"""Instead of the name of a file, in sentences."""
POINT = "pasted"


def looks_like(text: str | bytes, name: str = NAME) -> bool:
    """Whether it can be read as a table, or as a column or row of numbers."""
    return plain_csv.looks_like(text, name)


def read(
    text: str | bytes, name: str = NAME, *, known_regions: Collection[str] = (), labels: Collection[str] = ()
) -> tuple[Imported, ...]:
    """Read what was pasted, with headings or without.

    A single column or row of numbers has no names of regions: they are called ``1``, ``2`` ..., and the
    result is ``ordered``; whoever maps them looks whether their number is that of the bins.

    Args:
        text: from the clipboard.
        name: for sentences.
        known_regions: of the target, as in :func:`plain_csv.read`.
        labels: of the target's parameters.

    Returns:
        One.

    Raises:
        SignalError: if it cannot be read.
    """
    plain = decoded(text, name)
    if not plain.strip():
        raise SignalError(f"{name} is empty: copy the cells with your yields first")
    (imported,) = plain_csv.read(
        plain.strip("\r\n"), name, known_regions=known_regions, labels=labels, tool="paste"
    )
    if len(imported.points) == 1 and imported.points[0].name == name:
        return (replace(imported, points=(replace(imported.points[0], name=POINT),)),)
    return (imported,)
