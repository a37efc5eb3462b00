"""Opening a pallet: from a path to analyses with their signal points."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fitgui.pallets.assembling import Documents, assemble
from fitgui.pallets.documents import (
    NotJson,
    NotUsable,
    OperationsDocument,
    PatchSetDocument,
    Unrelated,
    WorkspaceDocument,
    recognise_document,
)
from fitgui.pallets.model import Pallet, PalletError
from fitgui.pallets.naming import natural
from fitgui.pallets.reading import Found, Source, read_source
from fitgui.pallets.reading.kinds import Kind
from fitgui.pallets.reading.names import sentences, shown
from fitgui.resources import resource_path
from fitgui_backends.histfactory.size import Allowance

EXAMPLE = "example"


def open_pallet(path: str | os.PathLike[str], *, source: str | None = None) -> Pallet:
    """Read a pallet from disk, into memory only.

    Args:
        path: A folder, an archive (tar, zip, compressed or not, one inside another), a JSON document, or
            the word ``example`` for the bundled pallet.
        source: What :attr:`Pallet.source` becomes, if the pallet is known by something better than its path.

    Returns:
        The pallet, with what is unusual about it in words.

    Raises:
        PalletError: if nothing in it can be fitted, or it is hostile; one sentence.
    """
    text = os.fspath(path)
    if not text:
        raise PalletError("No pallet was named; give a folder, an archive or a JSON file.")
    try:
        place = resource_path(EXAMPLE) if text == EXAMPLE else Path(text).expanduser()
    except (FileNotFoundError, RuntimeError) as error:  # an incomplete installation; "~nobody"
        raise PalletError(str(error)) from error
    try:
        return _understand(read_source(place), text if source is None else source)
    except MemoryError as error:
        raise PalletError(f"{place.name} does not fit into the memory of this machine.") from error


@dataclass(slots=True)
class _Contents:
    allowance: Allowance = field(default_factory=Allowance)
    documents: Documents = field(default_factory=Documents)
    problems: list[str] = field(default_factory=list)
    unrelated: list[str] = field(default_factory=list)
    """JSON of another kind."""
    texts: list[str] = field(default_factory=list)
    """What might have been JSON but is not: of interest only if there is nothing else."""


def _understand(source: Source, text: str) -> Pallet:
    contents = _Contents(problems=list(source.problems))
    # An archive may hold a file twice, after an update: then the last one counts, as for every unpacker.
    by_path = {found.path: found for found in source.found}
    for path in sorted(by_path, key=natural):
        _sort_in(by_path[path], contents)
    analyses, notes = assemble(source.file_name, contents.documents)
    problems = contents.problems + notes
    if not analyses:
        raise PalletError(
            shown(_nothing_usable(source.file_name, problems or contents.texts, contents.unrelated), 600)
        )
    if contents.unrelated:
        problems.append(_listed(contents.unrelated, "JSON, but no part of a likelihood, and left out"))
    return Pallet(
        name=source.name, source=text, digest=source.digest, analyses=analyses, problems=sentences(problems)
    )


def _sort_in(found: Found, contents: _Contents) -> None:
    if found.kind is not Kind.JSON:
        contents.problems.append(
            f"{found.path} is {found.kind.value}, {_ADVICE.get(found.kind, _OTHER_ADVICE)}."
        )
        return
    try:
        documents = recognise_document(found.path, found.data, contents.allowance)
    except NotUsable as error:
        contents.problems.append(f"{found.path} {error}.")
        return
    except NotJson as error:
        contents.texts.append(f"{found.path} {error}.")
        return
    except Unrelated:
        contents.unrelated.append(found.path)
        return
    for document in documents:
        match document:
            case WorkspaceDocument():
                contents.documents.workspaces.append(document)
            case PatchSetDocument():
                contents.documents.patch_sets.append(document)
            case OperationsDocument():
                contents.documents.operations.append(document)


_OTHER_ADVICE = "which cannot be used; HistFactory JSON as of pyhf is needed"
_ADVICE = {
    Kind.HTML: "not a pallet; download the file itself rather than the page about it",
    Kind.EMPTY: "and holds nothing",
    Kind.ZSTANDARD: "which cannot be unpacked here; unpack it and open the folder",
    Kind.SEVEN_ZIP: "which cannot be unpacked here; unpack it and open the folder",
    Kind.RAR: "which cannot be unpacked here; unpack it and open the folder",
    Kind.LFS_POINTER: "not the file itself; fetch it with git lfs pull",
}


def _nothing_usable(name: str, problems: Sequence[str], unrelated: Sequence[str]) -> str:
    if len(problems) == 1 and problems[0].startswith(f"{name} "):
        return problems[0]
    if problems:
        more = f" ({len(problems) - 1} more such problems)" if len(problems) > 1 else ""
        return f"{name} holds nothing that can be fitted: {problems[0].rstrip('.')}{more}."
    if unrelated:
        listed = _listed(unrelated, "JSON, but no HistFactory workspace")
        return f"{name} holds nothing that can be fitted: {listed}"
    return (
        f"{name} holds no HistFactory JSON; choose the archive with the likelihoods from the HEPData record."
    )


def _listed(paths: Sequence[str], what: str) -> str:
    shown_paths = ", ".join(paths[:3])
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"{shown_paths}{more} {'is' if len(paths) == 1 else 'are'} {what}."
