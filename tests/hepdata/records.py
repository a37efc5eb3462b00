"""What the stand-in holds: records with versions, each with tables and files."""

from __future__ import annotations

import mimetypes
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

CC0 = {
    "name": "CC0",
    "url": "https://creativecommons.org/publicdomain/zero/1.0/",
    "description": "CC0 enables reusers to distribute, remix, adapt, and build upon the material in any "
    "medium or format, with no conditions.",
}
IMAGES = ("png", "jpeg", "jpg", "tiff")
TOOLS = (
    "rivet",
    "MadAnalysis",
    "SModelS",
    "CheckMATE",
    "HackAnalysis",
    "Combine",
    "GAMBIT",
    "SimpleAnalysis",
)
"""Types of external links that HEPData lists among the analyses."""
LARGE = 1024 * 1024
"""From here on, in bytes, HEPData shows no text."""
TYPES = mimetypes.MimeTypes()
"""Without the files of this machine, so that the answers are the same everywhere."""


@dataclass(eq=False)
class Resource:
    """A file of a record, or a link to elsewhere."""

    id: int
    name: str
    """Its file name; of a link, the address."""
    content: bytes | Path = b""
    type: str = "HistFactory"
    description: str = "Archive of full likelihoods in the HistFactory JSON format"
    doi: str | None = None
    licence: Mapping[str, str] = field(default_factory=lambda: CC0)
    modified: datetime = datetime(2020, 11, 20, 12, tzinfo=UTC)

    def __post_init__(self) -> None:
        if not self.name.isprintable():
            raise ValueError(f"no header can tell the file name {self.name!r}: HEPData's could not either")

    @property
    def is_link(self) -> bool:
        return self.name.lower().startswith("http")

    def read(self) -> bytes:
        return self.content.read_bytes() if isinstance(self.content, Path) else self.content

    @property
    def etag(self) -> str:
        """As Flask's send_file makes it: time, size, a checksum of the path (here of the content)."""
        content = self.read()
        return f"{self.modified.timestamp()}-{len(content)}-{zlib.adler32(content)}"

    @property
    def shown(self) -> str:
        """What HEPData takes as the text of the file: it looks only at the name, then at the size."""
        if self.is_link:
            return self.name
        if self.type.lower() in IMAGES:
            return ""
        content = self.read()
        if TYPES.guess_type(self.name)[0] == "application/x-tar":
            return "Binary"
        if len(content) >= LARGE:
            return "Large text file"
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return "Binary"

    @property
    def media_type(self) -> str:
        by_name = TYPES.guess_type(self.name)[0]
        return by_name or ("application/octet-stream" if self.shown == "Binary" else "text/plain")


@dataclass(eq=False)
class Table:
    """A data table, as far as a search finds it."""

    id: int
    name: str
    description: str = ""
    resources: list[Resource] = field(default_factory=list)


@dataclass(eq=False)
class Version:
    """One version of a record."""

    number: int
    resources: list[Resource] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    finished: bool = True
    message: str = ""
    updated: datetime = datetime(2020, 11, 20, 12, tzinfo=UTC)


@dataclass(eq=False)
class Record:
    """A publication on HEPData."""

    id: int
    inspire: int | None
    title: str
    versions: dict[int, Version]
    arxiv: str = ""
    """Without ``arXiv:``."""
    abstract: str = ""
    collaborations: Sequence[str] = ("ATLAS",)
    doi: str = ""
    """Of the paper."""
    journal: str = ""
    year: int = 2020
    energies: Sequence[float] = (13000.0,)
    authors: Sequence[str] = ("Aad, Georges", "Abbott, Brad")

    @property
    def hepdata_doi(self) -> str:
        return f"10.17182/hepdata.{self.id}"

    @property
    def finished(self) -> list[Version]:
        return [version for version in self.versions.values() if version.finished]

    @property
    def latest(self) -> Version | None:
        """The newest version that everybody may see; the search knows no other."""
        return max(self.finished, key=lambda version: version.number, default=None)

    def name_files(self) -> None:
        """Gives a DOI to files that have none: ``rN`` counts the local files of a version by their ids."""
        for version in self.versions.values():
            local = sorted((r for r in version.resources if not r.is_link), key=lambda resource: resource.id)
            for number, resource in enumerate(local, start=1):
                if resource.doi is None:
                    resource.doi = f"{self.hepdata_doi}.v{version.number}/r{number}"
