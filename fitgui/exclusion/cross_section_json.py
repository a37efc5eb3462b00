"""Tables of cross sections as JSON, above all those of the LHC SUSY group (``xsec_pb``, ``unc_pb``)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fitgui.exclusion.cross_section_rows import (
    Cells,
    CrossSectionError,
    Role,
    Row,
    columns_of,
    is_number,
    rows_of,
    unit_named,
)

SHAPES = (
    'expected is an object such as {"data": {"500": {"xsec_pb": 0.046, "unc_pb": 0.004}}}, a list of such '
    "entries with a mass, or an object of columns"
)


def rows_of_json(text: str, name: str) -> tuple[list[Row], str]:
    """The rows of a table, and the unit that it has its cross sections in.

    Raises:
        CrossSectionError: if it is no table of cross sections.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CrossSectionError(f"{name} is not valid JSON: {error}.") from None
    named = ""
    if isinstance(document, Mapping):
        named = " ".join(
            f"{value}" for key, value in document.items() if "unit" in key.lower() and isinstance(value, str)
        )
        document = document.get("data", document)
    headings, lines = _table(document, name)
    width = max((len(line.texts) for line in lines), default=0)
    columns = columns_of(headings, width, name) if lines else []
    unit = next((column.unit for column in columns if column.role is Role.VALUE), "")
    unit = unit or unit_named(named, name) or "pb"
    return (rows_of(columns, lines, unit, name) if lines else []), unit


def _table(document: Any, name: str) -> tuple[list[str], list[Cells]]:
    if isinstance(document, Mapping):
        if document and all(isinstance(value, list) for value in document.values()) and not _masses(document):
            keys = list(document)
            if len({len(document[key]) for key in keys}) > 1:
                raise CrossSectionError(f"{name} has columns of different lengths.")
            entries: list[Any] = [
                dict(zip(keys, row, strict=True)) for row in zip(*document.values(), strict=True)
            ]
            return _entries(entries, name)
        if _masses(document):
            return _entries(
                [
                    {"mass": mass, **entry}
                    if isinstance(entry, Mapping)
                    else [mass, *(entry if isinstance(entry, list) else [entry])]
                    for mass, entry in document.items()
                ],
                name,
            )
    if isinstance(document, list) and document:
        return _entries(document, name)
    raise CrossSectionError(f"{name} holds no table of cross sections: {SHAPES}.")


def _masses(document: Mapping[str, Any]) -> bool:
    return bool(document) and all(is_number(key) for key in document)


def _entries(entries: Sequence[Any], name: str) -> tuple[list[str], list[Cells]]:
    if all(isinstance(entry, Mapping) for entry in entries):
        keys = list(dict.fromkeys(key for entry in entries for key in entry))
        rows: list[Sequence[Any]] = [[entry.get(key) for key in keys] for entry in entries]
    elif all(isinstance(entry, list) for entry in entries):
        keys, rows = [], list(entries)
    else:
        raise CrossSectionError(f"{name} holds no table of cross sections: {SHAPES}.")
    lines = [
        Cells(f"entry {number}", tuple("" if cell is None else str(cell) for cell in row))
        for number, row in enumerate(rows, 1)
    ]
    return keys, lines
