"""What a part of the page holds, and how it is written as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.benchmarks.harness import Row


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as they are shown; all columns but the first are figures."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> list[str]:
        """The lines of the table."""
        ruler = ["---" if self._is_text(column) else "---:" for column in range(len(self.header))]
        return [f"| {' | '.join(cells)} |" for cells in (self.header, ruler, *self.rows)]

    def _is_text(self, column: int) -> bool:
        cells = [row[column] for row in self.rows if row[column]]
        return column == 0 or any(len(cell) > 30 for cell in cells)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page."""

    title: str
    text: str
    """What it means for a user, before the tables."""
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    """After the tables, as a list."""
    series: Mapping[str, Any] = field(default_factory=dict)
    """Plain numbers for the picture."""

    def markdown(self) -> list[str]:
        """The lines of the section."""
        lines = [f"## {self.title}", "", self.text]
        for table in self.tables:
            lines += ["", *table.markdown()]
        if self.notes:
            lines += ["", *(f"- {note}" for note in self.notes)]
        return lines

    def stored(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> Section:
        """From what :meth:`stored` gave, after a journey through JSON."""
        tables = [
            Table(tuple(table["header"]), tuple(tuple(row) for row in table["rows"]))
            for table in stored["tables"]
        ]
        return cls(stored["title"], stored["text"], tuple(tables), tuple(stored["notes"]), stored["series"])


def timings(rows: Sequence[Row]) -> Table:
    """Medians and ranges; a budget that is missed is marked."""
    with_budget = any(row.budget is not None for row in rows)
    with_notes = any(row.note or _missed(row) for row in rows)
    header = ["", "median", "range", *(["budget"] if with_budget else []), *([""] if with_notes else [])]
    lines = []
    for row in rows:
        extent = f"{plain(min(row.values))} – {quantity(max(row.values), row.unit)}"
        cells = [row.what, quantity(row.median, row.unit), extent if len(row.values) > 1 else ""]
        if with_budget:
            cells.append("" if row.budget is None else quantity(row.budget, row.unit))
        if with_notes:
            cells.append("; ".join(part for part in ("**missed**" if _missed(row) else "", row.note) if part))
        lines.append(tuple(cells))
    return Table(tuple(header), tuple(lines))


def quantity(value: float, unit: str) -> str:
    """A figure with three digits and its unit."""
    return f"{plain(value)} {unit}"


def plain(value: float) -> str:
    """A figure with three digits, never in powers of ten."""
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1000 else f"{value:,.0f}" if value else "0"


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, whichever is read easily."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2.0 * size:
            return quantity(seconds / size, unit)
    return quantity(seconds, "s") if seconds >= 1.0 else quantity(1000.0 * seconds, "ms")


def _missed(row: Row) -> bool:
    return row.budget is not None and row.median > row.budget
