"""How much of a stranger's archive is read before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

from fitgui.pallets.model import PalletError

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on what one pallet may cost.

    HEPData takes files up to 52 MB; the largest published pallet known unpacks to 62 MB, 24 times its size.
    """

    file_bytes: int = 1024 * MEBIBYTE
    """Size of the file itself, or of what is read of a folder."""
    unpacked_bytes: int = 1024 * MEBIBYTE
    """Everything that decompression yields, over all nested archives, wanted or not."""
    harmless_bytes: int = 192 * MEBIBYTE
    """Up to here the expansion ratio does not matter."""
    ratio: int = 120
    """Unpacked over packed size. The 1Lbb patch set, indented, reaches 24 with gzip, 36 with xz and 52 with
    bzip2; nonsense reaches 1000 with gzip and far more with the others."""
    members: int = 20_000
    """Files and folders, over all nested archives."""
    depth: int = 8
    """Layers of archives and compression: a .tar.gz is two."""
    folder_depth: int = 16


DEFAULT_LIMITS = Limits()


class Budget:
    """What is left of the limits while one pallet is read."""

    def __init__(self, name: str, limits: Limits = DEFAULT_LIMITS) -> None:
        self.name = name
        self.limits = limits
        self._packed = 0
        self._unpacked = 0
        self._members = 0

    def bring(self, packed: int) -> None:
        """Note that so many bytes came from disk."""
        self._packed += packed
        if self._packed > self.limits.file_bytes:
            raise PalletError(
                f"{self.name} is larger than {self.limits.file_bytes // MEBIBYTE} MB, which no pallet is; "
                "choose the archive or the folder of one analysis."
            )

    def unpack(self, count: int) -> None:
        """Note that decompression yielded so many bytes."""
        self._unpacked += count
        if self._unpacked > self.limits.unpacked_bytes:
            raise PalletError(
                f"{self.name} unpacks to more than {self.limits.unpacked_bytes // MEBIBYTE} MB "
                "and was not read."
            )
        if self._unpacked > max(self.limits.harmless_bytes, self.limits.ratio * self._packed):
            raise PalletError(
                f"{self.name} unpacks to more than {self.limits.ratio} times its size, as only an archive "
                "made to fill a machine does, and was not read."
            )

    def member(self) -> None:
        """Note one more file or folder."""
        self._members += 1
        if self._members > self.limits.members:
            raise PalletError(
                f"{self.name} holds more than {self.limits.members} files, which no pallet does; "
                "choose the archive or the folder of one analysis."
            )

    def layer(self, depth: int) -> None:
        """Note that something is opened inside so many layers."""
        if depth > self.limits.depth:
            raise PalletError(
                f"{self.name} nests archives more than {self.limits.depth} layers deep and was not read."
            )
