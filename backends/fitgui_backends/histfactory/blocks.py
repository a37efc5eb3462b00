"""One sample of one channel as arrays: what a model is put together from.

A patch leaves most samples of a workspace as they are, as the very same objects
(:mod:`fitgui_backends.histfactory.patching`). So their blocks are kept, and only new samples are read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.summary import Document

Indices = NDArray[np.intp]


class Names:
    """Numbers for (kind, name) of parameters; the same wherever they occur, growing as new ones are met.

    ``kind`` is the modifier type, with ``alpha`` for normsys and histosys, which may share a parameter.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self.keys: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return len(self.keys)

    def number(self, kind: str, name: str) -> int:
        """The number of a parameter."""
        key = (kind, name)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.keys)
            self.keys.append(key)
        return number

    def numbers(self, kind: str, names: Iterable[str]) -> Indices:
        """The numbers of several parameters of one kind."""
        return np.array([self.number(kind, name) for name in names], dtype=np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A sample with ``b`` bins, ``n`` normsys and ``h`` histosys modifiers."""

    sample: Document
    """The document; kept so that its identity is not used again."""
    nominal: Floats
    """Shape (b,)."""
    normsys: Indices
    """Numbers of the parameters, shape (n,)."""
    low: Floats
    """Factors at -1 sigma, shape (n,)."""
    high: Floats
    """Factors at +1 sigma, shape (n,)."""
    histosys: Indices
    """Numbers of the parameters, shape (h,)."""
    up: Floats
    """High variation minus nominal, shape (b, h)."""
    down: Floats
    """Nominal minus low variation, shape (b, h)."""
    scalars: tuple[int, ...]
    """Numbers of the normfactor and lumi parameters."""
    shapefactors: tuple[int, ...]
    shapesys: dict[int, Floats] = field(default_factory=dict)
    """Uncertainties by number of the parameter, each of shape (b,)."""
    staterror: dict[int, Floats] = field(default_factory=dict)
    """Uncertainties by number of the parameter, each of shape (b,)."""


def read_block(sample: Document, bins: int, names: Names, channel: str) -> Block:
    """Read one sample.

    Of modifiers with the same type and name pyhf uses the last, so it is used here.

    Args:
        sample: As in a workspace that matches the schema.
        bins: Number of bins of the channel.
        names: Where its parameters are numbered.
        channel: For messages.

    Raises:
        HistFactoryError: if lengths do not agree or a normsys variation is not above zero.
    """
    place = f'channel "{channel}", sample "{sample["name"]}"'
    nominal = np.array(sample["data"], dtype=np.float64)
    if nominal.shape != (bins,):
        raise HistFactoryError(f"{place} has {nominal.size} bins, the channel has {bins}")
    by_type: dict[str, dict[str, Any]] = {}
    for modifier in sample["modifiers"]:
        same = by_type.setdefault(modifier["type"], {})
        if modifier["type"] == "shapesys" and modifier["name"] in same:
            raise HistFactoryError(f'{place}: the shapesys modifier "{modifier["name"]}" is given twice')
        same[modifier["name"]] = modifier["data"]
    normsys = by_type.pop("normsys", {})
    histosys = by_type.pop("histosys", {})
    low, high = _normsys(normsys, place)
    below, above = _histosys(histosys, bins, place)
    block = Block(
        sample=sample,
        nominal=nominal,
        normsys=names.numbers("alpha", normsys),
        low=low,
        high=high,
        histosys=names.numbers("alpha", histosys),
        up=np.ascontiguousarray((above - nominal).T),
        down=np.ascontiguousarray((nominal - below).T),
        scalars=tuple(
            names.number(kind, name) for kind in ("normfactor", "lumi") for name in by_type.pop(kind, {})
        ),
        shapefactors=tuple(names.number("shapefactor", name) for name in by_type.pop("shapefactor", {})),
        shapesys=_uncertainties(by_type.pop("shapesys", {}), "shapesys", names, bins, place),
        staterror=_uncertainties(by_type.pop("staterror", {}), "staterror", names, bins, place),
    )
    if by_type:
        raise HistFactoryError(f'{place}: "{next(iter(by_type))}" is no type of modifier')
    return block


def _normsys(modifiers: dict[str, Any], place: str) -> tuple[Floats, Floats]:
    low = np.array([data["lo"] for data in modifiers.values()], dtype=np.float64)
    high = np.array([data["hi"] for data in modifiers.values()], dtype=np.float64)
    if (low <= 0.0).any() or (high <= 0.0).any():
        name = next(name for name, data in modifiers.items() if min(data["lo"], data["hi"]) <= 0.0)
        raise HistFactoryError(
            f'{place}: the normsys modifier "{name}" has a factor that is not above zero (lo '
            f"{modifiers[name]['lo']:g}, hi {modifiers[name]['hi']:g}), so its interpolation is not defined"
        )
    return low, high


def _histosys(modifiers: dict[str, Any], bins: int, place: str) -> tuple[Floats, Floats]:
    for name, data in modifiers.items():
        if len(data["lo_data"]) != bins or len(data["hi_data"]) != bins:
            raise HistFactoryError(
                f'{place}: the histosys modifier "{name}" has {len(data["lo_data"])} and '
                f"{len(data['hi_data'])} bins, the sample has {bins}"
            )
    shape = (len(modifiers), bins)
    low = np.array([data["lo_data"] for data in modifiers.values()], dtype=np.float64)
    high = np.array([data["hi_data"] for data in modifiers.values()], dtype=np.float64)
    return low.reshape(shape), high.reshape(shape)


def _uncertainties(
    modifiers: dict[str, Any], kind: str, names: Names, bins: int, place: str
) -> dict[int, Floats]:
    found: dict[int, Floats] = {}
    for name, data in modifiers.items():
        values = np.array(data, dtype=np.float64)
        if values.shape != (bins,):
            raise HistFactoryError(
                f'{place}: the {kind} modifier "{name}" has {values.size} bins, the sample has {bins}'
            )
        found[names.number(kind, name)] = values
    return found
