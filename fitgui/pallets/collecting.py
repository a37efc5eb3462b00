"""Patch sets out of files that hold one signal point each: its operations, or its complete workspace."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fitgui.pallets.coordinates import coordinates_from_names
from fitgui.pallets.documents import OperationsDocument, PatchSetDocument, RawPoint, WorkspaceDocument
from fitgui.pallets.naming import folder, natural, short_names, stem, telling, unique
from fitgui_backends.histfactory.canonical import digest
from fitgui_backends.histfactory.summary import poi_name, signal_samples

_PREFIX = re.compile(r"(?i)^(json)?patch(es|set)?[._\- ]+(?=.)")


def collect_operations(
    files: Sequence[OperationsDocument], workspaces: Sequence[WorkspaceDocument]
) -> list[PatchSetDocument]:
    """Patch sets out of patches that were published one file per point.

    Files in one folder belong together, and so do files of the same name in folders of their own side by
    side. Where one folder holds several workspaces, the files that carry the name of one belong to that one.
    """
    groups: dict[tuple[str, str], list[OperationsDocument]] = defaultdict(list)
    by_folder: dict[str, list[str]] = defaultdict(list)
    for workspace in workspaces:
        by_folder[folder(workspace.path)].append(workspace.path)
    alone = _alone_in_their_folders([file.path for file in files])
    for file in files:
        place = folder(file.path)
        groups[(folder(place) if alone else place, _owner(file.path, by_folder[place]))].append(file)
    return [_collected(place or "patches", owner, members) for (place, owner), members in groups.items()]


def _alone_in_their_folders(paths: Sequence[str]) -> bool:
    folders = [folder(path) for path in paths]
    return (
        len(paths) > 1 and len(set(folders)) == len(paths) and len({folder(place) for place in folders}) == 1
    )


def _owner(path: str, here: Sequence[str]) -> str:
    """The workspace in its folder whose name the file carries; empty if there is none or no choice."""
    if len(here) < 2:
        return ""
    name = stem(path).lower()
    carried = [other for other in here if telling(stem(other)) and telling(stem(other)).lower() in name]
    return max(carried, key=lambda other: len(telling(stem(other))), default="")


def _collected(place: str, owner: str, members: Sequence[OperationsDocument]) -> PatchSetDocument:
    ordered = sorted(members, key=lambda member: natural(member.path))
    names = _without_owner(point_names([member.path for member in ordered]), owner)
    return PatchSetDocument(
        path=f"{place}/{stem(ordered[0].path)}" if len(ordered) == 1 else place,
        description="",
        labels=(),
        digests={},
        references={},
        points=tuple(
            member.point if member.point and member.point.named else RawPoint(name, None, member.operations)
            for name, member in zip(names, ordered, strict=True)
        ),
        collected=True,
    )


def _without_owner(names: list[str], owner: str) -> list[str]:
    """The names without that of their workspace in front, if all have it there."""
    prefix = telling(stem(owner)) if owner else ""
    shorter = [name[len(prefix) :].lstrip("_-. ") for name in names if prefix and name.startswith(prefix)]
    return (
        shorter if len(shorter) == len(names) and all(shorter) and len(set(shorter)) == len(names) else names
    )


def point_names(paths: Sequence[str]) -> list[str]:
    """Names of points from the paths of their files: ``a/patch.stau_280_40.json`` gives ``stau_280_40``."""
    names = [_PREFIX.sub("", stem(path)) for path in paths]
    if len(set(names)) == len(names):
        return names
    return unique(short_names(paths))


@dataclass(frozen=True, slots=True)
class Complete:
    """Workspaces that are one analysis, each with another signal."""

    background: WorkspaceDocument
    """The one without signal, or the first."""
    members: Mapping[str, WorkspaceDocument]
    """Those with a signal, by the name of the point."""

    def patch_set(self) -> PatchSetDocument:
        """The members as patches that replace the whole document."""
        points = tuple(
            RawPoint(name, None, b'[{"op":"replace","path":"","value":' + member.json + b"}]")
            for name, member in self.members.items()
        )
        first = next(iter(self.members.values()))
        return PatchSetDocument(
            path=folder(first.path) or "workspaces",
            description="A complete workspace for each point",
            labels=(),
            digests={},
            references={},
            points=points,
            bound_to=self.background.path,
            collected=True,
        )


def complete_workspaces(workspaces: Sequence[WorkspaceDocument]) -> list[Complete]:
    """Groups of workspaces that are the same analysis with different signals.

    They have the same channels with the same observed data and, leaving out the samples that their parameter
    of interest scales, the same expected yields: then only the signal differs. That alone might also be two
    measurements of different quantities, so there must be a background-only workspace among them, or their
    names must give coordinates. Regions of an analysis differ in channels and data, so they are never taken
    together.
    """
    if len(workspaces) < 2:
        return []
    groups: dict[str, list[WorkspaceDocument]] = defaultdict(list)
    signals: dict[str, set[tuple[str, str]]] = {}
    for workspace in workspaces:
        signals[workspace.path] = signal_samples(workspace.document, poi_name(workspace.document))
        groups[_background_key(workspace, signals[workspace.path])].append(workspace)
    found = []
    for group in groups.values():
        members = sorted((item for item in group if signals[item.path]), key=lambda item: natural(item.path))
        backgrounds = [item for item in group if not signals[item.path]]
        names = point_names([member.path for member in members])
        if members and (backgrounds or (len(members) > 1 and coordinates_from_names(names)[0])):
            background = backgrounds[0] if backgrounds else members[0]
            names = _without_owner(names, backgrounds[0].path if backgrounds else "")
            found.append(Complete(background, dict(zip(unique(names), members, strict=True))))
    return found


def _background_key(workspace: WorkspaceDocument, signal: set[tuple[str, str]]) -> str:
    document = workspace.document
    return digest(
        {
            "yields": {
                channel["name"]: {
                    sample["name"]: sample["data"]
                    for sample in channel["samples"]
                    if (channel["name"], sample["name"]) not in signal
                }
                for channel in document["channels"]
            },
            "data": {observation["name"]: observation["data"] for observation in document["observations"]},
        }
    )
