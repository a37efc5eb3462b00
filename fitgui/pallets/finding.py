"""From what somebody names to the pallet: a path, the example, something kept, or something of HEPData's."""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fitgui.folders import default_signals_folder
from fitgui.pallets.hepdata.references import Reference, parse_reference
from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.files import digest_of
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.library.library import Library, now
from fitgui.pallets.library.matching import is_about, named_origin
from fitgui.pallets.model import Pallet, PalletError
from fitgui.pallets.opening import EXAMPLE, open_pallet
from fitgui.pallets.published import AnalysisSummary, summarised
from fitgui.pallets.reading.names import shown
from fitgui.resources import resource_path


class UnknownPalletError(PalletError):
    """Nothing of that name lies here, is kept, or can be asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a text names."""

    path: Path | None
    """Where it lies; ``None`` if it would have to be fetched."""
    source: str
    """What :attr:`Pallet.source` becomes: by this it is found again."""
    item: LibraryItem | None = None
    """What the library knows of it, if it lies there."""
    reference: Reference | None = None
    """What to ask HEPData for, if it lies nowhere."""


Fetch = Callable[[Reference], LibraryItem]
"""Gets what a reference names into the library, or raises a :class:`PalletError`."""


def find(text: str | Path, library: Library) -> Found:
    """Look for what somebody names; asks nobody.

    What exists as a file or folder comes before what is kept, and that before what could be fetched: so a
    published likelihood is fetched once, and never again.

    Args:
        text: A path, the word ``example``, a name, a digest or its first eight digits from the library, or a
            DOI, record, INSPIRE or arXiv number.
        library: What is kept.

    Raises:
        UnknownPalletError: if it is none of these.
        LibraryError: if several things that are kept are meant.
    """
    name = str(text)
    if not name:
        raise UnknownPalletError("No pallet was named; give a path, a name from the library or a DOI.")
    if name == EXAMPLE:
        return Found(_example(), EXAMPLE)
    if (path := _existing(name)) is not None:
        item = library.item_at(path)
        return Found(path, str(path)) if item is None else found_item(item)
    if isinstance(text, Path):
        raise UnknownPalletError(f"There is no file or folder {shown(name)}.")
    reference = parse_reference(name)
    if (item := find_kept(name, library)) is not None:
        return found_item(item, reference)
    if reference is not None:
        return Found(None, reference.doi or reference.text, reference=reference)
    raise UnknownPalletError(_unknown(name, library))


def find_kept(name: str, library: Library) -> LibraryItem | None:
    """What is kept under a name, or as what a reference to HEPData names; else :func:`find_naming`.

    Raises:
        LibraryError: if several are meant.
    """
    if (item := library.find(name)) is not None:
        return item
    reference = parse_reference(name)
    return None if reference is None else find_naming(reference, library)


def find_naming(reference: Reference, library: Library) -> LibraryItem | None:
    """What is kept from elsewhere and names a record as its own, in its patch sets.

    Never for one file or one version of it: which one such a pallet is, nobody knows.

    Raises:
        LibraryError: if several are meant.
    """
    if reference.is_file or reference.version is not None:
        return None
    unpublished = [item for item in library.items() if item.entry is None and item.file is None]
    records = {item.digest: record for item in unpublished if (record := own_record(item.contents))}
    if not records or (inspire := _inspire_of(reference)) is None:
        return None
    named = [item for item in unpublished if records.get(item.digest) == f"ins{inspire}"]
    if len(named) > 1:
        names = ", ".join(item.name for item in named)
        raise LibraryError(f"{reference.shown} means several that are kept: name one of {names}")
    return next(iter(named), None)


def open_kept(text: str | Path, library: Library, *, fetch: Fetch | None = None, keep: bool = True) -> Pallet:
    """Open what somebody names, and keep it in the library.

    Args:
        text: As for :func:`find`.
        library: Where it is looked for, and kept.
        fetch: Gets what lies nowhere; without it, that is an error.
        keep: Whether something from elsewhere is copied into the library.

    Returns:
        The pallet; that it could not be kept is one of its problems.

    Raises:
        PalletError: if there is no such thing, it cannot be fetched, or it cannot be used; one sentence.
    """
    found = find(text, library)
    if found.path is None and found.reference is not None:
        if fetch is None:
            named = shown(found.source)
            raise UnknownPalletError(f"{named} is not in the library; `fitgui download {named}` gets it.")
        found = found_item(fetch(found.reference), found.reference)
    return open_found(found, library, keep=keep)


def open_found(found: Found, library: Library, *, keep: bool = True) -> Pallet:
    """Open what :func:`find` found; the rest as :func:`open_kept`."""
    if found.path is None:
        raise UnknownPalletError(f"{shown(found.source)} is not in the library.")
    if found.item is not None:
        return _open_item(found, found.item, library)
    pallet = open_pallet(found.path, source=found.source)
    problem = keep_opened(pallet, found.path, library) if keep else None
    return pallet if problem is None else _with_problem(pallet, problem)


def open_item(item: LibraryItem, library: Library) -> Pallet:
    """Open what is kept, and note what was found in it.

    Raises:
        PalletError: if it cannot be used; that is noted, too.
    """
    return _open_item(found_item(item), item, library)


def found_item(item: LibraryItem, reference: Reference | None = None) -> Found:
    """Something that is kept, and by what it is found again on another machine, too, where that is possible.

    Args:
        item: What is kept.
        reference: By what it was asked for: the file that this names is meant, where several are the same.
    """
    source = ""
    if reference is not None and reference.file_number is not None:
        source = reference.doi
    elif reference is not None and (origin := named_origin(item, reference)) is not None and origin.file:
        source = origin.file.doi
    return Found(item.path, source or source_of(item), item=item)


def source_of(item: LibraryItem) -> str:
    """What :attr:`Pallet.source` of something kept becomes.

    The DOI of the file, in the newest version that is the same, else its address at HEPData, else the path
    that it was opened from if the same still lies there, else its name in the library.
    """
    for file in item.files:
        if file.doi:
            return file.doi
    for file in item.files:
        if file.resource is not None:
            return f"https://www.hepdata.net/record/resource/{file.resource}"
    return next((origin.source for origin in item.origins if _is_still_at(item, origin.source)), item.name)


def keep_opened(pallet: Pallet, path: Path, library: Library) -> str | None:
    """Keep a pallet that was opened from somewhere else, unless fitgui brought it along or wrote it.

    Returns:
        Why it cannot be kept, in a sentence; ``None`` if all is well.
    """
    try:
        if _example_at(path) or _own_signals_at(path):
            return None
        origin = Origin(source=str(plain_path(path)), when=now())
        contents = summarised(pallet)
        analysis = _analysis_of(own_record(contents))
        library.add(path, origin=origin, digest=pallet.digest, contents=contents, analysis=analysis)
    except LibraryError as error:
        return f"{shown(path.name)} was not kept in the library: {str(error).rstrip('.')}."
    return None


def _open_item(found: Found, item: LibraryItem, library: Library) -> Pallet:
    """Open what is kept; what is not what was kept any more is never used."""
    try:
        pallet = open_pallet(item.path, source=found.source)
    except PalletError as error:
        with suppress(LibraryError):
            if not (verdict := library.verify(item.digest)).ok:
                raise PalletError(verdict.sentence) from error
        _note(library, item, refused=str(error))
        raise
    if pallet.digest != item.digest:
        raise PalletError(
            f"{item.name} in the library is not what was kept: it was changed or damaged on the disk; "
            "remove it there, and get it again."
        )
    if item.contents is None or item.refused:
        _note(library, item, pallet=pallet)
    # Its file may be called as those of others are.
    return dataclasses.replace(pallet, name=item.name)


def _note(library: Library, item: LibraryItem, *, pallet: Pallet | None = None, refused: str = "") -> None:
    """Write it down if that is possible: a library that cannot be changed can still be used."""
    if refused and refused == item.refused:
        return
    with suppress(LibraryError):
        contents = None if pallet is None else summarised(pallet)
        library.note(item.digest, contents=contents, refused=refused)


def _with_problem(pallet: Pallet, sentence: str) -> Pallet:
    return dataclasses.replace(pallet, problems=(*pallet.problems, sentence))


def _existing(name: str) -> Path | None:
    """The absolute path, if something lies there, be it only something that may not be read."""
    try:
        path = Path(name).expanduser()
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError, RuntimeError):
        return None
    except OSError as error:
        return plain_path(path) if isinstance(error, PermissionError) else None
    return plain_path(path)


def plain_path(path: Path) -> Path:
    """The absolute path without ``..``, unless that would be another place, as behind a link."""
    absolute, plain = path.absolute(), Path(os.path.abspath(path))  # noqa: PTH100 -- links stay
    with suppress(OSError, ValueError):
        return plain if plain == absolute or plain.samefile(absolute) else absolute
    return absolute


def own_record(contents: Iterable[AnalysisSummary] | None) -> str:
    """The record that a pallet names as its own, such as ``ins1755298``; empty if none, or several."""
    named = {reference for analysis in contents or () for reference in analysis.references}
    return named.pop() if len(named) == 1 else ""


def _inspire_of(reference: Reference) -> int | None:
    """INSPIRE's number of a record; that of one without is in the catalogue."""
    if reference.inspire is not None:
        return reference.inspire
    from fitgui.pallets.catalogue.bundled import load_catalogue  # noqa: PLC0415 -- seldom needed

    return next((entry.inspire for entry in load_catalogue().entries if is_about(reference, entry)), None)


def _analysis_of(record: str) -> str:
    """The collaboration's number of a record, if the catalogue knows it."""
    if not record:
        return ""
    from fitgui.pallets.catalogue.bundled import load_catalogue  # noqa: PLC0415 -- seldom needed

    known = (entry.analysis for entry in load_catalogue().entries if f"ins{entry.inspire}" == record)
    return next(known, "")


def _is_still_at(item: LibraryItem, source: str) -> bool:
    path = Path(source)
    with suppress(OSError, ValueError, PalletError):
        if path.is_absolute() and (path.is_dir() or path.stat().st_size == item.size):
            return digest_of(path) == item.digest
    return False


def _example() -> Path:
    try:
        return resource_path(EXAMPLE)
    except FileNotFoundError as error:  # an incomplete installation
        raise PalletError(str(error)) from error


def _example_at(path: Path) -> bool:
    with suppress(OSError, RuntimeError, PalletError):
        return path.resolve().is_relative_to(_example().resolve())
    return False


def _own_signals_at(path: Path) -> bool:
    """Whether these are signals of one's own: they stay where they are, so that trials fill no library."""
    with suppress(OSError, RuntimeError):
        return path.resolve().is_relative_to(default_signals_folder().resolve())
    return False


def _unknown(name: str, library: Library) -> str:
    near = difflib.get_close_matches(name, [item.name for item in library.items()], n=3, cutoff=0.6)
    hint = f"there, the nearest is {' or '.join(near)}" if near else "`fitgui library` lists what it holds"
    return (
        f"There is no file or folder {shown(name)}, and nothing of that name in the library: {hint}, and "
        "`fitgui search` finds what is published."
    )
