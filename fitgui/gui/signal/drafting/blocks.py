"""Cells from and to a spreadsheet; nothing here needs Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
"""Two letters in a row: a name; ``1e-3`` has one."""
_ERROR: Final = re.compile(r"(?P<value>[^±]*[\d.%])±(?P<error>[\d.,]+[^±]*)")
"""A value with its uncertainty, after :func:`_plain`."""
_THOUSANDS: Final = re.compile(r"\d,\d{3}(,\d{3})+(?!\d)")
_SIGNS: Final = re.compile(r"\s*(?:±|\\pm(?![a-zA-Z])|\+\s*/\s*[-−]|\+[-−])\s*")
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


def with_error(text: str) -> tuple[str, str] | None:
    """Both parts of ``9.2 ± 0.8``, whichever way the sign is written; ``None`` for anything else."""
    found = _ERROR.fullmatch(_plain(text))
    return None if found is None else (found["value"].strip(), found["error"].strip())


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
    if len(cells) == 1 and "\t" not in text:
        cells = [list(with_error(cell) or (cell,)) for cell in _split(text)]
    elif len(cells) == 1 and len(cells[0]) > columns:
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
    """Values with their uncertainties are two cells."""
    return [part for cell in _split(line) for part in with_error(cell) or (cell,)]


def _split(line: str) -> list[str]:
    if "\t" in line:
        return [cell.strip() for cell in line.split("\t")]
    line = _plain(line)
    bare = line.strip("[](){}")
    if ";" in bare:
        return [cell.strip() for cell in bare.split(";")]
    if "&" in bare:  # a row of a table in LaTeX
        return [cell.strip() for cell in bare.split("&")]
    listed = bare != line or bare.count(",") > 1  # else it may be a decimal comma
    apart = r",\s*|\s+" if listed and not _THOUSANDS.search(bare) else r",\s+|\s+"
    return [cell for cell in re.split(apart, bare) if cell] or [""]


def _plain(text: str) -> str:
    """Without what LaTeX needs around numbers, and with one sign for uncertainties."""
    text = text.strip().removesuffix("\\\\").removesuffix("\\hline").replace("$", "")
    return _SIGNS.sub("±", text).strip()


def _stretch(numbers: Iterable[int]) -> Sequence[int]:
    known = sorted(set(numbers))
    return range(known[0], known[-1] + 1)
