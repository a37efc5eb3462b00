"""Predicted cross sections against mass: from a file, and in between its masses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fitgui.exclusion.cross_section_json import rows_of_json
from fitgui.exclusion.cross_section_rows import CrossSectionError, Row
from fitgui.exclusion.cross_section_text import rows_of_text
from fitgui.exclusion.model import Floats

__all__ = ["CrossSectionError", "CrossSections", "parse_cross_sections", "read_cross_sections"]

LARGEST_FILE = 4_000_000
"""Bytes; a table of cross sections has some kilobytes."""
LARGEST_TABLE = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class CrossSections:
    """Cross sections against mass, by mass."""

    name: str
    """Of the file."""
    masses: Floats
    """In GeV, strictly ascending, shape (k,)."""
    values: Floats
    """In pb, above 0, shape (k,)."""
    up: Floats
    """Uncertainty upwards relative to the value, shape (k,)."""
    down: Floats
    """Downwards, below 1, shape (k,)."""
    unit: str = "pb"
    """In which the file has them."""

    def at(self, masses: Floats) -> tuple[Floats, Floats, Floats]:
        """Cross sections and their band of one standard deviation, in pb.

        Between two masses the logarithm of the cross section and the relative uncertainties are interpolated
        linearly; outside of the table there is NaN, never an extrapolation.

        Args:
            masses: in GeV, any shape.

        Returns:
            The value, and the lower and the upper edge, each of that shape.
        """
        central = np.exp(np.interp(masses, self.masses, np.log(self.values), left=np.nan, right=np.nan))
        # What the table says itself is given back as it stands, without the rounding of the logarithm.
        place = np.clip(np.searchsorted(self.masses, masses), 0, self.masses.size - 1)
        central = np.where(self.masses[place] == masses, self.values[place], central)
        up = np.interp(masses, self.masses, self.up)
        down = np.interp(masses, self.masses, self.down)
        return central, central * (1.0 - down), central * (1.0 + up)

    @property
    def uncertain(self) -> bool:
        """Whether the file gives an uncertainty anywhere."""
        return bool(np.any(self.up > 0) or np.any(self.down > 0))


def read_cross_sections(path: Path) -> CrossSections:
    """Read a table of mass, cross section and uncertainty from a file.

    Raises:
        CrossSectionError: if it is none.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST_FILE else b""
    except OSError as error:
        reason = error.strerror or str(error)
        raise CrossSectionError(f"The cross sections {path} cannot be read: {reason}.") from None
    if size > LARGEST_FILE:
        raise CrossSectionError(
            f"{path.name} has {size / 1e6:.1f} MB: that is no table of cross sections. "
            "Choose a text file of mass, cross section and uncertainty."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\0" in text:
        raise CrossSectionError(
            f"{path.name} is not a text file. Choose a table of mass, cross section and uncertainty as CSV, "
            "text or JSON."
        )
    return parse_cross_sections(text, path.name)


def parse_cross_sections(text: str, name: str) -> CrossSections:
    """Read a table of mass, cross section and uncertainty: CSV, columns of text, or JSON.

    Args:
        text: of the file.
        name: of the file, for what is said about it.

    Raises:
        CrossSectionError: if it is none.
    """
    start = text.lstrip()[:1]
    rows, unit = rows_of_json(text, name) if start in ("{", "[") else rows_of_text(text, name)
    return table_of(rows, name, unit)


def table_of(rows: list[Row], name: str, unit: str) -> CrossSections:
    """Put rows, in any order, into a table.

    Raises:
        CrossSectionError: if a number is impossible, or a mass has two cross sections.
    """
    if not rows:
        raise CrossSectionError(
            f"{name} has no row of numbers. A table of cross sections has a mass in GeV, a cross section in "
            "pb and, if known, its uncertainty in every line."
        )
    if len(rows) > LARGEST_TABLE:
        raise CrossSectionError(f"{name} has {len(rows)} rows: that is no table of cross sections.")
    by_mass: dict[float, Row] = {}
    for row in rows:
        _check(row, name)
        if by_mass.setdefault(row.mass, row) != row:
            raise CrossSectionError(
                f"{name} gives two cross sections for {row.mass:g} GeV: keep one of these lines."
            )
    ordered = [by_mass[mass] for mass in sorted(by_mass)]
    values = np.array([row.value for row in ordered])
    return CrossSections(
        name,
        np.array([row.mass for row in ordered]),
        values,
        np.array([row.up for row in ordered]) / values,
        np.array([row.down for row in ordered]) / values,
        unit,
    )


def _check(row: Row, name: str) -> None:
    if not all(map(np.isfinite, (row.mass, row.value, row.up, row.down))):
        raise CrossSectionError(f"{name} has a number that is not finite at the mass {row.mass:g} GeV.")
    if row.mass < 0:
        raise CrossSectionError(f"{name} has the mass {row.mass:g} GeV: masses are not negative.")
    if row.value <= 0:
        raise CrossSectionError(
            f"{name} has the cross section {row.value:g} pb at {row.mass:g} GeV: it has to be above 0."
        )
    if row.down >= row.value:
        raise CrossSectionError(
            f"{name} has an uncertainty at {row.mass:g} GeV that is as large as the cross section: if it is "
            "in percent, say so with % in the heading of its column."
        )
