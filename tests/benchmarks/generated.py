"""Workspaces of any size, to see how the cost of a fit grows."""

from __future__ import annotations

import random
from typing import Any

SEED = 4
SAMPLES = ("top", "wjets", "zjets", "other")
BINS_PER_CHANNEL = 10


def generated(parameters: int, bins: int) -> dict[str, Any]:
    """A workspace with a signal: half of its systematic uncertainties change rates, half shapes.

    Args:
        parameters: Nuisance parameters, each of effect on every background sample.
        bins: Of all channels together.
    """
    random_ = random.Random(SEED)
    channels, observations = [], []
    for first in range(0, bins, BINS_PER_CHANNEL):
        size = min(BINS_PER_CHANNEL, bins - first)
        name = f"region_{first // BINS_PER_CHANNEL}"
        samples = [_background(random_, sample, size, parameters) for sample in SAMPLES]
        total = [sum(sample["data"][number] for sample in samples) for number in range(size)]
        samples.append(_signal(size))
        channels.append({"name": name, "samples": samples})
        observed = [max(round(random_.gauss(rate, rate**0.5)), 0) for rate in total]
        observations.append({"name": name, "data": [float(count) for count in observed]})
    return {
        "channels": channels,
        "observations": observations,
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def signal_operations(workspace: dict[str, Any], scale: float) -> list[dict[str, Any]]:
    """A patch that replaces the signal of the first channel by a scaled one."""
    last = len(workspace["channels"][0]["samples"]) - 1
    data = [round(scale * rate, 4) for rate in workspace["channels"][0]["samples"][last]["data"]]
    return [{"op": "replace", "path": f"/channels/0/samples/{last}/data", "value": data}]


def _background(random_: random.Random, name: str, size: int, parameters: int) -> dict[str, Any]:
    data = [round(random_.uniform(20.0, 100.0), 3) for _ in range(size)]
    modifiers: list[dict[str, Any]] = []
    # So that many uncertainties together are as large as few.
    width = 0.3 / max(parameters, 10) ** 0.5
    for number in range(parameters):
        up = random_.gauss(0.0, width)
        if number % 2 == 0:
            effect: Any = {"hi": round(1.0 + up, 5), "lo": round(1.0 - up, 5)}
            modifiers.append({"name": f"rate_{number}", "type": "normsys", "data": effect})
        else:
            shifts = [rate * up * random_.uniform(-1.0, 1.0) for rate in data]
            effect = {
                "hi_data": [round(rate + shift, 4) for rate, shift in zip(data, shifts, strict=True)],
                "lo_data": [round(rate - shift, 4) for rate, shift in zip(data, shifts, strict=True)],
            }
            modifiers.append({"name": f"shape_{number}", "type": "histosys", "data": effect})
    return {"name": name, "data": data, "modifiers": modifiers}


def _signal(size: int) -> dict[str, Any]:
    data = [round(8.0 / (1 + number), 3) for number in range(size)]
    return {
        "name": "signal",
        "data": data,
        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
    }
