"""Random workspaces with every modifier, zero bins, shared names and settings of the measurement."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

YIELDS = st.one_of(st.just(0.0), st.floats(0.5, 60.0).map(lambda x: round(x, 3)))
SMALL = st.one_of(st.just(0.0), st.floats(0.05, 5.0).map(lambda x: round(x, 3)))
FACTOR = st.floats(0.3, 2.5).map(lambda x: round(x, 3))
SYSTEMATICS = st.sampled_from(["alpha_a", "alpha_b", "alpha_c"])


@st.composite
def workspaces(draw: st.DrawFn) -> dict[str, Any]:
    """A workspace with one to three channels and the parameter of interest ``mu``."""
    bins = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    everywhere = draw(st.booleans())
    channels, observations = [], []
    for number, size in enumerate(bins):
        name = f"channel_{draw(st.integers(0, 9))}_{number}"
        count = draw(st.integers(1, 3))
        samples = [_sample(draw, size, f"{name}_{i}", i, name) for i in range(count)]
        samples[0]["modifiers"].append({"name": "mu", "type": "normfactor", "data": None})
        if everywhere:
            samples[0]["modifiers"].append(
                {"name": "stat_everywhere", "type": "staterror", "data": _list(draw, SMALL, size)}
            )
        channels.append({"name": name, "samples": samples})
        observations.append({"name": name, "data": [float(draw(st.integers(0, 80))) for _ in range(size)]})
    document = {"channels": channels, "observations": observations, "version": "1.0.0"}
    document["measurements"] = [
        {"name": "m", "config": {"poi": "mu", "parameters": _settings(draw, channels)}}
    ]
    return document


def _list(draw: st.DrawFn, values: st.SearchStrategy[float], size: int) -> list[float]:
    return [draw(values) for _ in range(size)]


def _sample(draw: st.DrawFn, size: int, unique: str, number: int, channel: str) -> dict[str, Any]:
    data = _list(draw, YIELDS, size)
    modifiers: list[dict[str, Any]] = []
    for name in draw(st.sets(SYSTEMATICS)):
        modifiers.append({"name": name, "type": "normsys", "data": {"lo": draw(FACTOR), "hi": draw(FACTOR)}})
    for name in draw(st.sets(SYSTEMATICS)):
        modifiers.append(
            {
                "name": name,
                "type": "histosys",
                "data": {
                    "lo_data": [round(x * draw(FACTOR), 3) for x in data],
                    "hi_data": [round(x * draw(FACTOR), 3) for x in data],
                },
            }
        )
    if draw(st.booleans()):
        modifiers.append({"name": "k", "type": "normfactor", "data": None})
    if draw(st.booleans()):
        modifiers.append({"name": "lumi", "type": "lumi", "data": None})
    if draw(st.integers(0, 3)) == 0:
        modifiers.append({"name": f"free_{size}", "type": "shapefactor", "data": None})
    if draw(st.booleans()):
        modifiers.append({"name": f"poisson_{unique}", "type": "shapesys", "data": _list(draw, SMALL, size)})
    if draw(st.booleans()):
        modifiers.append({"name": f"stat_{channel}", "type": "staterror", "data": _list(draw, SMALL, size)})
    return {"name": f"sample_{number}", "data": data, "modifiers": draw(st.permutations(modifiers))}


def _settings(draw: st.DrawFn, channels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    used: dict[str, tuple[str, int]] = {}
    for channel in channels:
        for sample in channel["samples"]:
            for modifier in sample["modifiers"]:
                used.setdefault(modifier["name"], (modifier["type"], len(sample["data"])))
    settings = []
    if "lumi" in used:
        setting = {"name": "lumi", "inits": [1.02], "bounds": [[0.8, 1.2]], "auxdata": [1.01]}
        if draw(st.booleans()):
            setting["sigmas"] = [0.02]
        if draw(st.booleans()):
            setting["fixed"] = draw(st.booleans())
        settings.append(setting)
    for name in draw(st.sets(st.sampled_from(sorted(set(used) - {"lumi", "mu"}) or ["nobody"]), max_size=3)):
        kind, size = used.get(name, ("normsys", 1))
        if kind == "staterror":
            settings.append({"name": name, "fixed": draw(st.booleans())})
            continue
        size = size if kind in ("shapesys", "shapefactor") else 1
        setting = {"name": name}
        if draw(st.booleans()):
            setting["inits"] = [0.9] * size
            setting["bounds"] = [[0.1, 4.0]] * size
        if draw(st.booleans()):
            setting["fixed"] = draw(st.booleans())
        if kind in ("normsys", "histosys") and draw(st.booleans()):
            setting["auxdata"] = [0.3]
        if kind == "shapesys" and draw(st.booleans()):
            setting["auxdata"] = [20.0] * size
            setting["factors"] = [25.0] * size
        settings.append(setting)
    settings.append({"name": "mu", "bounds": [[draw(st.sampled_from([0.0, -5.0])), 10.0]]})
    return settings
