"""Make the example pallet that fitgui brings along: a simulated search, not a published one.

A heavy particle X is produced in pairs; each X decays to an invisible Y and a W or Higgs boson. The cross
section falls with the mass of X, the acceptance falls towards the kinematic diagonal m_X = m_Y + 125 GeV, so
that the exclusion contour is closed by the axis below and by the diagonal above, as in a search for
electroweakinos.

Only the standard library is used, the random numbers are seeded and every number is rounded: the same files
come out byte for byte on every platform. Run ``make example`` after changing anything here.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import math
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

SEED = 8
LUMINOSITY = 139.0
"""Integrated luminosity in inverse femtobarn."""
SELECTED = 0.0125
"""Branching ratios times reconstruction efficiency, far above every threshold."""
EDGES = (200.0, 350.0, 550.0, math.inf)
"""Edges of the bins of SR and CR_W in the effective mass, in GeV."""
DIAGONAL = 125.0
"""The smallest m_X - m_Y in GeV for which X decays to Y and a Higgs boson on its mass shell."""

BACKGROUNDS: dict[str, dict[str, tuple[float, ...]]] = {
    "SR": {
        "top": (56.0, 16.0, 3.4),
        "wjets": (22.0, 8.6, 2.9),
        "other": (14.0, 5.5, 1.8),
        "fakes": (6.2, 1.8, 0.4),
    },
    "CR_W": {
        "top": (75.0, 21.0, 5.3),
        "wjets": (390.0, 143.0, 49.0),
        "other": (44.0, 17.0, 5.8),
        "fakes": (28.0, 7.2, 1.9),
    },
    "CR_top": {
        "top": (742.0, 268.0),
        "wjets": (58.0, 24.0),
        "other": (39.0, 16.0),
    },
}
"""Expected events by channel, sample and bin."""

Modifier = dict[str, Any]


def rounded(value: float) -> float:
    """Four significant digits: what is published, and the same on every platform."""
    return float(f"{value:.4g}")


def rounded_all(values: Iterable[float]) -> list[float]:
    """Each value to four significant digits."""
    return [rounded(value) for value in values]


def factor(name: str, kind: str) -> Modifier:
    """A modifier without data: ``normfactor``, ``shapefactor`` or ``lumi``."""
    return {"name": name, "type": kind, "data": None}


def normsys(name: str, relative: float) -> Modifier:
    """A relative uncertainty of the normalisation; down is the inverse of up."""
    data = {"hi": rounded(1 + relative), "lo": rounded(1 / (1 + relative))}
    return {"name": name, "type": "normsys", "data": data}


def histosys(name: str, data: Sequence[float], relative: Callable[[int], float]) -> Modifier:
    """A correlated change of shape: ``relative(bin)`` upwards, mirrored downwards."""
    high = rounded_all(value * (1 + relative(i)) for i, value in enumerate(data))
    low = rounded_all(value * (1 - relative(i)) for i, value in enumerate(data))
    return {"name": name, "type": "histosys", "data": {"hi_data": high, "lo_data": low}}


def per_bin(name: str, kind: str, data: Sequence[float], relative: float) -> Modifier:
    """A ``staterror`` or ``shapesys``: absolute uncertainties of the bins, larger for few events."""
    absolute = (value * relative * (1 + 0.3 / math.sqrt(value)) for value in data)
    return {"name": name, "type": kind, "data": rounded_all(absolute)}


def sample(name: str, data: Sequence[float], modifiers: list[Modifier]) -> dict[str, Any]:
    """A sample of a channel, its modifiers sorted as pyhf's tools do."""
    ordered = sorted(modifiers, key=lambda modifier: (modifier["type"], modifier["name"]))
    return {"name": name, "data": rounded_all(data), "modifiers": ordered}


def detector(data: Sequence[float]) -> list[Modifier]:
    """What every simulated sample shares: luminosity, jet energy scale, b-tagging."""
    return [
        factor("lumi", "lumi"),
        histosys("jet_energy_scale", data, lambda i: 0.03 + 0.02 * i),
        normsys("b_tagging", 0.025),
    ]


def simulated_events(channel: str, data: Sequence[float], relative: float) -> list[Modifier]:
    """The uncertainty from how many events were simulated; negligible in the well-filled control regions."""
    return [per_bin(f"staterror_{channel}", "staterror", data, relative)] if channel == "SR" else []


def background(channel: str, name: str, data: Sequence[float]) -> dict[str, Any]:
    """A background sample with the uncertainties that its estimate has."""
    if name == "fakes":  # estimated from data: no luminosity
        modifiers = [normsys("fake_rate", 0.2)]
        if channel == "SR":
            modifiers.append(per_bin("fakes_per_bin", "shapesys", data, 0.25))
        return sample(name, data, modifiers)
    modifiers = [*detector(data), *simulated_events(channel, data, 0.02)]
    if name == "top":
        modelling = normsys("top_modelling", 0.04 if channel == "CR_top" else 0.11)
        modifiers += [factor("mu_top", "normfactor"), modelling]
    elif name == "other":
        modifiers.append(normsys("other_cross_section", 0.15))
    elif channel != "CR_top":  # the shape of W+jets is taken from CR_W, bin by bin
        extrapolation = normsys("W_extrapolation", 0.09 if channel == "SR" else 0.01)
        modifiers += [factor("shape_W", "shapefactor"), extrapolation]
    else:
        modifiers.append(normsys("W_extrapolation", 0.2))
    return sample(name, data, modifiers)


def poisson(mean: float, generator: random.Random) -> int:
    """A Poisson number by inversion: only ``Random.random`` gives the same sequence in every Python.

    A large mean is drawn in parts, as ``exp(-mean)`` would be lost in rounding.
    """
    if mean > 100:
        return poisson(mean / 2, generator) + poisson(mean / 2, generator)
    target, count = generator.random(), 0
    probability = cumulative = math.exp(-mean)
    while cumulative < target and (count < mean or probability > 1e-18):
        count += 1
        probability *= mean / count
        cumulative += probability
    return count


def make_workspace() -> dict[str, Any]:
    """The background-only workspace with one set of pseudo-data."""
    generator = random.Random(SEED)  # noqa: S311 - pseudo-data, no secret
    channels, observations = [], []
    for channel, samples in BACKGROUNDS.items():
        contents = [background(channel, name, data) for name, data in samples.items()]
        channels.append({"name": channel, "samples": contents})
        totals = [sum(values) for values in zip(*samples.values(), strict=True)]
        observations.append({"name": channel, "data": [poisson(total, generator) for total in totals]})
    lumi = {"name": "lumi", "auxdata": [1.0], "bounds": [[0.5, 1.5]], "inits": [1.0], "sigmas": [0.017]}
    measurement = {"name": "NormalMeasurement", "config": {"poi": "mu_SIG", "parameters": [lumi]}}
    return {
        "channels": channels,
        "measurements": [measurement],
        "observations": observations,
        "version": "1.0.0",
    }


def cross_section(m_x: float) -> float:
    """Cross section in femtobarn: close to that of wino pairs at 13 TeV, from 150 to 1000 GeV."""
    return 1000 * math.exp(17.34 - 3.054 * math.log(m_x) - 0.002857 * m_x)


def fraction_above(threshold: float, scale: float) -> float:
    """Fraction of signal events above an effective mass in GeV: log-normal with the median ``scale``."""
    if math.isinf(threshold):
        return 0.0
    return 0.5 * math.erfc(math.log(threshold / scale) / (0.42 * math.sqrt(2)))


def signal_yields(m_x: float, m_y: float) -> dict[str, list[float]]:
    """Expected signal events by channel and bin for masses in GeV."""
    scale = 0.80 * m_x * (1 - (m_y / m_x) ** 2)  # twice the momentum of the decay products of X, nearly
    accepted = 1 - math.exp(-(((m_x - m_y - 0.7 * DIAGONAL) / 170.0) ** 1.5))
    events = cross_section(m_x) * LUMINOSITY * SELECTED * accepted
    bins = [
        events * (fraction_above(low, scale) - fraction_above(high, scale))
        for low, high in itertools.pairwise(EDGES)
    ]
    return {
        "SR": bins,
        "CR_W": [0.05 * value for value in bins],
        "CR_top": [0.08 * bins[0], 0.08 * (bins[1] + bins[2])],
    }


def make_patch(m_x: int, m_y: int) -> dict[str, Any]:
    """The signal point with these masses in GeV: one sample more in every channel."""
    name = f"XX_{m_x}_{m_y}"
    operations = []
    theory = 0.05 + 0.09 * m_x / 1000
    for index, (channel, data) in enumerate(signal_yields(m_x, m_y).items()):
        visible = [max(value, 1e-4) for value in data]
        modifiers = [
            factor("mu_SIG", "normfactor"),
            *detector(visible),
            normsys("signal_theory", theory),
            *simulated_events(channel, visible, 0.03),
        ]
        path = f"/channels/{index}/samples/{len(BACKGROUNDS[channel])}"
        operations.append({"op": "add", "path": path, "value": sample(name, visible, modifiers)})
    return {"metadata": {"name": name, "values": [m_x, m_y]}, "patch": operations}


def grid() -> list[tuple[int, int]]:
    """The simulated masses (m_X, m_Y) in GeV: denser where the contour is, and a line along the diagonal."""
    points = {(m_x, m_y) for m_x in range(200, 1001, 100) for m_y in range(0, 401, 100) if m_x - m_y >= 200}
    points |= {(m_x, m_y) for m_x in (650, 750) for m_y in range(0, 301, 100)}
    points -= {(900, 400), (1000, 300)}
    points |= {(250, 50), (350, 50), (350, 150), (450, 150), (450, 250)}
    points |= {(550, 100), (550, 200), (550, 300), (650, 250)}
    points |= {(m_x, m_x - 130) for m_x in range(150, 601, 50)}
    return sorted(points)


def canonical_digest(document: Any) -> str:
    """The sha256 by which a patch set names its workspace, as ``pyhf.utils.digest`` computes it."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def lines(document: dict[str, Any], long_list: str) -> str:
    """JSON with one line per member, and per item of the long list, so that a change can be read."""
    members = []
    for key in sorted(document):
        if key == long_list:
            items = ",\n".join(json.dumps(item, sort_keys=True) for item in document[key])
            members.append(f"{json.dumps(key)}: [\n{items}\n]")
        else:
            members.append(f"{json.dumps(key)}: {json.dumps(document[key], sort_keys=True)}")
    return "{\n" + ",\n".join(members) + "\n}\n"


def main() -> None:
    """Write the two files of the pallet."""
    parser = argparse.ArgumentParser(description="Make the example pallet.")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "example", help="folder")
    folder: Path = parser.parse_args().output
    workspace = make_workspace()
    patch_set = {
        "metadata": {
            "name": "example",
            "description": "Simulated example, not a published search: pairs of X, each decaying to an"
            " invisible Y and a W or Higgs boson; masses in GeV",
            "digests": {"sha256": canonical_digest(workspace)},
            "labels": ["m_X", "m_Y"],
            "references": {"hepdata": "ins0000000"},  # the schema asks for one; no record has this number
        },
        "patches": [make_patch(*masses) for masses in grid()],
        "version": "1.0.0",
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "BkgOnly.json").write_text(lines(workspace, "channels"), encoding="utf-8", newline="\n")
    (folder / "patchset.json").write_text(lines(patch_set, "patches"), encoding="utf-8", newline="\n")
    print(f"{len(patch_set['patches'])} signal points written to {folder}")


if __name__ == "__main__":
    main()
