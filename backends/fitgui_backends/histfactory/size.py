"""How much JSON is turned into Python objects before it is refused.

A list of empty lists takes three bytes each in JSON and sixty in memory: a few hundred kilobytes, packed,
could fill any machine. The 1Lbb workspace has 4.4 MB and 57 000 containers.
"""

from __future__ import annotations

from typing import Any

from fitgui_backends.histfactory.errors import HistFactoryError

MOST_BYTES = 256 << 20
MOST_CONTAINERS = 5_000_000

MOST_COPIED_BYTES = 32 << 20
MOST_COPIED_CONTAINERS = 500_000
"""By the ``copy`` operations of one patch: a few bytes of patch each, so less than what is written out."""

_BYTES_OF_A_NUMBER = 8


class Allowance:
    """What is left to be unpacked, over one document or several."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_containers: int = MOST_CONTAINERS) -> None:
        self._bytes = most_bytes
        self._containers = most_containers

    def spend(self, raw: bytes) -> None:
        """Count a JSON text that is about to be unpacked.

        Raises:
            HistFactoryError: if it is more than is left; the text goes on after the name of what is unpacked.
        """
        self._take(len(raw), raw.count(b"[") + raw.count(b"{"))

    def spend_value(self, value: Any) -> None:
        """Count an unpacked value that is about to stand in one more place, without what it contains.

        Args:
            value: Of JSON; of a container its own entries (and keys), of a text its characters.

        Raises:
            HistFactoryError: as :meth:`spend`.
        """
        if isinstance(value, dict):
            self._take(_BYTES_OF_A_NUMBER * len(value) + sum(map(len, value)), 1)
        elif isinstance(value, list):
            self._take(_BYTES_OF_A_NUMBER * len(value), 1)
        elif isinstance(value, str):
            self._take(len(value), 0)
        elif isinstance(value, int):
            self._take(value.bit_length() // 3, 0)

    def _take(self, count_of_bytes: int, count_of_containers: int) -> None:
        self._bytes -= count_of_bytes
        self._containers -= count_of_containers
        if self._bytes < 0 or self._containers < 0:
            raise HistFactoryError("is larger than any likelihood and would not fit into memory")
