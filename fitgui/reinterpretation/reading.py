"""From a file or a folder to signal yields; what wrote it is recognised by its content, not by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.analysis_numbers import numbers_in
from fitgui.reinterpretation.formats.documents import plain_json
from fitgui.reinterpretation.formats.folders.folders import Heard, read_folder
from fitgui.reinterpretation.formats.not_yields import what_else
from fitgui.reinterpretation.formats.tables import plain_csv
from fitgui.reinterpretation.formats.texts import decoded
from fitgui.reinterpretation.formats.tools import checkmate, madanalysis, pyhf_patch, simpleanalysis, smodels
from fitgui.reinterpretation.model import Imported, SignalError, Target

LARGEST = 256 << 20
"""Bytes of a file; the largest published patch set has 57 MB."""
LARGEST_TEXT = 64 << 20
"""Bytes of a table."""

TOOLS = {
    "simpleanalysis": "SimpleAnalysis",
    "checkmate": "CheckMATE",
    "madanalysis": "MadAnalysis 5",
    "smodels": "SModels",
    "pyhf": "pyhf patch or patch set",
    "json": "JSON",
    "csv": "CSV",
}
"""What can be read, in the order in which it is looked for, with what it is called in sentences."""

_PLAIN = ("json", "csv", None)
"""What a file may be taken for that no tool wrote."""
_Read = Callable[[str | bytes, str], tuple[Imported, ...]]
_LooksLike = Callable[[str | bytes, str], bool]


@dataclass(frozen=True, slots=True)
class _Reader:
    looks_like: _LooksLike
    read: _Read
    raw: bool = False
    """Whether it wants bytes: for files too large to be decoded twice."""


def read_signals(
    source: Path | tuple[str, str | bytes],
    *,
    tool: str | None = None,
    target: Target | None = None,
    heard: Heard | None = None,
) -> tuple[Imported, ...]:
    """Read signal yields.

    Args:
        source: A file, a folder with one output for each model point, or a name and what a file of that
            name would hold.
        tool: What wrote it, one of :data:`TOOLS`; ``None`` has it recognised by content.
        target: The analysis that the signal is for. Patches can be read with it only; tables use the names
            of its channels to tell regions from parameters.
        heard: Is told how many files of a folder have been read, and how many there are.

    Returns:
        One for each analysis in the file, with its model points; units are as the tool has them
        (:func:`fitgui.reinterpretation.normalising.to_events` makes them events).

    Raises:
        SignalError: if it cannot be read: what is wrong, where, what to do.
    """
    if tool is not None and tool not in TOOLS:
        raise SignalError(f"There is no format called {shown(tool, 40)}: take one of {', '.join(TOOLS)}.")
    readers = _readers(target)
    if isinstance(source, tuple):
        name, content = source
        return _named(_read(shown(name, 200), content, tool, readers), name)
    name = shown(source.name or str(source), 200)
    try:
        if source.is_dir():
            return read_folder(
                source,
                lambda name, data: _recognised(name, data, [tool] if tool else TOOLS, readers),
                partial(_read_as, readers=readers),
                heard=heard,
            )
        size = source.stat().st_size
        if size > LARGEST:
            raise SignalError(
                f"{name} has {size >> 20} MB, and no file with yields has more than {LARGEST >> 20}."
            )
        content = source.read_bytes()
    except OSError as error:
        raise SignalError(f"{name} cannot be read: {error.strerror or error}.") from error
    return _named(_read(name, content, tool, readers), name)


def _named(found: tuple[Imported, ...], name: str) -> tuple[Imported, ...]:
    """With the number of the analysis that the name of the file tells, where the file itself does not."""
    numbers = ", ".join(numbers_in(name))
    return tuple(replace(each, analysis=each.analysis or numbers) for each in found) if numbers else found


def recognise(name: str, content: str | bytes) -> str | None:
    """What wrote a file, one of :data:`TOOLS`; ``None`` if nothing that is known.

    Args:
        name: Of the file; it does not decide.
        content: Of the file.
    """
    return _recognised(name, content, TOOLS, _readers(None))


def _readers(target: Target | None) -> dict[str, _Reader]:
    regions: list[str] = []
    labels: tuple[str, ...] = ()
    if target is not None:
        regions = [channel.name for channel in target.channels]
        regions += [target.text(place) for place in target.bins()]
        labels = target.analysis.labels
    return {
        "simpleanalysis": _Reader(simpleanalysis.looks_like, simpleanalysis.read),
        "checkmate": _Reader(checkmate.looks_like, checkmate.read),
        "madanalysis": _Reader(madanalysis.looks_like, madanalysis.read),
        "smodels": _Reader(smodels.looks_like, smodels.read),
        "pyhf": _Reader(pyhf_patch.looks_like, partial(pyhf_patch.read, target=target), raw=True),
        "json": _Reader(plain_json.looks_like, plain_json.read),
        "csv": _Reader(plain_csv.looks_like, partial(plain_csv.read, known_regions=regions, labels=labels)),
    }


def _read(
    name: str, content: str | bytes, tool: str | None, readers: dict[str, _Reader]
) -> tuple[Imported, ...]:
    if not content.strip():
        raise SignalError(f"{name} is empty.")
    if isinstance(content, bytes) and (else_is := what_else(content, name)):
        raise SignalError(else_is)
    if tool is not None:
        return _read_explicit(name, content, tool, readers)
    found = _recognised(name, content, TOOLS, readers)
    if found in _PLAIN and smodels.leaves_open(content, name):
        raise SignalError(
            f"{name} does not say whether its numbers are events or efficiencies: write events as JSON "
            "(names in double quotes), or a line '# efficiencies' above."
        )
    if found is None:
        raise SignalError(
            f"{name} holds no yields that fitgui can read: it reads tables (CSV, JSON, or pasted from a "
            "spreadsheet), output of SimpleAnalysis, CheckMATE (total_results.txt), MadAnalysis 5 "
            "(CLs_output.dat, SAF cut-flows) and SModels, pyhf patches and patch sets."
        )
    return _read_as(found, name, content, readers)


def _read_explicit(
    name: str, content: str | bytes, tool: str, readers: dict[str, _Reader]
) -> tuple[Imported, ...]:
    try:
        return _read_as(tool, name, content, readers)
    except SignalError as error:
        found = _recognised(name, content, TOOLS, readers)
        if found is None or found == tool:
            raise
        raise SignalError(
            f"{name} is not of the format {TOOLS[tool]} that was asked for, but looks like "
            f"{TOOLS[found]}: {error}"
        ) from error


def _recognised(
    name: str, content: str | bytes, tools: Iterable[str], readers: dict[str, _Reader]
) -> str | None:
    """Which of the tools wrote it."""
    if isinstance(content, bytes) and what_else(content, name):
        return None
    text: str | None = None
    for tool in tools:
        reader = readers[tool]
        if reader.raw:
            if reader.looks_like(content, name):
                return tool
            continue
        if text is None:
            try:
                text = _text(name, content)[0]
            except SignalError:
                text = ""
        if text and reader.looks_like(text, name):
            return tool
    return None


def _read_as(tool: str, name: str, content: str | bytes, readers: dict[str, _Reader]) -> tuple[Imported, ...]:
    reader = readers[tool]
    if reader.raw:
        return reader.read(content, name)
    text, notes = _text(name, content)
    found = reader.read(text, name)
    return tuple(replace(each, notes=(*notes, *each.notes)) for each in found) if notes else found


def _text(name: str, content: str | bytes) -> tuple[str, tuple[str, ...]]:
    if len(content) > LARGEST_TEXT:
        raise SignalError(
            f"{name} has {len(content) >> 20} MB, and no table of yields has more than {LARGEST_TEXT >> 20}."
        )
    return decoded(content, name)
