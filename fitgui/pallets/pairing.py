"""Which workspace a patch set belongs to: by digest, else by what fits and lies nearest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from fitgui.pallets.documents import PatchSetDocument, WorkspaceDocument
from fitgui.pallets.naming import folder, stem, telling
from fitgui_backends.histfactory.canonical import digest
from fitgui_backends.histfactory.checks import check_workspace
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.patching import apply_patch, decode_operations
from fitgui_backends.histfactory.schema import validate_workspace

_MOST_ATTEMPTS = 2000
"""Applications of patches to see whether they fit: a stranger's archive shall not keep the machine busy for
hours."""


@dataclass(slots=True)
class Candidate:
    """A workspace, with the patch sets that were found to belong to it."""

    workspace: WorkspaceDocument
    paths: list[str]
    """Where it stands; several if the pallet holds copies."""
    patch_sets: list[tuple[PatchSetDocument, bool | None]] = field(default_factory=list)
    """Each with whether its digest was verified."""
    _digests: dict[str, str] = field(default_factory=dict)

    def verify(self, digests: Mapping[str, str]) -> bool | None:
        """Whether the digests name this workspace; ``None`` if there are none."""
        if not digests:
            return None
        return all(self._digest(algorithm) == value for algorithm, value in digests.items())

    def _digest(self, algorithm: str) -> str:
        if algorithm == "sha256":
            return self.workspace.digest
        if algorithm not in self._digests:
            self._digests[algorithm] = digest(self.workspace.document, algorithm)
        return self._digests[algorithm]


def without_copies(workspaces: Sequence[WorkspaceDocument]) -> list[Candidate]:
    """The workspaces, equal ones once."""
    candidates: dict[str, Candidate] = {}
    for workspace in workspaces:
        if workspace.digest in candidates:
            candidates[workspace.digest].paths.append(workspace.path)
        else:
            candidates[workspace.digest] = Candidate(workspace, [workspace.path])
    return list(candidates.values())


def patched(document: Mapping[str, Any], operations: bytes) -> Mapping[str, Any]:
    """A workspace with a signal point, checked.

    Raises:
        HistFactoryError: if the operations cannot be applied or what comes out is no sound workspace.
    """
    result: Mapping[str, Any] = apply_patch(document, decode_operations(operations))
    try:
        validate_workspace(result)
    except HistFactoryError as error:
        raise HistFactoryError(f"the patched workspace is not valid: {error}") from error
    if errors := check_workspace(result).errors:
        raise HistFactoryError(f"the patched workspace makes no sense: {errors[0]}")
    return result


class Pairing:
    """Gives each patch set of a pallet to the workspace that it belongs to."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self._attempts = _MOST_ATTEMPTS

    def place(self, patch_set: PatchSetDocument) -> str | None:
        """Find the workspace of a patch set.

        A workspace in the same file comes first, then one that the digest names, then those to which patches
        of the set can be applied so that a sound workspace comes out: of these the one whose folder is
        nearest, and among equally near ones that with the most similar name.

        Args:
            patch_set: The patch set; the candidate that it belongs to is extended by it.

        Returns:
            Why it belongs to none, in words; ``None`` if it found its place.
        """
        for candidate in self._candidates:
            if patch_set.bound_to is not None and patch_set.bound_to in candidate.paths:
                candidate.patch_sets.append((patch_set, candidate.verify(patch_set.digests)))
                return None
        for candidate in self._candidates:
            if candidate.verify(patch_set.digests):
                candidate.patch_sets.append((patch_set, True))
                return None
        if not self._candidates:
            return "there is no usable workspace that it could belong to"
        return self._try(patch_set)

    def _try(self, patch_set: PatchSetDocument) -> str | None:
        reason = ""
        for candidate in sorted(self._candidates, key=lambda candidate: _strangeness(patch_set, candidate)):
            if not self._attempts:
                return "there are too many workspaces and patch sets without digests to try what fits"
            self._attempts -= 1
            try:
                for point in _samples(patch_set):
                    patched(candidate.workspace.document, point)
            except HistFactoryError as error:
                reason = reason or str(error)
                continue
            candidate.patch_sets.append((patch_set, False if patch_set.digests else None))
            return None
        return f"it fits to no workspace here; with the nearest, {reason}"


def _samples(patch_set: PatchSetDocument) -> list[bytes]:
    """The first, the middle and the last point: enough to tell one region from another."""
    count = len(patch_set.points)
    return [patch_set.points[index].operations for index in sorted({0, count // 2, count - 1})]


def _strangeness(patch_set: PatchSetDocument, candidate: Candidate) -> tuple[int, float]:
    return min((_distance(patch_set, path), -_similarity(patch_set.path, path)) for path in candidate.paths)


def _distance(patch_set: PatchSetDocument, workspace: str) -> int:
    """Steps from folder to folder."""
    place = patch_set.path if patch_set.collected else folder(patch_set.path)
    start, end = place.split("/"), folder(workspace).split("/")
    shared = 0
    for left, right in zip(start, end, strict=False):
        if left != right:
            break
        shared += 1
    return len(start) + len(end) - 2 * shared


def _similarity(left: str, right: str) -> float:
    return SequenceMatcher(None, telling(stem(left)).lower(), telling(stem(right)).lower()).ratio()
