"""What a pallet holds once it has been read: analyses, patch sets and signal points, all immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Coordinate = float | str
"""A mass, a coupling, or a word: published pallets use all three."""


OWN_SIGNAL = "Own signal on "
"""The description of a patch set begins so where nobody published it: its signals are the user's own."""


class PalletError(Exception):
    """A pallet cannot be used; the text is one sentence: what is wrong, where, what to do."""


@dataclass(frozen=True, slots=True)
class SignalPoint:
    """One signal hypothesis of a patch set."""

    name: str
    """Unique within its analysis."""
    values: Mapping[str, Coordinate]
    """Coordinate by label, in the order of the labels; empty where none are known."""
    operations: bytes = field(repr=False)
    """The patch as a JSON array of RFC 6902 operations, as published; unpacked only when it is fitted."""
    patch_set: str
    """Name of the patch set that it belongs to."""


@dataclass(frozen=True, slots=True)
class PatchSet:
    """The signal points that were published together."""

    name: str
    description: str
    labels: tuple[str, ...]
    points: tuple[SignalPoint, ...]
    digest_verified: bool | None
    """``None`` where no digest is given; ``False`` where it belongs to another document."""
    references: Mapping[str, str] = field(default_factory=dict)
    """Of an own signal, those of the workspace."""

    @property
    def own(self) -> bool:
        """Whether the signals are the user's own."""
        return self.description.startswith(OWN_SIGNAL)


@dataclass(frozen=True, slots=True)
class Channel:
    """A region of the analysis."""

    name: str
    bins: int
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """One workspace of a pallet together with the patch sets that belong to it."""

    name: str
    """Unique within its pallet."""
    path: str
    """Where in the pallet the workspace stands, archives inside archives joined by ``!/``."""
    workspace: Mapping[str, Any] = field(repr=False)
    """The validated document; shared, never to be changed."""
    workspace_json: bytes = field(repr=False)
    digest: str
    """sha256 of the canonical JSON, as ``pyhf.utils.digest`` computes it."""
    channels: tuple[Channel, ...]
    parameters: int
    """Of the model with its first signal point, or of the workspace alone where there is none."""
    poi: str | None
    measurements: tuple[str, ...]
    patch_sets: tuple[PatchSet, ...]
    problems: tuple[str, ...] = ()

    @property
    def points(self) -> tuple[SignalPoint, ...]:
        """All signal points, in the order of the patch sets."""
        return tuple(point for patch_set in self.patch_sets for point in patch_set.points)

    @property
    def labels(self) -> tuple[str, ...]:
        """The coordinates' names over all patch sets, each once, in order of appearance."""
        return tuple(dict.fromkeys(label for patch_set in self.patch_sets for label in patch_set.labels))

    @property
    def references(self) -> tuple[str, ...]:
        """The records that its patch sets name, such as ``ins1755298``, each once."""
        named = (patch_set.references.get("hepdata", "") for patch_set in self.patch_sets)
        return tuple(dict.fromkeys(text for text in named if text))

    @property
    def own_signal(self) -> str:
        """What the signals are, where they are the user's own; empty for published ones."""
        return next((patch_set.description for patch_set in self.patch_sets if patch_set.own), "")

    @property
    def bins(self) -> int:
        """Bins over all channels."""
        return sum(channel.bins for channel in self.channels)

    @property
    def digest_verified(self) -> bool | None:
        """``True`` if every patch set names this workspace, ``False`` if one names another, else ``None``."""
        verdicts = {patch_set.digest_verified for patch_set in self.patch_sets}
        if False in verdicts:
            return False
        return True if verdicts == {True} else None


@dataclass(frozen=True, slots=True)
class Pallet:
    """An archive as published, read and understood."""

    name: str
    source: str
    """The path, DOI or bundled name that it was opened from."""
    digest: str
    """sha256 of the file; of a folder, over the sorted relative names and contents of what was read."""
    analyses: tuple[Analysis, ...]
    problems: tuple[str, ...] = ()
    """What is unusual or was left out, in words."""
