"""Reading a file or a folder from disk."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fitgui.pallets.model import PalletError
from fitgui.pallets.reading.kinds import HEAD_BYTES, Kind, recognise
from fitgui.pallets.reading.limits import DEFAULT_LIMITS, Budget, Limits
from fitgui.pallets.reading.names import claims_archive, is_noise, shown
from fitgui.pallets.reading.streams import BrokenArchive, Forward
from fitgui.pallets.reading.unpacking import NO_ARCHIVE, Found, Unpacker

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_SUFFIXES = (".tar.gz", ".tar.xz", ".tar.bz2", ".tgz", ".txz", ".tbz2", ".tar", ".zip", ".json.gz", ".json")


@dataclass(frozen=True, slots=True)
class Source:
    """What lies at a path."""

    name: str
    """Of the file or folder, without the ending of an archive."""
    file_name: str
    """The same with it."""
    digest: str
    found: tuple[Found, ...]
    problems: tuple[str, ...]


def read_source(path: Path, limits: Limits = DEFAULT_LIMITS) -> Source:
    """Read a folder, an archive or a single file.

    Args:
        path: Where it lies.
        limits: What it may cost.

    Returns:
        Its files of interest, sorted by path in a folder and in the archive's order otherwise.

    Raises:
        PalletError: if there is nothing to read, it cannot be read, or it is hostile.
    """
    try:
        name = shown(path.resolve().name or str(path))
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return _read_folder(path, name, limits)
        if not stat.S_ISREG(mode):
            raise PalletError(f"{name} is neither a file nor a folder.")
        return _read_file(path, name, limits)
    except FileNotFoundError as error:
        raise PalletError(f"There is no file or folder {shown(str(path))}.") from error
    except PermissionError as error:
        raise PalletError(f"{shown(str(path))} may not be read; check its permissions.") from error
    except OSError as error:
        raise PalletError(f"{shown(str(path))} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise PalletError(f"{shown(str(path))} is not the name of a file or folder.") from error


def _read_file(path: Path, name: str, limits: Limits) -> Source:
    budget = Budget(name, limits)
    data = _contents(path, budget) or b""
    unpacker = Unpacker(budget)
    try:
        found = tuple(unpacker.open("", Forward(io.BytesIO(data), None)))
    except BrokenArchive as error:
        raise PalletError(f"{name} {error}.") from error
    # A bare document, or a document that is only compressed, has no path inside: the file's own name serves.
    found = tuple(item if item.path else Found(_document_name(name), item.kind, item.data) for item in found)
    return Source(
        without_suffix(name), name, hashlib.sha256(data).hexdigest(), found, tuple(unpacker.problems)
    )


def _document_name(name: str) -> str:
    return name[: -len(".gz")] if name.lower().endswith(".json.gz") else name


def without_suffix(name: str) -> str:
    """The name of a file without the ending of an archive or a document."""
    lowered = name.lower()
    for suffix in _SUFFIXES:
        if lowered.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def _contents(path: Path, budget: Budget, *, in_folder: bool = False) -> bytes | None:
    """The bytes of a regular file, of a large one without use only its head.

    Args:
        path: Where it lies.
        budget: Is charged with its size.
        in_folder: Whether it was met in a folder: then it must not be a link, and most files are passed over.

    Returns:
        ``None`` for what is passed over.
    """
    flags = _FLAGS | (getattr(os, "O_NOFOLLOW", 0) if in_folder else 0)
    descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        head = file.read(HEAD_BYTES)
        kind = recognise(head, path.name)
        named_json = path.name.lower().endswith(".json")
        if in_folder and (kind is Kind.OTHER or (kind in (Kind.EMPTY, Kind.HTML) and not named_json)):
            return None
        if kind in (Kind.ROOT, Kind.HISTFACTORY_XML, Kind.HTML):
            return head
        budget.bring(max(status.st_size, len(head)))
        return head + file.read(max(0, status.st_size - len(head)))


def _read_folder(root: Path, name: str, limits: Limits) -> Source:
    budget = Budget(name, limits)
    unpacker = Unpacker(budget)
    hasher = hashlib.sha256()
    found: list[Found] = []
    for relative, data in folder_contents(root, budget, unpacker.problems):
        hasher.update(digest_part(relative, data))
        found += unpacker.member(shown(relative), Forward(io.BytesIO(data), None), 0)
    return Source(name, name, hasher.hexdigest(), tuple(found), tuple(unpacker.problems))


def folder_contents(root: Path, budget: Budget, problems: list[str]) -> Iterator[tuple[str, bytes]]:
    """Every file of a folder that is read, and what is read of it: they make up the folder's digest.

    Args:
        root: The folder.
        budget: What it may cost.
        problems: Takes a sentence for what cannot be read, and for each link that leads out.

    Yields:
        The relative path with forward slashes, and the bytes; sorted by path.

    Raises:
        PalletError: if it costs more.
        OSError: if the folder itself cannot be read.
    """
    for relative in sorted(_files(root, budget, problems)):
        try:
            data = _contents(root / relative, budget, in_folder=True)
        except OSError as error:
            problems.append(f"{shown(relative)} cannot be read: {error.strerror or error}.")
            continue
        if data is not None:
            yield relative, data
        elif claims_archive(relative):
            problems.append(f"{shown(relative)} {NO_ARCHIVE}.")


def digest_part(relative: str, data: bytes) -> bytes:
    """What one file adds to the digest of its folder."""
    return f"{relative}\0".encode("utf-8", "surrogateescape") + hashlib.sha256(data).digest()


def _files(root: Path, budget: Budget, problems: list[str]) -> list[str]:
    """Relative paths of all regular files; links are not followed."""
    files: list[str] = []
    folders = [("", 0)]
    while folders:
        folder, depth = folders.pop()
        try:
            entries = os.scandir(root / folder)
        except OSError as error:
            if not folder:
                raise
            problems.append(f"{shown(folder)} cannot be read: {error.strerror or error}.")
            continue
        with entries:
            for entry in entries:
                budget.member()
                relative = f"{folder}/{entry.name}" if folder else entry.name
                if entry.name.startswith(".") or is_noise(entry.name):
                    continue
                if entry.is_symlink():
                    _note_link(root, relative, problems)
                elif entry.is_dir(follow_symlinks=False):
                    if depth >= budget.limits.folder_depth:
                        raise PalletError(
                            f"{budget.name} has folders more than {depth} deep, which no pallet has."
                        )
                    folders.append((relative, depth + 1))
                elif entry.is_file(follow_symlinks=False):
                    files.append(relative)
    return files


def _note_link(root: Path, relative: str, problems: list[str]) -> None:
    """What a link inside the folder leads to is read there; of one that leads out the user is told."""
    try:
        target = (root / relative).resolve()
    except (OSError, RuntimeError):
        target = None
    if target is None or not target.is_relative_to(root.resolve()):
        problems.append(f"{shown(relative)} is a link that leads out of the folder; it was not followed.")
