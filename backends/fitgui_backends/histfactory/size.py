"""How much JSON is turned into Python objects before it is refused.

A list of empty lists takes three bytes each in JSON and sixty in memory: a few hundred kilobytes, packed,
could fill any machine. The 1Lbb workspace has 4.4 MB and 57 000 containers.
"""

from __future__ import annotations

from fitgui_backends.histfactory.errors import HistFactoryError

MOST_BYTES = 256 << 20
MOST_CONTAINERS = 5_000_000


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
        self._bytes -= len(raw)
        self._containers -= raw.count(b"[") + raw.count(b"{")
        if self._bytes < 0 or self._containers < 0:
            raise HistFactoryError("is larger than any likelihood and would not fit into memory")
