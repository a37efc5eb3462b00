"""The parameters that are factors themselves: normfactor, lumi, shapefactor, shapesys, staterror.

Sizes, widths and which components are fixed follow pyhf 0.7.6 (``pyhf.modifiers``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fitgui_backends.histfactory.blocks import Block, Names
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.parameters import ParameterSet

Placed = Sequence[tuple[str, str, Block]]
"""Blocks with their channel and sample."""


@dataclass(frozen=True, slots=True)
class Scales:
    """All parameter sets of a model, and which of them scale which entries."""

    sets: list[ParameterSet]
    """Alphas first."""
    by_group: list[list[tuple[int, int]]]
    """For each group the scale factors: parameter of the first bin, and 1 if each bin has its own, else 0."""
    sizes: list[int]
    """Number of bins of each group."""


def collect_scales(
    placed: Placed, channels: Mapping[str, int], names: Names, alphas: Sequence[str]
) -> Scales:
    """Find the parameter sets and what they scale.

    Args:
        placed: Blocks sorted by channel and sample.
        channels: Number of bins by channel.
        names: Where parameters are numbered.
        alphas: Names of the parameters that come first.

    Raises:
        HistFactoryError: if a name is used in a way that pyhf forbids.
    """
    sets = [ParameterSet("alpha", name) for name in alphas]
    known: dict[int, int] = {}
    """First component by number of the parameter."""
    total = len(sets)

    def add(number: int, size: int, **more: Sequence[float] | Sequence[bool]) -> None:
        nonlocal total
        kind, name = names.keys[number]
        sets.append(ParameterSet(kind, name, size, **more))  # type: ignore[arg-type]
        known[number] = total
        total += size

    for _, _, block in placed:
        for number in block.scalars:
            if number not in known:
                add(number, 1)
    sizes: dict[int, int] = {}
    for channel, sample, block in placed:
        for number in block.shapefactors:
            if number not in known:
                add(number, block.nominal.size)
                sizes[number] = block.nominal.size
            elif block.nominal.size > sizes[number]:
                raise HistFactoryError(
                    f'channel "{channel}", sample "{sample}": the shapefactor modifier '
                    f'"{names.keys[number][1]}" has {sizes[number]} components elsewhere, '
                    f"too few for the {block.nominal.size} bins here"
                )
        for number, uncertainty in block.shapesys.items():
            if number in known:
                raise HistFactoryError(
                    f'channel "{channel}", sample "{sample}": the shapesys modifier '
                    f'"{names.keys[number][1]}" is already used by another sample'
                )
            fixed, factors = _shapesys(block.nominal, uncertainty)
            add(number, block.nominal.size, fixed=fixed, widths=factors)
    first_of: dict[tuple[int, str], int] = {}
    for number, members in _staterrors(placed).items():
        covered = _covered_channels(members, names.keys[number][1])
        fixed, sigmas = _staterror(members, covered, number)
        add(number, len(sigmas), fixed=fixed, widths=sigmas)
        first = known[number]
        for channel in covered:
            first_of[number, channel] = first
            first += channels[channel]
    by_group = [
        [(known[number], 0) for number in block.scalars]
        + [(known[number], 1) for number in (*block.shapefactors, *block.shapesys)]
        + [(first_of[number, channel], 1) for number in block.staterror]
        for channel, _, block in placed
    ]
    return Scales(sets, by_group, [block.nominal.size for _, _, block in placed])


def _shapesys(nominal: Floats, uncertainty: Floats) -> tuple[list[bool], list[float]]:
    """Fixed where nominal or uncertainty is zero; factors are (nominal / uncertainty)^2."""
    valid = (nominal > 0.0) & (uncertainty > 0.0)
    factors = np.ones_like(nominal)
    factors[valid] = nominal[valid] ** 2 / uncertainty[valid] ** 2
    return (~valid).tolist(), factors.tolist()


def _staterrors(placed: Placed) -> dict[int, list[tuple[str, str, Block]]]:
    found: dict[int, list[tuple[str, str, Block]]] = {}
    for channel, sample, block in placed:
        for number in block.staterror:
            found.setdefault(number, []).append((channel, sample, block))
    return found


def _covered_channels(members: Placed, name: str) -> list[str]:
    by_sample: dict[str, set[str]] = {}
    for channel, sample, _ in members:
        by_sample.setdefault(sample, set()).add(channel)
    covered = next(iter(by_sample.values()))
    for sample, theirs in by_sample.items():
        if theirs != covered:
            different = sorted(theirs ^ covered)[0]
            raise HistFactoryError(
                f'channel "{different}", sample "{sample}": the staterror modifier "{name}" covers other '
                "channels than in other samples"
            )
    return sorted(covered)


def _staterror(members: Placed, covered: Sequence[str], number: int) -> tuple[list[bool], list[float]]:
    """Relative uncertainty of the sum of the samples; where it is zero, fixed and with width 1 as in pyhf."""
    sigmas: list[Floats] = []
    for channel in covered:
        blocks = [block for name, _, block in members if name == channel]
        total = np.sum([block.nominal for block in blocks], axis=0)
        positive = total > 0.0
        relative = np.zeros_like(total)
        for block in blocks:
            relative[positive] += (block.staterror[number][positive] / total[positive]) ** 2
        sigmas.append(np.sqrt(relative))
    joined = np.concatenate(sigmas)
    fixed = joined == 0.0
    joined[fixed] = 1.0
    return fixed.tolist(), joined.tolist()
