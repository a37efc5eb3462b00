"""The library: files and folders that are kept, each once, by the digest of their content.

``<folder>/<digest>/item.json`` says what is known of one, ``<folder>/<digest>/content/<file name>`` is it.
Reading takes no lock: what is listed is whole. Several processes may use one library at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from fitgui.folders import default_data_folder
from fitgui.pallets.hepdata.file_names import safe_name
from fitgui.pallets.library.errors import LibraryError, explained
from fitgui.pallets.library.files import copy, digest_of, move_back
from fitgui.pallets.library.files import move as move_file
from fitgui.pallets.library.item import (
    CONTENT,
    FILE,
    DamagedItemError,
    LibraryItem,
    Origin,
    encoded,
    read_item,
    with_origin,
)
from fitgui.pallets.library.matching import find_file, find_item, telling_name, unique_name
from fitgui.pallets.library.workplace import Workplace, discard, write_whole
from fitgui.pallets.model import PalletError
from fitgui.pallets.published import AnalysisSummary, PublishedFile
from fitgui.pallets.reading.names import shown

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether what is kept is still what was kept."""

    ok: bool
    sentence: str


def now() -> str:
    """The time as the library writes it: ISO, in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Library:
    """Pallets that are kept on this machine; every method may be called from any thread."""

    def __init__(self, folder: Path | None = None) -> None:
        """Nothing is read or created yet.

        Args:
            folder: Where the library is; by default in the data folder of the user.
        """
        self.folder = (folder or default_data_folder() / "library").absolute()
        self._workplace = Workplace(self.folder)

    # -- reading ------------------------------------------------------------------------------------------

    def items(self) -> tuple[LibraryItem, ...]:
        """All that can be used, the newest first; what is damaged is told by :attr:`problems`."""
        return tuple(self._sorted(entry for entry in self._read() if isinstance(entry, LibraryItem)))

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each thing in the library that cannot be used."""
        return tuple(entry for entry in self._read() if isinstance(entry, str))

    @property
    def total_size(self) -> int:
        """Bytes of all that is kept."""
        return sum(item.size for item in self.items())

    def get(self, digest: str) -> LibraryItem | None:
        """What is kept with this digest; ``None`` if there is nothing, or it is damaged."""
        if not _DIGEST.fullmatch(digest):
            return None
        with suppress(DamagedItemError):
            return read_item(self.folder / digest)
        return None

    def find(self, text: str) -> LibraryItem | None:
        """What is meant by a name, a digest or eight digits of it or more, or a reference to HEPData.

        Of a reference without a version, the newest version that is kept.

        Raises:
            LibraryError: if several are meant.
        """
        return find_item(self.items(), text)

    def find_file(self, file: PublishedFile) -> LibraryItem | None:
        """What is kept of a published file, known by its DOI or by HEPData's number."""
        return find_file(self.items(), file)

    def item_at(self, path: Path) -> LibraryItem | None:
        """What is kept at a path inside the library; ``None`` for a path outside."""
        digest = self._digest_at(path)
        return None if digest is None else self.get(digest)

    def _digest_at(self, path: Path) -> str | None:
        """The digest of the item that a path belongs to; ``None`` if it belongs to none."""
        with suppress(OSError, RuntimeError, ValueError):
            parts = path.resolve().relative_to(self.folder.resolve()).parts
            return parts[0] if parts and _DIGEST.fullmatch(parts[0]) else None
        return None

    # -- changing -----------------------------------------------------------------------------------------

    def add(
        self,
        path: Path,
        *,
        origin: Origin,
        digest: str | None = None,
        contents: tuple[AnalysisSummary, ...] | None = None,
        move: bool = False,
        analysis: str = "",
    ) -> LibraryItem:
        """Keep a file or a folder; what is kept already gets one more origin, not one more copy.

        What is kept but is not what it was any more is replaced by what lies at ``path``.

        Args:
            path: Where it lies; of a folder only what opening reads is kept.
            origin: Where it came from.
            digest: Its digest, if that is known.
            contents: What opening it found.
            move: Whether the file at ``path`` is to be gone afterwards.
            analysis: The collaboration's number of it, such as ``SUSY-2019-09``, if that is known: it is part
                of the name where the file's own tells nothing.

        Returns:
            What is kept.

        Raises:
            LibraryError: if it cannot be kept, or changes while it is read.
        """
        if self._digest_at(path) is not None:
            raise LibraryError(f"{shown(str(path))} lies in the library already.")
        if self.folder.is_relative_to(path.absolute()):
            raise LibraryError(f"{shown(str(path))} holds the library itself, so it is not kept in it.")
        try:
            digest = digest or digest_of(path)
            kept = self._merged(digest, origin, contents)
            if kept is None:
                kept = self._bring(path, digest, origin, contents, analysis=analysis, moved=move)
            if move:
                with suppress(OSError):
                    path.unlink()
        except FileNotFoundError as error:
            raise LibraryError(f"There is no file or folder {shown(str(path))}.") from error
        except OSError as error:
            raise LibraryError(f"{shown(str(path))} cannot be kept: {_reason(error)}.") from error
        except LibraryError:
            raise
        except PalletError as error:
            raise LibraryError(str(error)) from error
        return kept

    def _merged(
        self, digest: str, origin: Origin, contents: tuple[AnalysisSummary, ...] | None
    ) -> LibraryItem | None:
        """What is kept already, with one more origin; ``None`` if it is not kept, or damaged."""
        if not self._is_whole(self.get(digest)):
            return None
        with self._workplace.changing():
            kept = self.get(digest)
            return None if kept is None else self._rewritten(kept, contents=contents, origin=origin)

    @staticmethod
    def _is_whole(item: LibraryItem | None) -> bool:
        """Whether it is kept, and still what was kept; reads all of it."""
        with suppress(OSError, PalletError):
            return item is not None and digest_of(item.path) == item.digest
        return False

    def _bring(
        self,
        path: Path,
        digest: str,
        origin: Origin,
        contents: tuple[AnalysisSummary, ...] | None,
        *,
        analysis: str,
        moved: bool,
    ) -> LibraryItem:
        file_name = safe_name(path.resolve().name) or "pallet"
        with (
            self._workplace.incoming() as incoming,
            self._brought(path, incoming / CONTENT / file_name, moved=moved) as (found, size),
        ):
            if found != digest:
                raise LibraryError(f"{shown(path.name)} was changed while it was read; try again.")
            with self._workplace.changing():
                kept = self.get(digest)
                if kept is not None and self._is_whole(kept):  # somebody else was quicker
                    return self._rewritten(kept, contents=contents, origin=origin)
                target = self.folder / digest
                if kept is not None:  # damaged
                    known = with_origin(kept, origin)
                    contents = kept.contents if contents is None else contents
                    item = msgspec.structs.replace(
                        known, file_name=file_name, size=size, contents=contents, refused=""
                    )
                else:
                    item = LibraryItem(
                        digest=digest,
                        name=unique_name(telling_name(file_name, analysis), self.items()),
                        file_name=file_name,
                        size=size,
                        added=now(),
                        origins=(origin,),
                        contents=contents,
                        folder=target,
                    )
                write_whole(incoming / FILE, encoded(item))
                self._workplace.put_in_place(incoming, target)
        return item

    @contextmanager
    def _brought(self, path: Path, target: Path, *, moved: bool) -> Iterator[tuple[str, int]]:
        """Copy or move; an error of the disk of the library is told apart from one of the source.

        What was moved is there again after a failure: it may have been hours in coming.
        """
        gone = False
        try:
            target.parent.mkdir()
            found, size, gone = move_file(path, target) if moved else (*copy(path, target), False)
        except OSError as error:
            if error.filename is not None and Path(str(error.filename)).is_relative_to(path):
                raise
            raise LibraryError(explained(error, self.folder)) from error
        try:
            yield found, size
        except BaseException:
            if gone:
                move_back(target, path)
            raise

    def note(
        self,
        digest: str,
        *,
        contents: tuple[AnalysisSummary, ...] | None = None,
        refused: str = "",
        origin: Origin | None = None,
    ) -> LibraryItem:
        """Write down what was found when it was opened, why it was refused, or where else it came from.

        Raises:
            LibraryError: if it is not kept, or the library cannot be written.
        """
        with self._workplace.changing():
            item = self.get(digest)
            if item is None:
                raise LibraryError(f"the library does not hold {digest[:12]} any more")
            return self._rewritten(item, contents=contents, refused=refused, origin=origin)

    def _rewritten(
        self,
        item: LibraryItem,
        *,
        contents: tuple[AnalysisSummary, ...] | None,
        refused: str = "",
        origin: Origin | None = None,
    ) -> LibraryItem:
        changed = item if origin is None else with_origin(item, origin)
        if contents is not None:
            changed = msgspec.structs.replace(changed, contents=contents, refused="")
        elif refused:
            changed = msgspec.structs.replace(changed, refused=refused)
        if changed != item:
            write_whole(item.folder / FILE, encoded(changed))
        return changed

    def remove(self, digest: str) -> None:
        """Remove what is kept with this digest, also if it is damaged.

        Raises:
            LibraryError: if there is nothing, or it cannot be removed.
        """
        folder = self.folder / digest
        if not _DIGEST.fullmatch(digest) or not (folder.is_dir() or folder.is_symlink()):
            raise LibraryError(f"the library holds nothing with the digest {shown(digest[:12])}")
        with self._workplace.changing():
            aside = None
            with suppress(FileNotFoundError):  # somebody else removed it meanwhile
                aside = self._workplace.set_aside(folder)
        if aside is not None:
            discard(aside)

    def verify(self, digest: str) -> Verdict:
        """Read what is kept once more and compare its digest.

        Raises:
            LibraryError: if there is nothing with this digest.
        """
        folder = self.folder / digest
        if not _DIGEST.fullmatch(digest) or not (folder.is_dir() or folder.is_symlink()):
            raise LibraryError(f"the library holds nothing with the digest {shown(digest[:12])}")
        try:
            item = read_item(folder)
            found = digest_of(item.path)
        except DamagedItemError as error:
            return Verdict(ok=False, sentence=_damaged(folder, error))
        except (OSError, PalletError) as error:
            reason = _reason(error) if isinstance(error, OSError) else str(error).rstrip(".")
            return Verdict(ok=False, sentence=f"{item.name} cannot be read: {reason}.")
        if found != digest:
            return Verdict(
                ok=False,
                sentence=f"{item.name} is not what was kept any more: it was changed or damaged on the disk; "
                "remove it, and get it again.",
            )
        return Verdict(ok=True, sentence=f"{item.name} is what was kept: its digest is {digest[:12]}…")

    # -- what lies there ----------------------------------------------------------------------------------

    def damaged(self) -> tuple[str, ...]:
        """The digests of what cannot be used, and can only be removed."""
        with suppress(OSError):
            return tuple(folder.name for folder in self._folders() if isinstance(_entry(folder), str))
        return ()

    def _folders(self) -> list[Path]:
        try:
            return sorted(path for path in self.folder.iterdir() if _DIGEST.fullmatch(path.name))
        except FileNotFoundError:  # nothing was ever kept
            return []

    def _read(self) -> Iterator[LibraryItem | str]:
        try:
            folders = self._folders()
        except OSError as error:
            yield explained(error, self.folder)
            return
        for folder in folders:
            if (entry := _entry(folder)) is not None:
                yield entry

    @staticmethod
    def _sorted(items: Iterator[LibraryItem]) -> list[LibraryItem]:
        by_name = sorted(items, key=lambda item: item.name)
        return sorted(by_name, key=lambda item: item.added, reverse=True)


def _entry(folder: Path) -> LibraryItem | str | None:
    """What lies in a folder, or what is wrong with it; ``None`` if it was removed meanwhile."""
    with suppress(DamagedItemError):
        return read_item(folder)
    try:  # once more: it may have been removed and kept anew between two looks
        return read_item(folder)
    except DamagedItemError as error:
        return _damaged(folder, error) if folder.exists() or folder.is_symlink() else None


def _damaged(folder: Path, error: DamagedItemError) -> str:
    digest = folder.name[:12]
    return (
        f"{digest} in the library cannot be used: {error}; `fitgui library remove {digest}` removes it, and "
        "opening or downloading it again keeps it anew."
    )


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
