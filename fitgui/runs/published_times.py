"""Wall times that others published for the likelihoods that fitgui fits: data with a citation."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache

import msgspec

from fitgui.resources import resource_path

_INSPIRE = re.compile(r"ins0*([1-9]\d*)")


class Citation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the times were published."""

    authors: str
    title: str
    journal: str
    doi: str
    arxiv: str
    year: int
    how: str
    """Engine and options of the published fits, in words."""

    @property
    def text(self) -> str:
        """``Feickert, ..., EPJ Web Conf. 251 (2021) 02070, arXiv:2103.02182``."""
        return f"{self.authors}, {self.journal}, arXiv:{self.arxiv}"

    @property
    def short(self) -> str:
        """The same with the first author alone."""
        return f"{self.authors.partition(',')[0]} et al., {self.journal}, arXiv:{self.arxiv}"

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
    """Which of several workspaces: part of its name or path; empty where the pallet has one."""
    digests: tuple[str, ...] = ()
    """Of that workspace, as far as they are known."""

    @property
    def main(self) -> PublishedTime | None:
        """The time that a run is compared with."""
        return next((time for time in self.times if time.main), None)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: Citation
    likelihood: tuple[PublishedTimes, ...]


def citation() -> Citation:
    """The paper that the times are from."""
    return _file().source


def published_times(
    digest: str, *, references: Iterable[str] = (), workspace: str = ""
) -> PublishedTimes | None:
    """The published times of an analysis, if it is one of those that were timed.

    Args:
        digest: sha256 of the workspace, which settles it where it is known.
        references: what the patch sets of the analysis name, such as ``ins1755298``.
        workspace: name and path of the analysis, which tell apart the workspaces of one pallet.
    """
    numbers = {int(match[1]) for text in references if (match := _INSPIRE.fullmatch(text))}
    known = _file().likelihood
    exact = [times for times in known if digest in times.digests]
    named = [times for times in known if times.inspire in numbers and times.workspace in workspace]
    return next(iter(exact or named), None)


@cache
def _file() -> _File:
    text = resource_path("walltimes/published.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _File)
