"""What comments of a table state: ``# luminosity: 139 fb-1``, ``# unit: fb``, ``# parameters: m1``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.analysis_numbers import numbers_in
from fitgui.reinterpretation.formats.tables.splitting import Comment
from fitgui.reinterpretation.model import Quantity, SignalError
from fitgui.reinterpretation.units import cross_section, femtobarns, luminosities_in, luminosity

_KEYS = {
    "luminosity": ("luminosity", "lumi", "integrated luminosity", "int lumi"),
    "cross section": ("cross section", "cross-section", "crosssection", "xsec", "xs", "sigma", "σ"),
    "unit": ("unit", "units", "quantity"),
    "parameters": ("parameters", "parameter", "params"),
    "regions": ("regions", "signal regions"),
    "name": ("name", "model", "point", "model point"),
    "analysis": ("analysis",),
}
_MEANING = {word: key for key, words in _KEYS.items() for word in words}
_STATEMENT = re.compile(r"([A-Za-zσ_ -]+?)\s*[:=]\s*(.+)")
_QUANTITIES = {
    **dict.fromkeys(("events", "event", "yields", "yield", "number of events"), (Quantity.EVENTS, 1.0)),
    **dict.fromkeys(
        (
            "efficiency",
            "efficiencies",
            "acceptance",
            "acceptance x efficiency",
            "acceptance times efficiency",
        ),
        (Quantity.EFFICIENCY, 1.0),
    ),
    **dict.fromkeys(("percent", "%"), (Quantity.EFFICIENCY, 0.01)),
}
_NO_UNIT = re.compile(r"\blumi(?:nosity)?\s*[:=]?\s*([0-9][0-9.,]*)\s*$", re.IGNORECASE)
_EXAMPLE = re.compile(r"'[^']*'|\"[^\"]*\"")
"""What stands in quotation marks says how a line could look, as in our templates."""
_SAME_LUMINOSITY = 1e-3
"""Relative: what differs less was rounded differently."""
_DECIMAL_COMMA = re.compile(r"([0-9]),([0-9])")


@dataclass(frozen=True, slots=True)
class Said:
    """What the comments of a file state."""

    luminosity_fb: float | None = None
    cross_section_fb: float | None = None
    quantity: Quantity | None = None
    factor: float = 1.0
    """From the unit that the file states to the one that is kept."""
    parameters: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    name: str = ""
    analysis: str = ""
    notes: tuple[str, ...] = ()
    """What was taken from words that are no such statement."""


def quantity_of(text: str) -> tuple[Quantity, float] | None:
    """What numbers are by a word (``efficiency``, ``pb``), and the factor to the unit that is kept."""
    plain = text.strip().lower()
    if (found := _QUANTITIES.get(plain)) is not None:
        return found
    factor = femtobarns(text.strip())
    return None if factor is None else (Quantity.CROSS_SECTION, factor)


def states_unit(comments: Iterable[Comment]) -> bool:
    """Whether a comment says what the numbers of a table are, as in our templates."""
    found = (_STATEMENT.fullmatch(comment.text) for comment in comments)
    return any(one is not None and _MEANING.get(one.group(1).strip().lower()) == "unit" for one in found)


def said_by(
    comments: Iterable[Comment],
    name: str,
    *,
    headings: Iterable[Comment] = (),
    decimal_comma: bool = False,
) -> Said:
    """What comments state.

    A luminosity and the number of an analysis are also taken from other words (``# yields at 36.1/fb``): if
    they are not those of the target, no other line may tell.

    Args:
        comments: of the file.
        name: of the file.
        headings: of its columns, which may speak of a luminosity, too.
        decimal_comma: whether its numbers have one.

    Raises:
        SignalError: if a unit is missing or unknown, or two lines state different things.
    """
    comments = list(comments)
    said = _stated(comments, name, decimal_comma=decimal_comma)
    if not said.analysis:
        numbers = dict.fromkeys(number for comment in comments for number in numbers_in(comment.text))
        said = replace(said, analysis=", ".join(numbers))
    return said if said.luminosity_fb is not None else _with_spoken(said, [*comments, *headings], name)


def without_luminosity(heading: str) -> str:
    """A heading without the luminosity that it speaks of: ``yield`` of ``yield @ 36.1 fb-1``."""
    found = luminosities_in(heading)
    if not found:
        return heading
    for _value, part in found:
        heading = heading.replace(part, "")
    return re.sub(r"[\s,;@]*(?:\bat|\bfor|\bL\s*=)?\s*[\[(]?\s*[\])]?\s*$", "", heading)


def spoken_luminosity(texts: Iterable[tuple[str, str]], name: str, remedy: str) -> tuple[float, str] | None:
    """The only luminosity that texts speak of.

    Args:
        texts: where each stands (``line 3``), and what it says.
        name: of the file.
        remedy: what states it beyond doubt.

    Returns:
        In 1/fb, and the words that say it.

    Raises:
        SignalError: if there are different ones, or one has no unit.
    """
    found: list[tuple[float, str, str]] = []
    for where, written in texts:
        text = _EXAMPLE.sub(" ", written)
        try:
            found += [(value, part, where) for value, part in luminosities_in(text)]
        except SignalError as error:
            raise SignalError(f"{name}, {where}: {error}") from error
        if bare := _NO_UNIT.search(text):
            raise SignalError(
                f"{name}, {where}: the luminosity {bare.group(1)} has no unit: write {remedy} with its own"
            )
    if not found:
        return None
    first, words, where = found[0]
    for value, others, there in found[1:]:
        if abs(value - first) > _SAME_LUMINOSITY * first:
            raise SignalError(
                f"{name}: it speaks of '{shown(words, 40)}' ({where}) and of '{shown(others, 40)}' "
                f"({there}): write {remedy} with the luminosity that the numbers are for"
            )
    return first, words


def _with_spoken(said: Said, comments: Iterable[Comment], name: str) -> Said:
    texts = ((f"line {comment.number}", comment.text) for comment in comments)
    found = spoken_luminosity(texts, name, "a line '# luminosity: 139 fb-1'")
    if found is None:
        return said
    note = f"{name}: '{shown(found[1], 40)}' is taken for the luminosity that the numbers are for"
    return replace(said, luminosity_fb=found[0], notes=(*said.notes, note))


def _stated(comments: Iterable[Comment], name: str, *, decimal_comma: bool) -> Said:
    said = Said()
    seen: dict[str, tuple[str, int]] = {}
    for comment in comments:
        found = _STATEMENT.fullmatch(comment.text)
        key = _MEANING.get(found.group(1).strip().lower().replace("_", " ")) if found else None
        if found is None or key is None:
            continue
        value = found.group(2).strip()
        if key in seen and seen[key][0] != value:
            raise SignalError(
                f"{name}: line {seen[key][1]} states the {key} as '{shown(seen[key][0], 40)}', and line "
                f"{comment.number} as '{shown(value, 40)}': remove one"
            )
        seen[key] = (value, comment.number)
        try:
            said = _with(said, key, _DECIMAL_COMMA.sub(r"\1.\2", value) if decimal_comma else value)
        except SignalError as error:
            raise SignalError(f"{name}, line {comment.number}: {error}") from error
    return said


def _with(said: Said, key: str, value: str) -> Said:
    if key in ("luminosity", "cross section") and not re.match(r"[-+.0-9]", value):
        return said  # words, for people
    if key == "luminosity":
        return replace(said, luminosity_fb=luminosity(value))
    if key == "cross section":
        return replace(said, cross_section_fb=cross_section(value))
    if key == "unit":
        found = quantity_of(value)
        if found is None:
            raise SignalError(
                f"the unit '{shown(value, 40)}' is not known: write 'events', 'efficiency', 'fb' or 'pb'"
            )
        return replace(said, quantity=found[0], factor=found[1])
    if key in ("parameters", "regions"):
        names = tuple(part for part in re.split(r"\s*[,;\t]\s*", value) if part)
        if len(names) == 1:
            names = tuple(value.split())
        return replace(said, parameters=names) if key == "parameters" else replace(said, regions=names)
    return replace(said, name=value) if key == "name" else replace(said, analysis=value)
