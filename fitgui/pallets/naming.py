"""Short names for people, from the paths of files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from fitgui.pallets.reading.unpacking import INSIDE

_GENERIC = re.compile(
    r"(?i)^(bkg|bg|background|only|bkgonly|bgonly|backgroundonly|workspaces?|ws|likelihoods?|json|patch(es|sets?)?"
    r"|signals?|model|hepdata|full)$"
)
_ENDINGS = (".json", ".tar.gz", ".tar.xz", ".tar.bz2", ".tgz", ".txz", ".tar", ".zip", ".gz", ".xz")
_TOKENS = re.compile(r"[_\-. ]+")
_DIGITS = re.compile(r"(\d+)")


def stem(path: str) -> str:
    """The last part of a path without endings: ``a/x.json.tgz`` gives ``x``."""
    name = path.rsplit("/", 1)[-1]
    shortened = True
    while shortened:
        shortened = False
        for ending in _ENDINGS:
            if name.lower().endswith(ending) and len(name) > len(ending):
                name = name[: -len(ending)]
                shortened = True
    return name


def folder(path: str) -> str:
    """The folder or archive in which a file stands; empty at the top."""
    parent = PurePosixPath(path.replace(INSIDE, "/")).parent.as_posix()
    return "" if parent == "." else parent


def telling(name: str) -> str:
    """A name without the words that all pallets use: of ``EWKinos_bkgonly`` that is ``EWKinos``."""
    tokens = _TOKENS.split(name)
    kept = [token for token in tokens if token and not _GENERIC.match(token)]
    if len(kept) == len(tokens):
        return name
    start, end = (name.find(kept[0]), name.rfind(kept[-1]) + len(kept[-1])) if kept else (0, 0)
    inner = name[start:end]
    return inner if len(_TOKENS.split(inner)) == len(kept) else "_".join(kept)


def short_names(paths: Sequence[str]) -> list[str]:
    """A short name for each path, unique among them.

    A single one is called by its file. Several are called by the telling part of their file's name or, where
    that says nothing or the same of several, by their folder, or by both.
    """
    stems = [stem(path) for path in paths]
    told = [telling(name) for name in stems]
    if not paths:
        return []
    if len(paths) == 1:
        return [told[0] or stems[0]]
    folders = _distinct_folders([folder(path) for path in paths])
    for candidates in (
        told,
        folders,
        [_join(place, name) for place, name in zip(folders, told, strict=True)],
        [_join(place, name) for place, name in zip(folders, stems, strict=True)],
    ):
        if all(candidates) and len(set(candidates)) == len(candidates):
            return list(candidates)
    return unique([_join(place, name) for place, name in zip(folders, stems, strict=True)])


def unique(names: Sequence[str]) -> list[str]:
    """The names, those that occurred before with ``_2``, ``_3`` and so on after them."""
    taken = set(names)
    next_number: dict[str, int] = {}
    made = []
    for name in names:
        candidate = name
        if name in next_number:
            number = next_number[name]
            while (candidate := f"{name}_{number}") in taken:
                number += 1
            next_number[name] = number + 1
            taken.add(candidate)
        else:
            next_number[name] = 2
        made.append(candidate)
    return made


def _distinct_folders(folders: Sequence[str]) -> list[str]:
    """The folders without the parts that all of them share at the beginning and at the end."""
    parts = [place.split("/") if place else [] for place in folders]
    while all(parts) and len({part[0] for part in parts}) == 1:
        parts = [part[1:] for part in parts]
    while all(parts) and len({part[-1] for part in parts}) == 1:
        parts = [part[:-1] for part in parts]
    return ["_".join(stem(piece) for piece in part) for part in parts]


def _join(place: str, name: str) -> str:
    return f"{place}_{name}" if place and name and place != name else place or name


def natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """A key that sorts ``x_2`` before ``x_10``."""
    return tuple(
        (0, int(part)) if part.isdigit() and part.isascii() else (1, part)
        for part in _DIGITS.split(text)
        if part
    )
