"""The number of the latest question, in a file that two processes look at: a fit reads it between its starts.

Ending the process of a fit that nobody wants any more costs a second, until another one is ready; this costs
microseconds.
"""

from __future__ import annotations

import os
from typing import Final

_SIZE: Final = 8
"""Bytes: the number is written, and read, as a whole."""


class Overtaken(Exception):  # noqa: N818  (what happened, not an error)
    """Another question is wanted by now."""


class Latest:
    """The file, opened; made where there is none.

    Args:
        path: of the file.

    Raises:
        OSError: if it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)

    def write(self, number: int) -> None:
        """Note the number of a question."""
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, number.to_bytes(_SIZE, "little"))

    def check(self, number: int) -> None:
        """Go on with the question of this number.

        Raises:
            Overtaken: if a later one was noted.
        """
        os.lseek(self._file, 0, os.SEEK_SET)
        if int.from_bytes(os.read(self._file, _SIZE), "little") > number:
            raise Overtaken

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
