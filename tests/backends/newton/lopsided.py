"""Random models with lopsided variations, and data far from what they expect: many minima."""

from __future__ import annotations

from typing import Any

import numpy as np

_SYSTEMATICS = 8


def lopsided_workspace(seed: int) -> dict[str, Any]:
    """Two channels whose systematic variations go the same way, one way or nowhere on either side.

    Observed are between a third and three times the expected events.
    """
    random = np.random.default_rng(seed)
    channels, observations = [], []
    for name, bins in (("CR", 1), ("SR", 3)):
        samples: list[dict[str, Any]] = []
        for sample, events in (("signal", 8.0), ("background", 12.0), ("other", 4.0)):
            nominal = events * random.uniform(0.5, 2.0, bins) * (5.0 if name == "CR" else 1.0)
            modifiers: list[dict[str, Any]] = []
            for number in range(_SYSTEMATICS):
                size = 0.3 * random.standard_normal(2)
                if random.random() < 0.6:
                    low, high = np.exp(size).round(4).tolist()
                    data: dict[str, Any] = {"lo": low, "hi": high}
                    modifiers.append({"name": f"s{number}", "type": "normsys", "data": data})
                if bins > 1 and random.random() < 0.6:
                    low, high = 1.0 + 0.3 * random.standard_normal((2, bins))
                    data = {"lo_data": (nominal * low).tolist(), "hi_data": (nominal * high).tolist()}
                    modifiers.append({"name": f"s{number}", "type": "histosys", "data": data})
            factor = {"signal": "mu", "background": "k", "other": "mu_other"}[sample]
            modifiers.append({"name": factor, "type": "normfactor", "data": None})
            modifiers.append({"name": f"stat_{name}", "type": "staterror", "data": (0.1 * nominal).tolist()})
            samples.append({"name": sample, "data": nominal.tolist(), "modifiers": modifiers})
        expected = sum(np.array(sample["data"]) for sample in samples)
        observed = np.round(expected * np.exp(random.uniform(-1.1, 1.1, bins)))
        channels.append({"name": name, "samples": samples})
        observations.append({"name": name, "data": observed.tolist()})
    return {
        "channels": channels,
        "observations": observations,
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }
