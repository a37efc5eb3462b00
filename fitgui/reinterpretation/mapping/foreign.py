"""Region maps that come with other tools: SModelS, CheckMATE, MadAnalysis 5.

SModelS (``globalInfo.txt`` of its database): ``jsonFiles`` is a Python literal with, for each workspace, a
list of ``{'pyhf': 'SRHMEM_mct2[0]', 'smodels': 'SR_HM_Low_MCT', 'type': 'SR'}``; older files have the names
of SModelS only, in the order of the bins of the signal regions. ``jsonFiles_FullLikelihood`` names the
published workspaces where ``jsonFiles`` are simplified ones. Newer files have ``regionMappings`` and
``regionSets``.

CheckMATE (``pyhf_conf.json``): ``SR_dict`` gives the name of CheckMATE for each bin.

MadAnalysis 5 (``.info``): ``<pyhf><name>file</name><regions><channel name="SR_metsigST">SRC_22
SRC_24</channel>`` lists the regions of a channel in the order of its bins.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from fitgui.reinterpretation.mapping.same_names import place_of
from fitgui.reinterpretation.model import RegionKind, SignalError

_KEY = re.compile(r"^([A-Za-z_]\w*)\s*:", re.MULTILINE)
_KINDS = {"SR": RegionKind.SIGNAL, "CR": RegionKind.CONTROL, "VR": RegionKind.VALIDATION}


@dataclass(slots=True)
class ForeignMap:
    """A map for one workspace, as another tool has it; see :class:`~.files.MapFile`."""

    analysis: str
    workspaces: tuple[str, ...] = ()
    regions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    channels: dict[str, RegionKind] = field(default_factory=dict)
    ordered: tuple[str, ...] = ()

    def add(self, region: str, text: str) -> None:
        """One more bin of a region."""
        self.regions[region] = (*self.regions.get(region, ()), text)


def looks_like_smodels(text: str) -> bool:
    """Whether it is a ``globalInfo.txt``."""
    keys = set(_KEY.findall(text[:20_000]))
    return "id" in keys and bool(keys & {"sqrts", "lumi", "jsonFiles"})


def smodels_maps(text: str, name: str) -> list[ForeignMap]:
    """The maps of a ``globalInfo.txt`` of SModelS, one for each workspace.

    Args:
        text: of the file.
        name: of the file, for sentences.

    Raises:
        SignalError: if what should be a Python literal is none.
    """
    entries = _entries(text)
    analysis = entries.get("id", "")
    if "regionMappings" in entries:
        return _smodels_sets(entries, analysis, name)
    key = "jsonFiles_FullLikelihood" if "jsonFiles_FullLikelihood" in entries else "jsonFiles"
    if key not in entries:
        return []
    found = []
    for workspace, listed in _literal(entries[key], key, name).items():
        if not isinstance(listed, list | tuple):
            raise SignalError(f"{name}: {key} must list regions for {workspace}: mend it")
        one = ForeignMap(analysis, (str(workspace),))
        if all(isinstance(each, str) for each in listed):
            one.ordered = tuple(listed)
        else:
            _smodels_entries(one, listed, key, name)
        found.append(one)
    return found


def _smodels_sets(entries: Mapping[str, str], analysis: str, name: str) -> list[ForeignMap]:
    mappings = _literal(entries["regionMappings"], "regionMappings", name)
    sets = _literal(entries.get("regionSets", "{}"), "regionSets", name) or {"": list(mappings)}
    models = _literal(entries.get("statModels", "{}"), "statModels", name)
    found = []
    for label, members in sets.items():
        if not isinstance(members, list | tuple):
            raise SignalError(f"{name}: regionSets must list regions for {label}: mend it")
        files = _smodels_files(models.get(label, ()))
        one = ForeignMap(analysis, tuple(files))
        known = [mappings[member] for member in members if isinstance(member, str) and member in mappings]
        _smodels_entries(one, known, "regionMappings", name)
        found.append(one)
    return found


def _smodels_files(listed: object) -> list[str]:
    """Of (kind, file): those that are workspaces; others are networks that stand for them."""
    if not isinstance(listed, list | tuple):
        return []
    pairs = [each for each in listed if isinstance(each, list | tuple) and len(each) == 2]
    return [str(file) for kind, file in pairs if "pyhf" in str(kind)]


def _smodels_entries(found: ForeignMap, listed: Iterable[Any], key: str, name: str) -> None:
    for each in listed:
        if not isinstance(each, dict) or not isinstance(each.get("pyhf"), str):
            raise SignalError(f"{name}: an entry of {key} has no 'pyhf', the channel: mend it ({each!r})")
        found.channels[place_of(each["pyhf"]).channel] = _KINDS.get(
            str(each.get("type", "SR")), RegionKind.UNKNOWN
        )
        if isinstance(region := each.get("smodels"), str):
            found.add(region, each["pyhf"])


def _entries(text: str) -> dict[str, str]:
    matches = list(_KEY.finditer(text))
    ends = [match.start() for match in matches[1:]] + [len(text)]
    return {match[1]: text[match.end() : end].strip() for match, end in zip(matches, ends, strict=True)}


def _literal(text: str, key: str, name: str) -> dict[str, Any]:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise SignalError(f"{name}: {key} cannot be read as a Python dictionary: mend it") from error
    if not isinstance(value, dict):
        raise SignalError(f"{name}: {key} is no Python dictionary: mend it")
    return value


def looks_like_checkmate(document: object) -> bool:
    """Whether it is a ``pyhf_conf.json``."""
    listed = document.get("analysis") if isinstance(document, dict) else None
    return isinstance(listed, list) and any(isinstance(each, dict) and "SR_dict" in each for each in listed)


def checkmate_maps(document: Mapping[str, Any], name: str) -> list[ForeignMap]:
    """The maps of a ``pyhf_conf.json`` of CheckMATE; those for the same workspace are joined.

    Args:
        document: as it stands in the file.
        name: of the file, for sentences.

    Raises:
        SignalError: if ``SR_dict`` is not texts by text.
    """
    found: dict[str, ForeignMap] = {}
    for each in document["analysis"]:
        regions = each.get("SR_dict", {}) if isinstance(each, dict) else None
        if not isinstance(regions, dict) or not all(isinstance(region, str) for region in regions.values()):
            raise SignalError(f"{name}: SR_dict must give one name of a region for each bin: mend it")
        workspace = str(each.get("bkgonly", each.get("name", "")))
        one = found.setdefault(workspace, ForeignMap("", (workspace,)))
        for text, region in regions.items():
            one.add(region, text)
    return [one for one in found.values() if one.regions]


def looks_like_madanalysis(text: str) -> bool:
    """Whether it is an ``.info`` file with a ``<pyhf>`` block."""
    return text.lstrip().startswith("<") and "<pyhf" in text


def madanalysis_maps(text: str, name: str) -> list[ForeignMap]:
    """The maps of an ``.info`` file of MadAnalysis 5, one for each ``<pyhf>`` block.

    Args:
        text: of the file.
        name: of the file, for sentences.

    Raises:
        SignalError: if it is not well-formed, or a channel has no name.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise SignalError(f"{name} defines entities, which no .info file needs: remove them")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without entities there is nothing to expand
    except ET.ParseError as error:
        raise SignalError(f"{name} is not well-formed ({error}): mend it") from error
    found = []
    for block in root.iter("pyhf"):
        one = ForeignMap(root.get("id", ""), _file_names(block))
        for channel in block.iter("channel"):
            label = channel.get("name")
            if not label:
                raise SignalError(f"{name}: a <channel> has no name: mend it")
            regions = re.split(r"[\s,]+", (channel.text or "").strip())
            regions = [region for region in regions if region]
            for number, region in enumerate(regions):
                one.add(region, label if len(regions) == 1 else f"{label}[{number}]")
        if one.regions:
            found.append(one)
    return found


def _file_names(block: ET.Element) -> tuple[str, ...]:
    return tuple(child.text.strip() for child in block.iter("name") if child.text and child.text.strip())
