"""The catalogue: what fitgui brings along, and what HEPData said when it was last asked to refresh it."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from fitgui.folders import default_data_folder
from fitgui.pallets.catalogue import stored
from fitgui.pallets.catalogue.merging import join
from fitgui.pallets.published import Entry
from fitgui.resources import resource_path

FILE_NAME = "catalogue.json"
"""In the data folder: what HEPData said, as it said it; a newer bundled catalogue is merged with it anew."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The published likelihoods that are known without asking."""

    entries: tuple[Entry, ...] = ()
    made: date | None = None
    """When the bundled catalogue was made."""
    refreshed: datetime | None = None
    """When HEPData was last asked for all of them, in UTC; ``None`` if never."""
    problems: tuple[str, ...] = ()
    """What could not be read or kept, one sentence each; the rest is here all the same."""
    new: int = 0
    """Entries that this refresh brought which were not known before."""
    changed: int = 0
    """Entries about which this refresh brought something else than was known."""


class Answer(Protocol):
    """What HEPData says: :class:`fitgui.pallets.hepdata.answers.SearchAnswer`."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them."""

    @property
    def retrieved(self) -> datetime:
        """When it was said, in UTC."""


class Asking(Protocol):
    """Who asks HEPData: :class:`fitgui.pallets.hepdata.client.HepData`."""

    def likelihoods(
        self,
        *,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Answer:
        """All published likelihoods."""


def load_catalogue(data_folder: Path | None = None) -> Catalogue:
    """Read the bundled catalogue, and merge what the last refresh brought.

    Args:
        data_folder: where a refresh keeps its answer; the one of :mod:`fitgui.folders` if not given.

    Returns:
        The catalogue. Nothing is raised: of a file that cannot be read a problem tells, the other goes on.
    """
    problems: list[str] = []
    made: date | None = None
    entries: tuple[Entry, ...] = ()
    try:
        path = resource_path("catalogue/catalogue.json")
        document, entries = stored.read(path, "The bundled catalogue", problems)
        made = date.fromisoformat(document.made) if document.made else None
    except (OSError, ValueError) as error:
        why = stored.reason(error)
        problems.append(f"The bundled catalogue cannot be read ({why}): please install fitgui again.")
    refreshed, said = _load_refresh(data_folder, problems)
    return Catalogue(join((*entries, *said)), made, refreshed, tuple(problems))


def refresh(
    client: Asking,
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    data_folder: Path | None = None,
) -> Catalogue:
    """Ask HEPData for all published likelihoods, because somebody wants to, and merge the answer.

    Args:
        client: asks.
        progress: told how many records of how many came so far.
        cancelled: asked now and then whether to stop.
        data_folder: as for :func:`load_catalogue`.

    Returns:
        As :func:`keep_refreshed`.

    Raises:
        HepDataError: if HEPData cannot be asked, or it was cancelled; the catalogue stays as it was.
    """
    return keep_refreshed(data_folder, client.likelihoods(progress=progress, cancelled=cancelled))


def keep_refreshed(data_folder: Path | None, answer: Answer) -> Catalogue:
    """Merge an answer about all published likelihoods into the catalogue, and keep it for the next start.

    A record that HEPData no longer lists stays as it was last known.

    Returns:
        The catalogue, with the numbers of entries that are new and that changed. If the answer cannot be
        kept, a problem tells.
    """
    before = load_catalogue(data_folder)
    _, said_before = _load_refresh(data_folder, [])
    when = stored.iso(answer.retrieved)
    dated = (e if e.retrieved else msgspec.structs.replace(e, retrieved=when) for e in answer.entries)
    said = join((*said_before, *dated))
    try:
        stored.write(_path(data_folder), said, answer.retrieved)
        problems = load_catalogue(data_folder).problems
    except OSError as error:
        problems = (*before.problems, _not_kept(error))
    entries = join((*before.entries, *said))
    known = {entry.key: _facts(entry) for entry in before.entries}
    return Catalogue(
        entries,
        before.made,
        answer.retrieved.astimezone(UTC),
        problems,
        new=sum(entry.key not in known for entry in entries),
        changed=sum(known.get(entry.key, _facts(entry)) != _facts(entry) for entry in entries),
    )


def _load_refresh(data_folder: Path | None, problems: list[str]) -> tuple[datetime | None, tuple[Entry, ...]]:
    """What HEPData said at the last refresh, and when; nothing if that was never, or is damaged and told."""
    path = _path(data_folder)
    try:
        if not path.exists():
            return None, ()
        document, entries = stored.read(path, "The catalogue as refreshed from HEPData", problems)
        return datetime.fromisoformat(document.refreshed), entries
    except (OSError, ValueError) as error:
        problems.append(
            f"What the last refresh of the catalogue brought cannot be read ({stored.reason(error)}), so the "
            "catalogue is as fitgui brings it along: refresh it again."
        )
        return None, ()


def _path(data_folder: Path | None) -> Path:
    return (data_folder or default_data_folder()) / FILE_NAME


def _facts(entry: Entry) -> Entry:
    """An entry without when and how it was found out."""
    return msgspec.structs.replace(entry, retrieved="", unchecked=())


def _not_kept(error: OSError) -> str:
    why = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else stored.reason(error)
    return (
        f"What HEPData said could not be kept for the next start ({why}): look after that, and refresh again."
    )
