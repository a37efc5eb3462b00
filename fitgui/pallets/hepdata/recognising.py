"""Which files of a record hold likelihoods: by the type that HEPData gives, else by what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from fitgui.pallets.published import PublishedFile

HISTFACTORY = "HistFactory"
HS3 = "HS3"
WHY_NOT_HS3 = (
    "It is written in HS3, another format than the HistFactory JSON of pyhf, which fitgui does not fit."
)

_ARCHIVES = ("gz", "tgz", "tar", "zip", "xz", "bz2", "json", "jsn")
_ARCHIVE_NAME = re.compile(rf".+\.(?:{'|'.join(_ARCHIVES)})", re.IGNORECASE)
_WORDS = re.compile(
    r"hist\s*factory|pyhf|likelihoods?\b|workspaces?\b|statistical models?\b|\bHS3\b", re.IGNORECASE
)


def is_hs3(file: PublishedFile) -> bool:
    """Whether HEPData says that it is HS3."""
    return file.type.casefold() == HS3.casefold()


def judged(files: Iterable[PublishedFile]) -> tuple[PublishedFile, ...]:
    """The files of one version, with what can be told of each without its content.

    Where HEPData marks a likelihood by its type, the others are none. In old records it did not; there,
    archives and JSON may be likelihoods if their description sounds like it, and all may if none does.

    Args:
        files: with type, name and description; those that cannot hold a likelihood have ``likelihood=False``.

    Returns:
        The same in the same order; ``likelihood`` is ``None`` for those whose content would tell.
    """
    typed = [_by_type(file) for file in files]
    maybe = [file for file in typed if file.likelihood is None]
    told = any(file.likelihood for file in typed)
    named = [file for file in maybe if sounds_like_one(file)]
    possible = () if told else (named or maybe)
    return tuple(
        msgspec.structs.replace(file, likelihood=False)
        if file.likelihood is None and not any(file is one for one in possible)
        else file
        for file in typed
    )


def sounds_like_one(file: PublishedFile) -> bool:
    """Whether the words are there by which HEPData itself once recognised likelihoods."""
    return _WORDS.search(f"{file.description} {file.name.replace('_', ' ')}") is not None


def possible_first(files: Iterable[PublishedFile]) -> tuple[PublishedFile, ...]:
    """Those that are or may be likelihoods: HistFactory first, then HS3, then those that may be."""
    possible = [file for file in files if file.likelihood is not False]
    return tuple(sorted(possible, key=lambda file: (file.likelihood is None, is_hs3(file))))


def _by_type(file: PublishedFile) -> PublishedFile:
    if file.likelihood is not None:
        return file
    kind = file.type.casefold().removeprefix(".")
    if kind in (HISTFACTORY.casefold(), HS3.casefold()):
        return msgspec.structs.replace(file, likelihood=True)
    if kind in _ARCHIVES or _ARCHIVE_NAME.fullmatch(file.name) is not None:
        return file
    return msgspec.structs.replace(file, likelihood=False)
