"""What is known of a published likelihood before its file is here: who published it, what about, which files.

An entry is filled from the bundled catalogue, from an answer of HEPData, or from what the library found in
the file. Unknown stays unknown: ``None``, or an empty text or tuple.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from fitgui.pallets.model import Coordinate, Pallet


class Format(StrEnum):
    """How the likelihood is written down."""

    PATCH_SET = "patch set"
    PATCH_FILES = "patch files"
    """One JSON Patch a file."""
    WORKSPACES = "workspace per point"
    MEASUREMENT = "measurement"
    """Workspaces without signal points."""
    HS3 = "HS3"
    UNKNOWN = "unknown"

    @property
    def has_points(self) -> bool | None:
        """Whether there is a grid of signal points; ``None`` where that is unknown."""
        if self in (Format.UNKNOWN, Format.HS3):
            return None
        return self is not Format.MEASUREMENT


class Licence(msgspec.Struct, frozen=True):
    """Under which terms a file was published."""

    name: str
    url: str = ""


class PublishedFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file of a record, in one version of it."""

    name: str = ""
    """As published, such as ``1Lbb-likelihoods-hepdata.tar.gz``."""
    doi: str = ""
    """Of the file, such as ``10.17182/hepdata.90607.v3/r3``."""
    version: int | None = None
    """Of the record."""
    resource: int | None = None
    """HEPData's number of the file."""
    description: str = ""
    type: str = ""
    """As HEPData has it: ``HistFactory``, ``HS3``, or of old records the ending of the file."""
    likelihood: bool | None = None
    """Whether it holds likelihoods; ``None`` where only its content would tell."""
    size: int | None = None
    """In bytes."""
    licence: Licence | None = None


class AnalysisSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One analysis of a pallet that has been opened: enough for a preview of its plane."""

    name: str
    channels: int
    bins: int
    parameters: int
    poi: str | None = None
    labels: tuple[str, ...] = ()
    points: tuple[tuple[Coordinate, ...], ...] = ()
    """Coordinates of every signal point in the order of ``labels``; empty tuples where they are unknown."""
    references: tuple[str, ...] = ()
    """The records that its patch sets name, such as ``ins1755298``."""


class Notation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a coordinate is written on an axis, which its name in a patch set rarely tells."""

    label: str
    """The coordinate's name in the patch set, such as ``m2``."""
    text: str
    """In Unicode, such as ``m(χ̃₁⁰)``."""
    latex: str
    """The same for a figure, without dollar signs."""
    unit: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A published likelihood."""

    key: str
    """``ins<INSPIRE id>``, else ``hepdata.<record>``: the same wherever it was found."""
    title: str = ""
    """Of the paper; mathematics in LaTeX between dollar signs, as HEPData has it."""
    nickname: str = ""
    """What people call it, short enough for a list: ``1Lbb: Wh → ℓν bb``."""
    summary: str = ""
    """A sentence or two of ours."""
    abstract: str = ""
    """Of the paper, once HEPData was asked."""
    collaboration: str = ""
    analysis: str = ""
    """The collaboration's number, such as ``SUSY-2019-08``."""
    arxiv: str = ""
    """Without prefix, such as ``1909.09226``."""
    journal: str = ""
    journal_doi: str = ""
    year: int | None = None
    inspire: int | None = None
    record: int | None = None
    """HEPData's number of the record."""
    energy_tev: float | None = None
    """Centre-of-mass energy in TeV."""
    luminosity_fb: float | None = None
    """Integrated luminosity in 1/fb."""
    final_states: tuple[str, ...] = ()
    """In words that entries share, to choose by: ``1 lepton``, ``b jets``."""
    model: str = ""
    """What the signal is."""
    points: int | None = None
    """Signal points over all patch sets."""
    workspaces: int | None = None
    labels: tuple[str, ...] = ()
    """The coordinates' names."""
    notation: tuple[Notation, ...] = ()
    """How they are written on an axis, as far as that is known."""
    format: Format = Format.UNKNOWN
    why_not: str = ""
    """Why it cannot be fitted; empty where it can, or where that is unknown."""
    known_problems: tuple[str, ...] = ()
    files: tuple[PublishedFile, ...] = ()
    """The newest version first; within one version, likelihoods first."""
    version: int | None = None
    """The newest version of the record."""
    updated: str = ""
    """When HEPData's record was last changed, as an ISO date; its citation gives that year."""
    contents: tuple[AnalysisSummary, ...] = ()
    """Known once the file was opened."""
    unchecked: tuple[str, ...] = ()
    """Names of the fields that nobody could check when they were written down."""
    source: str = "catalogue"
    """Where this was read: ``catalogue``, ``hepdata`` or ``library``."""
    retrieved: str = ""
    """When, as an ISO date or time."""

    @property
    def record_doi(self) -> str:
        """DOI of the record, empty where its number is unknown."""
        return f"10.17182/hepdata.{self.record}" if self.record is not None else ""

    @property
    def file_doi(self) -> str:
        """DOI of the likelihood, of its newest version.

        Empty where no file is known to be one, or where that version has several: somebody has to choose.
        """
        known = [file for file in self.files if file.likelihood]
        newest = max((file.version or 0 for file in known), default=0)
        found = [file.doi for file in known if (file.version or 0) == newest]
        return found[0] if len(found) == 1 else ""


def summarised(pallet: Pallet) -> tuple[AnalysisSummary, ...]:
    """What is kept of a pallet once it was opened."""
    return tuple(
        AnalysisSummary(
            name=analysis.name,
            channels=len(analysis.channels),
            bins=analysis.bins,
            parameters=analysis.parameters,
            poi=analysis.poi,
            labels=analysis.labels,
            points=tuple(
                tuple(point.values[label] for label in analysis.labels)
                if all(label in point.values for label in analysis.labels)
                else ()
                for point in analysis.points
            ),
            references=analysis.references,
        )
        for analysis in pallet.analyses
    )
