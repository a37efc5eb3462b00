"""What is asked of a part of the benchmarks, and the pallets that it is measured on."""

from __future__ import annotations

from dataclasses import dataclass

ONE_LBB = "atlas-susy-2019-08-1Lbb.tar.gz"
STAU = "atlas-susy-2018-04-stau.tar.gz"
THREE_LEPTONS = "atlas-susy-2018-06-3L-eRJR.tar.gz"


@dataclass(frozen=True, slots=True)
class Wish:
    """How thoroughly to measure."""

    repeat: int = 3
    """Times that quick ones are repeated."""
    quick: bool = False
    """Leave out what takes minutes: a try whether all works, not a measurement."""
