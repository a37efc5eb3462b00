"""Cells from and to a spreadsheet; nothing here needs Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
"""Two letters in a row: a name; ``1e-3`` has one."""
_NO_NUMBER: Final = frozenset({"nan", "inf", "infinity", "n/a"})


def has_names(text: str) -> bool:
    """Whether a pasted text says more than numbers: names of regions, which have to be mapped."""
    cells = (cell.strip().lower() for row in cells_of(text) for cell in row)
    return any(_WORD.search(cell) and cell.lstrip("+-") not in _NO_NUMBER for cell in cells)


def cells_of(text: str) -> list[list[str]]:
    """Rows of cells: columns are set apart by tabs, else by semicolons, else by spaces, or commas and spaces.

    Brackets of a list, as Python prints it, are left out.
    """
    lines = [line.strip("\r") for line in text.strip("\r\n").split("\n")]
    return [_cells(line) for line in lines]


def block(text: str, rows: int, columns: int) -> list[list[str]]:
    """Cells as they are filled in from the current one.

    Args:
        text: that was pasted.
        rows: that there are from the current cell on.
        columns: likewise.

    Returns:
        The cells of a spreadsheet, which are set apart by tabs, stay as they are; numbers in one line that
        are not, such as a list in a program, are yields one below the other.

    Raises:
        ValueError: if it is larger than what there is; the text is one sentence.
    """
    cells = cells_of(text)
    if len(cells) == 1 and ("\t" not in text or len(cells[0]) > columns):
        cells = [[cell] for cell in cells[0]]
    wide = max(map(len, cells), default=0)
    if len(cells) > rows or wide > columns:
        size = f"{len(cells)} × {wide}" if wide > 1 else f"{len(cells)}"
        raise ValueError(
            f"{size} numbers were pasted, but from this cell on there is room for {rows} rows of {columns}: "
            "go to the first cell that they belong to, or paste them with the names of their regions."
        )
    return cells


def tab_separated(cells: Mapping[tuple[int, int], str]) -> str:
    """The text of cells, by row and column, as spreadsheets take it."""
    if not cells:
        return ""
    rows, columns = _stretch(row for row, _ in cells), _stretch(column for _, column in cells)
    return "\n".join("\t".join(cells.get((row, column), "") for column in columns) for row in rows)


def _cells(line: str) -> list[str]:
    if "\t" in line:
        return [cell.strip() for cell in line.split("\t")]
    bare = line.strip().strip("[](){}")
    if ";" in bare:
        return [cell.strip() for cell in bare.split(";")]
    return [cell for cell in re.split(r",\s+|\s+", bare) if cell] or [""]


def _stretch(numbers: Iterable[int]) -> Sequence[int]:
    known = sorted(set(numbers))
    return range(known[0], known[-1] + 1)
