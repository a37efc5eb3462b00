"""Which workspace a pyhf patch was made for, and what it does to it, as far as the patch itself tells.

A patch names channels by their places only, so that of another workspace with as many channels can be applied
without complaint, and puts every signal into the wrong channel. Only patch sets carry the digest of their
workspace. In a bare patch the names of modifiers tell: the statistical uncertainty of a published signal
shares its parameter with the background of the same channel, and is called after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fitgui.pallets.model import SignalPoint
from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.model import Finding, SignalError, Target
from fitgui.reinterpretation.target.layout import Layout, layout_of
from fitgui.reinterpretation.target.survey import background_staterrors, signal_samples_of
from fitgui_backends.histfactory.errors import HistFactoryError

_ASKED = 5
"""Published signals, at even distances, whose modifiers are looked at."""
_MOST = 0.5
"""If more of the names than this are unknown, the patch is of another workspace."""


@dataclass(frozen=True, slots=True)
class PatchFacts:
    """What a patch does besides adding a signal."""

    dropped: tuple[str, ...]
    """Channels of the target that it removes."""
    changed: tuple[str, ...]
    """What of the background-only model it changes, in words."""
    origin: str
    """What speaks against its being made for this workspace: a clause; empty if nothing does."""


def facts_of(target: Target, point: SignalPoint, *, doubted: bool) -> PatchFacts:
    """Look at a patch together with the workspace that it is to be for.

    Args:
        target: the analysis.
        point: the patch.
        doubted: whether nothing else, as a digest, says that it is for this workspace.

    Raises:
        SignalError: if it cannot be applied.
    """
    workspace = target.analysis.workspace
    try:
        document, samples = signal_samples_of(workspace, point.operations, target.measurement)
        left = {channel["name"] for channel in document["channels"]}
        return PatchFacts(
            dropped=tuple(channel.name for channel in target.channels if channel.name not in left),
            changed=tuple(_changed(workspace, document, {id(sample) for _, sample in samples})),
            origin=_origin(target, samples) if doubted else "",
        )
    except HistFactoryError as error:
        raise SignalError(f"the patch of point {point.name} cannot be applied: {error}.") from error


def origin_finding(target: Target, source: str, clause: str) -> Finding:
    """What is said where a patch does not seem to be for an analysis."""
    return Finding(
        severe=True,
        sentence=f"{source} may be a patch for another workspace than that of {target.analysis.name} of "
        f"{target.pallet}: {clause}; open the analysis that it was made for, or confirm that it is this one.",
        code="other-analysis",
    )


def changed_finding(source: str, changed: Iterable[str]) -> Finding:
    """What is said where a patch changes more than the signal."""
    what = ", ".join(dict.fromkeys(changed))
    return Finding(
        severe=False,
        sentence=f"{source} changes more than the signal ({shown(what, 200)}): it is fitted as it is, but as "
        "soon as you change a yield or scale the signal, only its signal and the channels that it removes "
        "remain.",
        code="patch-changes",
    )


def _changed(workspace: Mapping[str, Any], document: Mapping[str, Any], signals: set[int]) -> Iterable[str]:
    """Backgrounds, data and measurements that are not what they were."""
    before = {channel["name"]: channel["samples"] for channel in workspace["channels"]}
    for channel in document["channels"]:
        name = channel["name"]
        kept = [sample for sample in channel["samples"] if id(sample) not in signals]
        if name not in before:
            yield f"the new channel {name}"
        elif len(kept) != len(before[name]) or any(
            one is not other and one != other for one, other in zip(kept, before[name], strict=True)
        ):
            yield f"backgrounds of {name}"
    left = {channel["name"] for channel in document["channels"]}
    data = {each["name"]: each for each in workspace["observations"]}
    for each in document["observations"]:
        if each["name"] in left and data.get(each["name"]) != each:
            yield f"data of {each['name']}"
    if document["measurements"] != workspace["measurements"]:
        yield "the measurement"


def _origin(target: Target, samples: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    layout = layout_of(target.analysis, target.measurement)
    known, published = _known_names(target)
    looks = _looks(target, layout, known)
    names: set[str] = set()
    told = False
    for channel, sample in samples:
        look = looks.get(channel)
        for modifier in sample["modifiers"]:
            name, kind = modifier["name"], modifier["type"]
            if name == layout.poi or kind == "lumi" or look is None:
                continue
            names.add(name)
            if kind in ("staterror", "shapesys") and (why := look.against(name, kind)):
                return why
            told = told or name in look.own or look.here.search(name) is not None
    if told:
        return ""
    unknown = sorted(names - known)
    if len(unknown) > _MOST * len(names):
        few = f"{', '.join(unknown[:3])}{' …' if len(unknown) > 3 else ''}"
        nowhere = (
            "in neither the workspace nor its published signals" if published else "not in the workspace"
        )
        return f"{len(unknown)} of the {len(names)} uncertainties in it ({shown(few, 120)}) are {nowhere}"
    if not names:
        return "nothing in it says which workspace it is for, as it has no uncertainty that this one has, too"
    return ""


@dataclass(frozen=True, slots=True)
class _Look:
    """What statistical uncertainties of a signal in a channel are called, if they are meant for it."""

    channel: str
    own: frozenset[str]
    """The staterrors of its backgrounds."""
    shared: str
    """The one of them that all published signals have."""
    here: re.Pattern[str]
    """Finds the name of this channel."""
    others: re.Pattern[str]
    """Finds the name of another one."""
    known: frozenset[str]
    elsewhere: frozenset[str]
    """Parameters that are in the workspace, but not in this channel."""

    def against(self, name: str, kind: str) -> str:
        """Why one cannot be meant for the channel; empty where it can."""
        if name in self.own:
            return ""
        named = self.here.search(name) is not None
        if name in self.elsewhere or (self.others.search(name) and not named):
            return f"it puts {name} into channel {self.channel}, and that belongs to another channel"
        if kind == "staterror" and self.own:
            return f"it puts {name} into channel {self.channel}, whose background has {min(self.own)}"
        if self.shared and not named and name not in self.known:
            return (
                f"the statistical uncertainty that it puts into channel {self.channel} is {shown(name, 80)}, "
                f"and that of published signals there is {self.shared}"
            )
        return ""


def _looks(target: Target, layout: Layout, known: frozenset[str]) -> dict[str, _Look]:
    return {
        channel["name"]: _Look(
            channel=channel["name"],
            own=frozenset(background_staterrors(channel)),
            shared=target.channel(channel["name"]).staterror,
            here=_called((channel["name"],)),
            others=_called(tuple(name for name in layout.channels if name != channel["name"])),
            known=known,
            elsewhere=frozenset(
                name for name, channels in layout.reach.items() if channel["name"] not in channels
            ),
        )
        for channel in target.analysis.workspace["channels"]
    }


@lru_cache(maxsize=256)
def _called(names: tuple[str, ...]) -> re.Pattern[str]:
    """Finds the whole name of a channel in that of a modifier."""
    if not names:
        return re.compile(r"(?!)")
    each = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{each})(?![A-Za-z0-9])")


def _known_names(target: Target) -> tuple[frozenset[str], bool]:
    """Names of modifiers in the workspace and in published signals, and whether there are such."""
    analysis = target.analysis
    key = (analysis.digest, target.measurement, len(analysis.points))
    if key not in _names:
        if len(_names) >= _ASKED:
            _names.pop(next(iter(_names)), None)
        _names[key] = _read_names(target)
    return _names[key]


_names: dict[tuple[str, str | None, int], tuple[frozenset[str], bool]] = {}


def _read_names(target: Target) -> tuple[frozenset[str], bool]:
    points = target.analysis.points
    found = set(layout_of(target.analysis, target.measurement).kinds)
    published = False
    for point in points[:: max(1, len(points) // _ASKED)]:
        try:
            _, samples = signal_samples_of(target.analysis.workspace, point.operations, target.measurement)
        except HistFactoryError:
            continue  # the pallet's own problems tell of it
        published = True
        found |= {modifier["name"] for _, sample in samples for modifier in sample["modifiers"]}
    return frozenset(found), published
