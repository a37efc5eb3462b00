"""Coordinates read off the names of signal points, where nothing better was published.

``sbottom_1300_850_60`` is the point (1300, 850, 60); ``ERJR_300p0_100p0`` is (300, 100), ``p`` being the
decimal point; ``brZ_60_brH_20_mass_500`` names its coordinates itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from fitgui.pallets.model import Coordinate

_NUMBER = re.compile(r"^(?P<value>\d{1,12}(?:[p.]\d{1,12})?)(?P<unit>TeV|GeV|MeV|ns|ps|mm|cm)?$")
_LETTERS_NUMBER = re.compile(r"^(?P<label>[A-Za-z]+)(?P<value>\d{1,12}(?:[p.]\d{1,12})?)$")
_WORD = re.compile(r"^[A-Za-z][A-Za-z0-9]*$")
_SEPARATORS = (re.compile(r"[_\s,;=]+"), re.compile(r"[-_\s,;=]+"))
_MOST = 8
"""Coordinates; the largest number published is seven."""


def coordinates_from_names(names: Sequence[str]) -> tuple[tuple[str, ...], list[dict[str, Coordinate]]]:
    """Read coordinates off the names of the points of one patch set.

    The names are split at ``_``. What is a number in the same places of most names is a coordinate, unless it
    never changes and a word stands between it and those that do (the ``2018`` in
    ``SUSY_2018_31_sbottom_1300_850_60``). Where each number has a word of its own before it, these words are
    the labels, else ``x1``, ``x2`` and so on.

    Args:
        names: The names, without the ending of a file.

    Returns:
        The labels and, in the order of the names, the coordinates of each; points whose name does not fit to
        the majority have none. No labels if no more than half of the names fit together.
    """
    for separators in _SEPARATORS:
        split = [tuple(part for part in separators.split(name) if part) for name in names]
        labels, values = _from_tokens(split)
        if labels:
            return labels, values
    return (), [{} for _ in names]


def _from_tokens(split: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], list[dict[str, Coordinate]]]:
    shapes = [_runs(tokens) for tokens in split]
    # Points of several models in one set (GG_..., SS_...) differ in words, not in how many numbers end the
    # name.
    signature = Counter(len(run) for run in shapes if run).most_common(1)
    if not signature:
        return _attached(split)
    size, count = signature[0]
    if 2 * count <= len(split) or size > _MOST:
        return (), []
    fitting = [run if len(run) == size else () for run in shapes]
    kept = _kept([run for run in fitting if run], split, fitting)
    labels = _labels(split, fitting, kept)
    return labels, [
        {label: _number(tokens[run[column]]) for label, column in zip(labels, kept, strict=True)}
        if run
        else {}
        for tokens, run in zip(split, fitting, strict=True)
    ]


def _runs(tokens: tuple[str, ...]) -> tuple[int, ...]:
    """Where the numbers stand."""
    return tuple(index for index, token in enumerate(tokens) if _NUMBER.match(token))


def _kept(
    runs: Sequence[tuple[int, ...]], split: Sequence[tuple[str, ...]], fitting: Sequence[tuple[int, ...]]
) -> tuple[int, ...]:
    """Which of the numbers are coordinates."""
    size = len(runs[0])
    rows = [(tokens, run) for tokens, run in zip(split, fitting, strict=True) if run]
    varies = [len({tokens[run[column]] for tokens, run in rows}) > 1 for column in range(size)]
    if all(_own_words(tokens, run) for tokens, run in rows):
        return tuple(range(size))
    run = rows[0][1]
    groups: list[list[int]] = []
    for column in range(size):
        if groups and run[column] == run[column - 1] + 1:
            groups[-1].append(column)
        else:
            groups.append([column])
    chosen = [group for group in groups if any(varies[column] for column in group)]
    if not chosen and len({tokens for tokens, _ in rows}) == 1:  # one point alone: nothing tells what varies
        chosen = groups[-1:]
    return tuple(column for group in chosen for column in group)


def _own_words(tokens: tuple[str, ...], run: tuple[int, ...]) -> bool:
    """Whether there are several numbers and each has its own word directly before it."""
    words = [tokens[index - 1] for index in run if index > 0]
    return (
        len(run) > 1
        and len(set(words)) == len(run)
        and all(_WORD.match(word) and not _NUMBER.match(word) for word in words)
    )


def _labels(
    split: Sequence[tuple[str, ...]], fitting: Sequence[tuple[int, ...]], kept: tuple[int, ...]
) -> tuple[str, ...]:
    rows = [(tokens, run) for tokens, run in zip(split, fitting, strict=True) if run]
    if all(_own_words(tokens, run) for tokens, run in rows):
        words = {tuple(tokens[run[column] - 1] for column in kept) for tokens, run in rows}
        if len(words) == 1:
            return words.pop()
    return tuple(f"x{number}" for number in range(1, len(kept) + 1))


def _attached(split: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], list[dict[str, Coordinate]]]:
    """``mX500_mY100``: letters and digits in one token, the letters alike in all names and the digits not."""
    if len({len(tokens) for tokens in split}) != 1 or len(split) < 2:
        return (), []
    found: list[tuple[str, int]] = []
    for index in range(len(split[0])):
        matches = [_LETTERS_NUMBER.match(tokens[index]) for tokens in split]
        names = {match["label"] if match else None for match in matches}
        if len(names) == 1 and None not in names and len({tokens[index] for tokens in split}) > 1:
            label = names.pop()
            if label is not None:
                found.append((label, index))
    if not found or len(found) > _MOST or len({label for label, _ in found}) != len(found):
        return (), []
    values: list[dict[str, Coordinate]] = [
        {label: _number(tokens[index][len(label) :]) for label, index in found} for tokens in split
    ]
    return tuple(label for label, _ in found), values


def _number(token: str) -> float:
    match = _NUMBER.match(token)
    return float(match["value"].replace("p", ".")) if match else float("nan")


def from_published(
    labels: Sequence[str], rows: Sequence[Sequence[object]]
) -> tuple[tuple[str, ...], list[dict[str, Coordinate]], list[int]]:
    """Coordinates from the ``labels`` and ``values`` of a patch set.

    Args:
        labels: As published; may be too few.
        rows: The values of each point, as published.

    Returns:
        The labels (made unique, completed with ``x3`` and so on where values have none), the coordinates of
        each point, and the indices of the points whose number of values is not that of the labels.
    """
    width = max(map(len, rows), default=0)
    names: list[str] = []
    for number in range(1, max(width, len(labels)) + 1):
        name = labels[number - 1] if number <= len(labels) and labels[number - 1] else f"x{number}"
        while name in names:
            name += "_"
        names.append(name)
    if labels and width <= len(labels):
        names = names[: len(labels)]
    numeric = [
        _is_numeric_column([row[column] for row in rows if len(row) > column]) for column in range(len(names))
    ]
    values = [
        {
            name: _coordinate(value, number=numeric[column])
            for column, (name, value) in enumerate(zip(names, row, strict=False))
        }
        for row in rows
    ]
    wrong = [index for index, row in enumerate(rows) if len(row) != len(labels)]
    return (tuple(names) if width else ()), values, wrong


def _is_numeric_column(values: Sequence[object]) -> bool:
    """Numbers, some of them perhaps written as text: then the column is an axis."""
    return bool(values) and all(_as_number(value) is not None for value in values)


def _as_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


def _coordinate(value: object, *, number: bool) -> Coordinate:
    if number:
        converted = _as_number(value)
        if converted is not None:
            return converted
    return float(value) if isinstance(value, float) else str(value)


def same_coordinates(rows: Sequence[Mapping[str, Coordinate]]) -> list[tuple[int, int]]:
    """Pairs of points (first, later) that stand at the same place."""
    seen: dict[tuple[tuple[str, Coordinate], ...], int] = {}
    pairs = []
    for index, row in enumerate(rows):
        key = tuple(row.items())
        if row and seen.setdefault(key, index) != index:
            pairs.append((seen[key], index))
    return pairs
