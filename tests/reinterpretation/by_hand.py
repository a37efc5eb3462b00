"""Patches written by hand from published ones: an independent way to the same content, in plain dictionaries.

Nothing of fitgui is used here: what closure tests compare with must not share its mistakes.
"""

from __future__ import annotations

import json
from typing import Any

Document = dict[str, Any]
Sample = dict[str, Any]


def published_samples(workspace: Document, operations: bytes) -> dict[int, Sample]:
    """The samples of a published patch by the number of their channel: those patches do nothing but add."""
    found: dict[int, Sample] = {}
    for operation in json.loads(operations):
        empty, part, channel, samples, _ = operation["path"].split("/")
        assert (operation["op"], empty, part, samples) == ("add", "", "channels", "samples")
        assert int(channel) < len(workspace["channels"])
        found[int(channel)] = operation["value"]
    return found


def yields_alone(workspace: Document, operations: bytes) -> bytes:
    """The yields of a published patch on the same signal strength and luminosity, without uncertainties."""
    return _patch(workspace, {n: [] for n in published_samples(workspace, operations)}, operations)


def with_uncertainties(workspace: Document, operations: bytes) -> bytes:
    """The same with all uncertainties, normsys and histosys of one name put into one modifier."""
    modifiers = {}
    for number, sample in published_samples(workspace, operations).items():
        nominal = sample["data"]
        made: list[Document] = []
        names = [m["name"] for m in sample["modifiers"] if m["type"] in ("normsys", "histosys")]
        for name in dict.fromkeys(names):
            high, low = list(nominal), list(nominal)
            for modifier in sample["modifiers"]:
                if modifier["name"] == name and modifier["type"] == "histosys":
                    high, low = modifier["data"]["hi_data"], modifier["data"]["lo_data"]
            for modifier in sample["modifiers"]:
                if modifier["name"] == name and modifier["type"] == "normsys":
                    high = [modifier["data"]["hi"] * value for value in high]
                    low = [modifier["data"]["lo"] * value for value in low]
            made += _one(name, nominal, high, low)
        made += [m for m in sample["modifiers"] if m["type"] in ("staterror", "shapesys")]
        modifiers[number] = made
    return _patch(workspace, modifiers, operations)


def _one(name: str, nominal: list[float], high: list[float], low: list[float]) -> list[Document]:
    up = [h / n for h, n in zip(high, nominal, strict=True) if n]
    down = [w / n for w, n in zip(low, nominal, strict=True) if n]
    if all(abs(ratio - 1.0) < 1e-12 for ratio in (*up, *down)):
        return []
    same = max(up) - min(up) < 1e-9 and max(down) - min(down) < 1e-9
    if same and up[0] > 0.0 and down[0] > 0.0:
        return [{"name": name, "type": "normsys", "data": {"hi": up[0], "lo": down[0]}}]
    return [{"name": name, "type": "histosys", "data": {"hi_data": high, "lo_data": low}}]


def _patch(workspace: Document, modifiers: dict[int, list[Document]], operations: bytes) -> bytes:
    added = []
    for number, sample in published_samples(workspace, operations).items():
        channel = workspace["channels"][number]
        signal = {
            "name": "by_hand",
            "data": sample["data"],
            "modifiers": [
                {"name": "mu_SIG", "type": "normfactor", "data": None},
                {"name": "lumi", "type": "lumi", "data": None},
                *modifiers[number],
            ],
        }
        place = f"/channels/{number}/samples/{len(channel['samples'])}"
        added.append({"op": "add", "path": place, "value": signal})
    return json.dumps(added).encode()


def of_numbers(
    workspace: Document, yields: dict[str, list[float]], statistical: dict[str, list[float]]
) -> bytes:
    """Yields and statistical uncertainties by channel, these as part of the background's staterror.

    Args:
        workspace: whose channels have a staterror that is called after them.
        yields: events; a channel without events gets no sample.
        statistical: uncertainties in events.
    """
    added = []
    for number, channel in enumerate(workspace["channels"]):
        name = channel["name"]
        if not any(yields.get(name, [])):
            continue
        modifiers: list[Document] = [
            {"name": "mu_SIG", "type": "normfactor", "data": None},
            {"name": "lumi", "type": "lumi", "data": None},
        ]
        if any(statistical.get(name, [])):
            modifiers.append({"name": f"staterror_{name}", "type": "staterror", "data": statistical[name]})
        signal = {"name": "by_hand", "data": yields[name], "modifiers": modifiers}
        place = f"/channels/{number}/samples/{len(channel['samples'])}"
        added.append({"op": "add", "path": place, "value": signal})
    return json.dumps(added).encode()
