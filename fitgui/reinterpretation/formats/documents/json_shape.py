"""The documented form of signal yields as JSON, and reading it so that a mistake is named by its place."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import msgspec

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.model import SignalError

SCHEMA = 1


class SystematicJson(msgspec.Struct, forbid_unknown_fields=True):
    """A systematic uncertainty: changes by channel, or ``"12%"`` of every yield."""

    up: dict[str, Any] | str | None = None
    down: dict[str, Any] | str | None = None
    symmetric: dict[str, Any] | str | None = None
    """Instead of ``up`` and ``down``: the same to both sides."""
    correlated: bool = True


class PointJson(msgspec.Struct, forbid_unknown_fields=True):
    """A model point; numbers by channel, a list where a channel has several bins."""

    yields: dict[str, Any]
    name: str = ""
    values: dict[str, float | str | None] = {}
    statistical: dict[str, Any] | str = {}
    systematics: dict[str, SystematicJson] = {}
    simulated: dict[str, Any] = {}
    quantity: str | None = None
    cross_section: str | float | None = None


class FileJson(msgspec.Struct, forbid_unknown_fields=True):
    """A file; ``about`` and ``channels`` are for people."""

    points: list[PointJson]
    schema: int = SCHEMA
    analysis: str = ""
    luminosity: str | float | None = None
    quantity: str | None = None
    cross_section: str | float | None = None
    parameters: list[str] = []
    about: Any = None
    channels: Any = None


def parsed(text: str, name: str) -> Any:
    """A JSON document in which no name stands twice and every number is one.

    Raises:
        SignalError: if it is none.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [key for key, _value in pairs]
            twice = next(key for key in names if names.count(key) > 1)
            raise SignalError(f"{name}: '{shown(twice, 60)}' stands twice in the same object: remove one")
        return found

    def no_number(word: str) -> NoReturn:
        raise SignalError(f"{name}: {word} stands where a number has to be: leave the entry out, or mend it")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=no_number)
    except json.JSONDecodeError as error:
        raise SignalError(
            f"{name} is no valid JSON: {error.msg[:1].lower()}{error.msg[1:]} on line {error.lineno}, column "
            f"{error.colno}"
        ) from error
    except RecursionError as error:
        raise SignalError(f"{name} is nested deeper than any file of yields") from error


def file_of(document: Mapping[str, Any], name: str) -> FileJson:
    """The documented form, whole.

    Args:
        document: with ``points``; or with ``yields``, as one point alone; or channels with their yields.
        name: of the file.

    Raises:
        SignalError: if it has another form; the sentence names the place.
    """
    if "points" not in document:
        own = {"yields", "name", "values", "statistical", "systematics", "simulated"}
        if isinstance(document.get("yields"), dict):
            point = {key: value for key, value in document.items() if key in own}
            document = {key: value for key, value in document.items() if key not in own} | {"points": [point]}
        else:
            document = {"points": [{"yields": dict(document)}]}
    try:
        found = msgspec.convert(document, FileJson)
    except msgspec.ValidationError as error:
        raise SignalError(_sentence(str(error), name)) from error
    if found.schema != SCHEMA:
        raise SignalError(
            f"{name} has schema {found.schema}, and this fitgui reads {SCHEMA}: write the file again, or "
            "update fitgui"
        )
    if not found.points:
        raise SignalError(f"{name} has no model points: 'points' is empty")
    return found


def bins_of(numbers: Mapping[str, Any], place: str, name: str) -> Iterator[tuple[str, Any, str]]:
    """Region, its entry as it stands in the file, and its place; entries that are ``null`` are left out.

    A list of several entries is a channel of several bins, ``channel[0]`` and so on; a list of one is the
    channel.

    Raises:
        SignalError: if a channel has no numbers.
    """
    for channel, entry in numbers.items():
        where = f"{place}.{shown(channel, 60)}"
        if not isinstance(entry, list):
            if entry is not None:
                yield channel, entry, where
            continue
        if not entry:
            raise SignalError(f"{name}, {where}: there are no bins")
        for number, value in enumerate(entry):
            if value is not None:
                yield channel if len(entry) == 1 else f"{channel}[{number}]", value, f"{where}[{number}]"


def number_of(entry: Any, place: str, name: str, percent_of: float | None = None) -> float:
    """A finite number; or, of uncertainties, a text such as ``"12%"``.

    Raises:
        SignalError: if it is none.
    """
    value = math.nan
    if isinstance(entry, int | float) and not isinstance(entry, bool):
        try:
            value = float(entry)
        except OverflowError:
            value = math.inf
    elif isinstance(entry, str) and percent_of is not None and (text := entry.strip()).endswith("%"):
        try:
            value = float(text[:-1]) / 100.0 * percent_of
        except ValueError:
            value = math.nan
    if math.isfinite(value):
        return value
    written = shown(json.dumps(entry), 40)
    hint = ", or a text such as '12%'" if percent_of is not None else ""
    raise SignalError(f"{name}, {place}: a number{hint} has to stand here, and there is {written}")


def _sentence(message: str, name: str) -> str:
    """What msgspec says, with the place first."""
    text, _at, path = message.partition(" - at `$")
    place = path.rstrip("`").lstrip(".").replace("[...]", ".…")
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", text):
        fields = FileJson if not place else SystematicJson if "systematics" in place else PointJson
        known = ", ".join(fields.__struct_fields__)
        text = f"'{shown(unknown.group(1), 60)}' is not known here: there may be {known}"
    elif missing := re.fullmatch(r"Object missing required field `(.*)`", text):
        text = f"'{missing.group(1)}' is missing"
    else:
        text = text.replace("Expected", "expected", 1).replace("`", "'")
    return f"{name}{', ' + place if place else ''}: {text}"
