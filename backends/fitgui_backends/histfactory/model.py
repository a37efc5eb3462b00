"""From a workspace to the arrays of its likelihood.

Every (channel, sample, bin) is an *entry*, every (channel, sample) a *group*. Its rate is

    rate = product of scale factors * product of normsys factors * (nominal + sum of histosys shifts)

Systematic parameters of normsys and histosys come first in the order of the parameters ("alphas"); all others
are factors themselves ("scales": normfactor, lumi, shapefactor, shapesys, staterror).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fitgui_backends.histfactory.blocks import Block, Indices, Names, read_block
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.interpolation import (
    HISTOSYS_CODES,
    NORMSYS_CODES,
    Floats,
    NormsysFactors,
)
from fitgui_backends.histfactory.measurements import find_measurement
from fitgui_backends.histfactory.parameters import Parameters, build_parameters
from fitgui_backends.histfactory.scales import Scales, collect_scales
from fitgui_backends.histfactory.summary import Document


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A compiled model: ``e`` entries in ``g`` groups and ``b`` bins, ``k`` alphas, ``s`` scales."""

    channels: tuple[str, ...]
    """Sorted, as in pyhf."""
    bins: tuple[int, ...]
    """Number of bins of each channel."""
    groups: tuple[tuple[str, str], ...]
    """(channel, sample), in the order of the entries."""
    parameters: Parameters
    poi: str
    """The parameter of interest of the measurement; may be empty or not in the model."""
    alphas: int
    """How many parameters are alphas: the first ``k``."""
    nominal: Floats
    """Shape (e,)."""
    entry_bin: Indices
    """The bin of each entry, shape (e,)."""
    entry_group: Indices
    """The group of each entry, ascending, shape (e,)."""
    slots: Indices
    """The scale factors of each entry, shape (m, e): parameters, or their number where there is none."""
    normsys: NormsysFactors
    """The normsys factors of all groups, ``n`` in all, at least one (of no effect) in each group."""
    normsys_parameter: Indices
    """Shape (n,)."""
    normsys_group: Indices
    """Ascending, shape (n,)."""
    histosys_code: str
    variations: Floats
    """Shifts up and shifts down of the histosys modifiers, shape (e, 2 k)."""

    @property
    def bin_count(self) -> int:
        """Number of bins of all channels."""
        return sum(self.bins)

    @property
    def kinked(self) -> bool:
        """Whether an interpolation changes its slope where its parameter is zero."""
        return self.normsys.kinked or self.histosys_code == "code0"

    def bin_in_words(self, number: int) -> tuple[str, int]:
        """The channel of a bin, and which of its bins it is, counted from 1."""
        for channel, bins in zip(self.channels, self.bins, strict=True):
            if number < bins:
                return channel, number + 1
            number -= bins
        raise IndexError(number)


class Compiler:
    """Compiles a workspace and its patched variants; what they share is read once.

    Args:
        normsys: Interpolation code of normsys, ``code4`` or ``code1``.
        histosys: Interpolation code of histosys, ``code4p`` or ``code0``.

    Raises:
        HistFactoryError: if a code is unknown.
    """

    def __init__(self, *, normsys: str = "code4", histosys: str = "code4p") -> None:
        if normsys not in NORMSYS_CODES or histosys not in HISTOSYS_CODES:
            raise HistFactoryError(
                f"the interpolation codes are {' or '.join(NORMSYS_CODES)} for normsys and "
                f"{' or '.join(HISTOSYS_CODES)} for histosys"
            )
        self._normsys, self._histosys = normsys, histosys
        self._names = Names()
        self._kept: dict[int, Block] = {}

    def keep(self, document: Document) -> None:
        """Read the samples of a workspace and keep them for all that will be compiled.

        Raises:
            HistFactoryError: as :meth:`compile`.
        """
        self._kept.update({id(block.sample): block for _, _, block in self._read(document)[1]})

    def compile(self, document: Document, measurement: str | None = None) -> Model:
        """Compile a workspace.

        Args:
            document: A workspace that matches the schema; never changed. Samples that are the same objects as
                in a document that is kept are not read again.
            measurement: Its name; ``None`` takes the first.

        Raises:
            HistFactoryError: if no model can be built; the sentence names channel, sample and modifier.
        """
        chosen = find_measurement(document, measurement)
        channels, placed = self._read(document)
        blocks = [block for _, _, block in placed]
        groups = tuple((channel, sample) for channel, sample, _ in placed)
        sizes = np.array([block.nominal.size for block in blocks])
        offsets = dict(zip(channels, np.cumsum([0, *channels.values()]).tolist(), strict=False))
        starts = np.cumsum(sizes) - sizes
        entry_group = np.repeat(np.arange(len(blocks)), sizes)
        first_bins = np.array([offsets[channel] for channel, _ in groups])
        entry_bin = np.arange(entry_group.size) + (first_bins - starts)[entry_group]

        alpha_numbers = np.unique(
            np.concatenate([numbers for b in blocks for numbers in (b.normsys, b.histosys)])
        )
        place = np.zeros(len(self._names), dtype=np.intp)
        place[alpha_numbers] = np.arange(alpha_numbers.size)
        alphas = [self._names.keys[number][1] for number in alpha_numbers]
        scales = collect_scales(placed, channels, self._names, alphas)
        parameters = build_parameters(scales.sets, chosen)
        if not parameters.names:
            raise HistFactoryError("no sample has a modifier, so the model has no parameters")
        normsys, normsys_parameter, normsys_group = self._collect_normsys(blocks, place)
        return Model(
            channels=tuple(channels),
            bins=tuple(channels.values()),
            groups=groups,
            parameters=parameters,
            poi=chosen["config"]["poi"],
            alphas=len(alphas),
            nominal=np.concatenate([block.nominal for block in blocks]),
            entry_bin=entry_bin,
            entry_group=entry_group,
            slots=_slots(scales, entry_group.size, len(parameters.names)),
            normsys=normsys,
            normsys_parameter=normsys_parameter,
            normsys_group=normsys_group,
            histosys_code=self._histosys,
            variations=_variations(blocks, place, len(alphas), entry_group.size),
        )

    def _read(self, document: Document) -> tuple[dict[str, int], list[tuple[str, str, Block]]]:
        """Channels with their number of bins, and blocks by channel and sample, both sorted by name."""
        channels: dict[str, int] = {}
        placed: dict[tuple[str, str], Block] = {}
        for channel in document["channels"]:
            name = channel["name"]
            if name in channels:
                raise HistFactoryError(f'the channel name "{name}" occurs more than once')
            bins = channels[name] = len(channel["samples"][0]["data"])
            for sample in channel["samples"]:
                if (name, sample["name"]) in placed:
                    raise HistFactoryError(
                        f'channel "{name}": the sample name "{sample["name"]}" occurs more than once'
                    )
                block = self._kept.get(id(sample))
                if block is None or block.nominal.size != bins:
                    block = read_block(sample, bins, self._names, name)
                placed[name, sample["name"]] = block
        return dict(sorted(channels.items())), [(*key, placed[key]) for key in sorted(placed)]

    def _collect_normsys(
        self, blocks: list[Block], place: Indices
    ) -> tuple[NormsysFactors, Indices, Indices]:
        parameter = place[np.concatenate([block.normsys for block in blocks])]
        low, high = np.concatenate([b.low for b in blocks]), np.concatenate([b.high for b in blocks])
        group = np.repeat(np.arange(len(blocks)), [block.normsys.size for block in blocks])
        effective = (low != 1.0) | (high != 1.0)
        parameter, low, high, group = (array[effective] for array in (parameter, low, high, group))
        # Products over groups need at least one factor in each.
        without = np.setdiff1d(np.arange(len(blocks)), group)
        at = np.searchsorted(group, without)
        return (
            NormsysFactors(self._normsys, np.insert(low, at, 1.0), np.insert(high, at, 1.0)),
            np.insert(parameter, at, 0),
            np.insert(group, at, without),
        )


def observed_counts(document: Document, model: Model) -> Floats:
    """The observed counts in the order of the model's bins, shape (b,).

    Raises:
        HistFactoryError: if a channel has no observation, one of another length, or one below zero.
    """
    observations = {observation["name"]: observation["data"] for observation in document["observations"]}
    counts: list[float] = []
    for channel, bins in zip(model.channels, model.bins, strict=True):
        if channel not in observations:
            raise HistFactoryError(f'channel "{channel}" has no observation')
        data = observations[channel]
        if len(data) != bins:
            raise HistFactoryError(f'channel "{channel}" has {bins} bins, its observation has {len(data)}')
        if min(data) < 0:
            raise HistFactoryError(f'channel "{channel}" has an observation below zero ({min(data):g})')
        counts.extend(data)
    return np.array(counts, dtype=np.float64)


def _variations(blocks: list[Block], place: Indices, alphas: int, entries: int) -> Floats:
    variations = np.zeros((entries, 2 * alphas))
    columns = np.concatenate([np.tile(place[block.histosys], block.nominal.size) for block in blocks])
    repeats = np.concatenate([np.full(block.nominal.size, block.histosys.size) for block in blocks])
    first = np.repeat(np.arange(entries) * (2 * alphas), repeats) + columns
    flat = variations.reshape(-1)
    flat[first] = np.concatenate([block.up.reshape(-1) for block in blocks])
    flat[first + alphas] = np.concatenate([block.down.reshape(-1) for block in blocks])
    return variations


def _slots(scales: Scales, entries: int, parameters: int) -> Indices:
    depth = max((len(group) for group in scales.by_group), default=0)
    slots = np.full((max(depth, 1), entries), parameters, dtype=np.intp)
    start = 0
    for factors, size in zip(scales.by_group, scales.sizes, strict=True):
        for slot, (first, step) in enumerate(factors):
            slots[slot, start : start + size] = first + step * np.arange(size)
        start += size
    return slots
