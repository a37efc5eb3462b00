"""What the library knows of a file that it keeps."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fitgui.pallets.published import AnalysisSummary, Entry, PublishedFile


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a file came from, once."""

    source: str
    """The path that was opened, or the address that was downloaded."""
    when: str
    """ISO time in UTC."""
    entry: Entry | None = None
    """The published likelihood that it is a file of, as known at that time."""
    file: PublishedFile | None = None
    """Which file of it."""


class LibraryItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file or folder that the library keeps."""

    digest: str
    """As :attr:`fitgui.pallets.Pallet.digest`: sha256 of the file."""
    name: str
    """Unique in the library, without the ending of an archive; by it the pallet can be opened."""
    file_name: str
    size: int
    """In bytes, on disk."""
    added: str
    """ISO time in UTC."""
    origins: tuple[Origin, ...] = ()
    """The latest first."""
    contents: tuple[AnalysisSummary, ...] | None = None
    """What opening it found; ``None`` if it was never opened."""
    refused: str = ""
    """Why it cannot be opened, as it was last tried."""
    folder: Path
    """Where it lies; not stored."""

    @property
    def path(self) -> Path:
        """The file or folder itself."""
        return self.folder / "content" / self.file_name

    @property
    def entry(self) -> Entry | None:
        """The published likelihood that it is, if that is known."""
        return next((origin.entry for origin in self.origins if origin.entry is not None), None)

    @property
    def file(self) -> PublishedFile | None:
        """The published file that it is, if that is known."""
        return next((origin.file for origin in self.origins if origin.file is not None), None)
