"""Wall times that others published for the likelihoods that fitgui fits: data with a citation."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sized
from functools import cache
from typing import Protocol

import msgspec

from fitgui.resources import resource_path

_INSPIRE = re.compile(r"ins0*([1-9]\d*)")


class Citation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the times were published."""

    authors: tuple[tuple[str, str], ...]
    """First and last names."""
    title: str
    journal: str
    """Its name alone."""
    volume: str
    pages: str
    doi: str
    arxiv: str
    year: int
    how: str
    """Engine and options of the published fits, in words."""

    @property
    def place(self) -> str:
        """``EPJ Web Conf. 251 (2021) 02070``."""
        return f"{self.journal} {self.volume} ({self.year}) {self.pages}"

    @property
    def text(self) -> str:
        """``Feickert, Heinrich, ..., EPJ Web Conf. 251 (2021) 02070, arXiv:2103.02182``."""
        names = ", ".join(last for _, last in self.authors)
        return f"{names}, {self.place}, arXiv:{self.arxiv}"

    @property
    def first_author(self) -> str:
        """``Feickert et al.``."""
        return f"{self.authors[0][1]}{' et al.' if len(self.authors) > 1 else ''}"

    @property
    def short(self) -> str:
        """As :attr:`text`, with the first author alone."""
        return f"{self.first_author}, {self.place}, arXiv:{self.arxiv}"

    @property
    def address(self) -> str:
        """Of the article."""
        return f"https://doi.org/{self.doi}"


class PublishedTime(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wall time."""

    where: str
    seconds: float
    error: float | None = None
    """Standard deviation in seconds, where it was published."""
    main: bool = False
    """Whether it is the one that a run is compared with in one sentence."""


class PublishedTimes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All wall times of one likelihood, the shortest first."""

    journal: str
    arxiv: str
    inspire: int
    points: int
    """How many hypotheses were fitted."""
    times: tuple[PublishedTime, ...]
    workspace: str = ""
    """Which of several workspaces: part of its name; empty where the pallet has one."""
    channels: int | None = None
    """Of that workspace, where they are known."""
    bins: int | None = None
    digests: tuple[str, ...] = ()
    """Of that workspace, as far as they are known."""

    @property
    def main(self) -> PublishedTime | None:
        """The time that a run is compared with."""
        return next((time for time in self.times if time.main), None)


class Timed(Protocol):
    """What is known of an analysis: of one in an open pallet as well as of one in the plan of a run."""

    @property
    def name(self) -> str:
        """Unique within its pallet."""

    @property
    def digest(self) -> str:
        """sha256 of its workspace."""

    @property
    def references(self) -> tuple[str, ...]:
        """The records that its patch sets name, such as ``ins1755298``."""

    @property
    def own_signal(self) -> str:
        """What the signals are, where they are not the published ones; else empty."""

    @property
    def channels(self) -> Sized:
        """One for each channel."""

    @property
    def bins(self) -> int:
        """Over all channels."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: Citation
    likelihood: tuple[PublishedTimes, ...]


def citation() -> Citation:
    """The paper that the times are from."""
    return _file().source


def published_times(analysis: Timed) -> PublishedTimes | None:
    """The published times of an analysis, if it is one of those that were timed.

    The digest of the workspace settles it. A workspace of another digest, as another version of the record
    may have it, is recognised by the record that its patch sets name together with what else is known of the
    workspace that was timed: its name, and how many channels and bins it has. Signals of one's own on it are
    something else.
    """
    if analysis.own_signal:
        return None
    known = _file().likelihood
    exact = next((times for times in known if analysis.digest in times.digests), None)
    return exact or next((times for times in known if _is_of(times, analysis)), None)


def _is_of(times: PublishedTimes, analysis: Timed) -> bool:
    numbers = {int(match[1]) for text in analysis.references if (match := _INSPIRE.fullmatch(text))}
    if times.inspire not in numbers or times.workspace.lower() not in analysis.name.lower():
        return False
    shape = (times.channels, times.bins)
    if None in shape:
        return bool(times.workspace)  # a record alone may have other workspaces, too
    return shape == (len(analysis.channels), analysis.bins)


@cache
def _file() -> _File:
    text = resource_path("walltimes/published.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _File)
