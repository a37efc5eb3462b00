"""Whether what was downloaded is whole, and a file that may be a pallet at all."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from fitgui.pallets.hepdata.errors import HepDataError
from fitgui.pallets.model import PalletError
from fitgui.pallets.reading.kinds import HEAD_BYTES, Kind, recognise
from fitgui.pallets.reading.limits import DEFAULT_LIMITS, Budget
from fitgui.pallets.reading.streams import BLOCK, BrokenArchive, Forward, decompressed

_COMPRESSED = (Kind.GZIP, Kind.BZIP2, Kind.XZ)
_OTHER_ARCHIVES = (Kind.ZSTANDARD, Kind.SEVEN_ZIP, Kind.RAR)
"""Cannot be read, and opening says what to do; but they are what was asked for."""
_SMALL = 65536
_PORTAL = "if your network has a page to log in, do so in a browser; else try again later"
_GZIP_NAMES = (".gz", ".tgz", ".gzip")


class Damaged(Exception):  # noqa: N818  # fetched again, or told in a sentence of its own
    """Something is missing or wrong in it; the text goes on after "it"."""


class WrongContent(Exception):  # noqa: N818  # likewise
    """It is whole, but not a file of this sort.

    Args:
        text: goes on after "it".
        advice: what to do, after a colon.
    """

    def __init__(
        self, text: str, advice: str = "try again later, or look at the record in a browser"
    ) -> None:
        super().__init__(text)
        self.advice = advice


def check_content(path: Path, name: str, check: Callable[[], None]) -> None:
    """Read a file to its end.

    An archive is unpacked into nothing, so that its checksums are verified. Whether it can be fitted is
    another question, which opening answers.

    Args:
        path: Where it lies.
        name: As it will be called; decides what its first bytes leave open.
        check: Called often; may raise to end it.

    Raises:
        Damaged: if it was cut off or changed on its way.
        WrongContent: if it is no archive and no JSON.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = recognise(head, name)
    budget = Budget(name)
    try:
        if kind in _COMPRESSED:
            _unpack(path, kind, budget, check)
        elif kind is Kind.ZIP:
            _unzip(path, budget, check)
        elif kind is Kind.TAR:
            _walk(path, check)
        elif kind is Kind.JSON:
            _check_json(path)
        elif kind is Kind.EMPTY:
            raise WrongContent("is empty")
        elif kind is Kind.HTML:
            raise WrongContent(f"is {kind.value}", _PORTAL)
        elif kind not in _OTHER_ARCHIVES:
            what = "neither an archive nor JSON" if kind is Kind.OTHER else kind.value
            raise WrongContent(f"is {what}", "choose another file of the record")
    except HepDataError:
        raise  # cancelled
    except PalletError:
        return  # too much to be unpacked: opening refuses it with the same sentence


def _unpack(path: Path, kind: Kind, budget: Budget, check: Callable[[], None]) -> None:
    budget.bring(path.stat().st_size)
    with path.open("rb") as file:
        try:
            contents = decompressed(kind, Forward(file, None), budget)
            while contents.take(BLOCK):
                check()
        except BrokenArchive as error:
            raise Damaged(str(error).partition(";")[0]) from error


def _unzip(path: Path, budget: Budget, check: Callable[[], None]) -> None:
    budget.bring(path.stat().st_size)
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.flag_bits & 0x1:
                    continue  # encrypted: opening says so
                with archive.open(info) as member:
                    while block := member.read(BLOCK):
                        budget.unpack(len(block))
                        check()
    except NotImplementedError:
        return  # packed in an uncommon way: opening says so
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, ValueError, OverflowError) as error:
        raise Damaged("is cut off or damaged") from error


def _walk(path: Path, check: Callable[[], None]) -> None:
    size = path.stat().st_size
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:", encoding="utf-8") as archive:
            while (info := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined]
                check()
                if info.offset_data + (info.size if info.isreg() else 0) > size:
                    raise Damaged("is cut off")
            # Where tarfile meets a header that it cannot read, it stops as if the archive ended there.
            file.seek(archive.offset)
            if file.read(tarfile.BLOCKSIZE).strip(b"\x00"):
                raise Damaged("is cut off or damaged")
    except (tarfile.TarError, ValueError, OverflowError) as error:
        raise Damaged("is cut off or damaged") from error


def _check_json(path: Path) -> None:
    """Only its end, and whether it tells of a failure: opening reads all of it, and is strict."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _SMALL))
        tail = file.read().rstrip(b" \t\r\n\x00")
    if not tail.endswith((b"}", b"]")):
        raise Damaged("is cut off")
    if size < _SMALL and (said := told_failure(path.read_bytes())):
        raise WrongContent(f'is an answer that says "{said}"')


def told_failure(body: bytes) -> str:
    """What HEPData says went wrong, if that is what this JSON is: ``error``, or ``msg`` of a 406."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if not isinstance(document, dict) or len(document) > 4:
        return ""
    said = document.get("error") or document.get("msg") or document.get("message")
    return " ".join(said.split())[:200] if isinstance(said, str) else ""


def digest(path: Path, check: Callable[[], None]) -> str:
    """sha256 of a file, as the library and :attr:`fitgui.pallets.Pallet.digest` have it."""
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            hasher.update(block)
            check()
    return hasher.hexdigest()


def undo_encoding(path: Path, encoding: str, name: str, check: Callable[[], None]) -> None:
    """Unpack what a server packed for the way although it was asked not to.

    A server that labels every ``.tar.gz`` as encoded with gzip means the file itself; unpacking that would
    leave a file that is not the published one. So gzip is undone only where something else is under it: of
    a file named like gzip, only if there is gzip below.

    Args:
        path: The file as it was sent; replaced in place.
        encoding: The header ``Content-Encoding``.
        name: As it will be called.
        check: Called often; may raise to end it.

    Raises:
        WrongContent: if the encoding is another one.
        Damaged: if it cannot be undone.
    """
    wanted = encoding.strip().lower()
    if wanted in ("", "identity"):
        return
    if wanted not in ("gzip", "x-gzip"):
        raise WrongContent(f'was sent in the encoding "{wanted[:40]}", which was not asked for')
    with path.open("rb") as file:
        if recognise(file.read(HEAD_BYTES), name) is not Kind.GZIP:
            return
    plain = path.with_name(f"{path.name}.plain")
    try:
        with gzip.open(path) as packed, plain.open("wb") as target:
            head = packed.read(HEAD_BYTES)
            if name.lower().endswith(_GZIP_NAMES) and recognise(head, name) is not Kind.GZIP:
                return
            unpacked = target.write(head)
            while block := packed.read(BLOCK):
                check()
                unpacked += target.write(block)
                if unpacked > DEFAULT_LIMITS.unpacked_bytes:
                    raise WrongContent("unpacks to more than any pallet")
            target.flush()
            os.fsync(target.fileno())
        plain.replace(path)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Damaged("is cut off or damaged") from error
    finally:
        plain.unlink(missing_ok=True)
