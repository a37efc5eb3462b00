"""What readers of all tools share: texts from bytes, numbers, names of points, regions, each once."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.model import RegionYield, SignalError

MOST_REGIONS = 10_000
"""Of one model point; the finest published search has some hundred bins."""
LONGEST_LINE = 100_000
_SHOWN = 4
NUMBER = re.compile(r"[-+−]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eEdD][-+−]?[0-9]+)?")
"""As programs and people write finite numbers."""
_NONE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_ENDINGS = re.compile(r"(\.(txt|csv|tsv|dat|saf|json|py|out|log|embaked|md))+$", re.IGNORECASE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PARTS = re.compile(r"[0-9]{1,18}|[^0-9]+")
_SAME = 1e-9
"""Relative difference up to which a number that is written twice is the same."""


def decoded(data: str | bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """A text from its bytes.

    Args:
        data: UTF-8 or UTF-16, with a byte order mark or (UTF-8) without; else it is taken for Windows-1252.
        name: Of the file, for sentences.

    Returns:
        The text with a line feed between its lines and without colours of a terminal; and what a reader
        should know of its encoding.

    Raises:
        SignalError: if it is no text.
    """
    notes: tuple[str, ...] = ()
    if isinstance(data, str):
        text = data
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise SignalError(
                f"{name} is damaged: it begins as UTF-16 text and does not go on so."
            ) from error
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
            notes = (
                f"{name} is not in UTF-8 and was read as Windows-1252: look at names that have other "
                "letters than "
                "English ones.",
            )
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):
        raise SignalError(f"{name} is a binary file, not a text file with yields: save the table as CSV.")
    return _COLOURS.sub("", text), notes


def lines_of(text: str, name: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, from 1.

    Raises:
        SignalError: if a line is longer than any table has.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise SignalError(
                f"{name}, line {number}: it is longer than {LONGEST_LINE} letters, as no table's is."
            )
        yield number, line


def head(text: str, letters: int = 20_000) -> str:
    """What is enough to recognise a text."""
    return text[:letters]


def number(text: str) -> float | None:
    """The number that a cell holds, perhaps infinite or NaN; ``None`` if it holds something else."""
    text = text.strip()
    if NUMBER.fullmatch(text):
        return float(text.replace("−", "-").lower().replace("d", "e"))
    return float(text) if _NONE.fullmatch(text) else None


def finite(text: str, region: str, where: str) -> float:
    """The value of a region.

    Args:
        text: As the file has it.
        region: Its name.
        where: The file and the line, for the sentence.

    Raises:
        SignalError: if it is no finite number.
    """
    value = number(text)
    if value is None:
        raise SignalError(
            f"{where}: region {shown(region, 80)} has {shown(text, 40) or 'nothing'!r} where a number "
            "should be."
        )
    if not math.isfinite(value):
        raise SignalError(
            f"{where}: region {shown(region, 80)} has no number ({text.strip()}): leave the region out, "
            "or look into "
            "why the tool found none (often no event was read at all)."
        )
    return value


def uncertainty(text: str | None) -> float | None:
    """An uncertainty; ``None`` where it is no finite number, or below zero."""
    value = None if text is None else number(text)
    return value if value is not None and math.isfinite(value) and value >= 0 else None


def stem(name: str) -> str:
    """The name of a file without folders and endings: what a point is called where nothing else tells."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return shown(_ENDINGS.sub("", last) or last or "point", 200)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """To sort names as people do: ``m_90`` before ``m_100``."""
    return tuple((0, int(part), part) if part.isdigit() else (1, 0, part) for part in _PARTS.findall(name))


def listed(names: Iterable[str]) -> str:
    """Names as a sentence has them: the first few, and how many more."""
    each = [shown(name, 80) for name in names]
    more = len(each) - _SHOWN
    return ", ".join(each[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


class Regions:
    """Gathers the regions of one point, in order of appearance."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: dict[str, RegionYield] = {}
        self.repeated: list[str] = []
        """Names that were there before, with the same numbers."""

    def add(self, region: RegionYield, where: str) -> None:
        """One more.

        Args:
            region: What was read.
            where: The file and the line, for sentences.

        Raises:
            SignalError: if the name was there before with another number, or there are too many.
        """
        before = self._found.get(region.region)
        if before is None:
            if len(self._found) >= MOST_REGIONS:
                raise SignalError(f"{self._name} has more than {MOST_REGIONS} regions, which no search has.")
            self._found[region.region] = region
        elif math.isclose(before.value, region.value, rel_tol=_SAME, abs_tol=0.0):
            self.repeated.append(region.region)
        else:
            raise SignalError(
                f"{where}: region {shown(region.region, 80)} is there for the second time, with another "
                "number "
                f"({before.value:g}, now {region.value:g}): keep the one that counts."
            )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of repeated regions."""
        if not self.repeated:
            return ()
        names = listed(dict.fromkeys(self.repeated))
        return (f"{self._name} lists {names} more than once, with the same numbers; each counts once.",)

    def tuple(self) -> tuple[RegionYield, ...]:
        """All of them."""
        return tuple(self._found.values())

    def __len__(self) -> int:
        return len(self._found)
