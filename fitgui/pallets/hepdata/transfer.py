"""One try to get the rest of a file: ask for what is missing, and write down what comes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from fitgui import words
from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.file_names import file_name
from fitgui.pallets.hepdata.places import Place, State, disk_errors
from fitgui.pallets.hepdata.progress import Meter
from fitgui.pallets.hepdata.room import check_room, on_one_disk

if TYPE_CHECKING:
    import requests

MEBIBYTE = 1 << 20
DEFAULT_CAP = 1024 * MEBIBYTE
"""As the reading of pallets has it; HEPData takes files of up to 52 MB."""
_BLOCK = 256 * 1024
_SPARE_BYTES = MEBIBYTE
_RANGE = re.compile(r"bytes\s+(?:(\d+)-(\d+)|\*)/(\d+|\*)", re.IGNORECASE)
_ACCEPT = "application/x-tar, application/zip, application/json, application/octet-stream, */*;q=0.9"


class Opener(Protocol):
    """Asks HEPData: the session of the client, with its rules for hosts and redirects."""

    def stream(self, url: str, *, headers: Mapping[str, str], what: str) -> requests.Response:
        """Begin a GET; the body is read later. Redirects are followed where they may be.

        Args:
            url: Where it is.
            headers: Sent along.
            what: It is, for sentences.

        Raises:
            HepDataError: if there is no answer, or one that is a refusal.
        """
        ...


class Broken(Exception):  # noqa: N818  # tried again
    """A try ended before the file did; the text is a sentence without its full stop."""

    def __init__(self, how: str, kind: ErrorKind) -> None:
        super().__init__(how)
        self.kind = kind


class StartOver(Exception):  # noqa: N818  # tried again
    """What is here does not belong to what the server has now."""


class Transfer:
    """Gets one file into its place.

    Args:
        opener: asks.
        place: claimed by this process.
        name: of the file for sentences, and as a hint for the name that it gets.
        meter: is told of every byte.
        cancel: ends it at once, even if nothing arrives.
        cap: bytes that it must not exceed.
        goal: the folder that it is moved to afterwards, if any: there must be room, too.
    """

    def __init__(
        self,
        opener: Opener,
        place: Place,
        *,
        name: str,
        meter: Meter,
        cancel: Cancel,
        cap: int,
        goal: Path | None = None,
    ) -> None:
        self._opener = opener
        self._place = place
        self._hint = name
        self._name = name or "the file"
        self._meter = meter
        self._cancel = cancel
        self._cap = cap
        self._goal = goal
        self.resumed = False
        """Whether any part of it came from an earlier answer."""

    def go_on(self) -> None:
        """Get what is missing; all is here when this returns.

        Raises:
            Broken: if it ended early; what came is kept.
            StartOver: if what was here is of no use; it is thrown away.
            HepDataError: if trying again is of no use, or it was cancelled.
        """
        state = self._place.state()
        offset = self._place.received if state is not None else 0
        if state is not None and offset and offset == state.total:
            self._begin(offset, state.total)
            return
        too_long = state is not None and state.total is not None and offset > state.total
        if state is None or too_long or not self._place.vouched(state):
            offset = 0
        answer = self._cancel.run(
            lambda: self._opener.stream(self._place.url, headers=_headers(offset, state), what=self._name),
            _close,
        )
        try:
            with self._cancel.calling(lambda: _shut(answer)):
                self._receive(answer, offset, state)
        except StartOver:
            self._place.clear()
            raise
        except HepDataError as error:
            if error.kind is ErrorKind.TOO_LARGE:
                self._place.clear()
            raise
        finally:
            self._meter.flush()
            _close(answer)

    def _receive(self, answer: requests.Response, offset: int, state: State | None) -> None:
        if answer.status_code == 416 and offset:
            self._unsatisfiable(answer, offset)
            return
        if answer.status_code == 206 and offset and state is not None:
            state = self._continued(answer, offset, state)
        elif answer.status_code == 200:
            offset, state = 0, self._fresh(answer)
        else:
            raise HepDataError(
                ErrorKind.WRONG_ANSWER,
                f"HEPData answered with status {answer.status_code} instead of {self._name}: try again "
                "later, or download it in a browser and open the file.",
            )
        self._begin(offset, state.total)
        if state.total is not None:
            folder = self._place.folder.parent
            check_room(self._name, folder, state.total - offset + _SPARE_BYTES)
            if self._goal is not None and not on_one_disk(folder, self._goal):
                check_room(self._name, self._goal, state.total + _SPARE_BYTES)
        self._read(answer, offset, state.total)

    def _begin(self, offset: int, total: int | None) -> None:
        self.resumed = self.resumed or offset > 0
        self._meter.begin(offset, total)

    def _fresh(self, answer: requests.Response) -> State:
        """The whole file comes; what is here is thrown away."""
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind in ("text/html", "application/xhtml+xml"):
            raise HepDataError(
                ErrorKind.WRONG_ANSWER,
                f"A web page came instead of {self._name}: if your network has a page to log in, do so in a "
                "browser; else try again later.",
            )
        total = _whole_number(answer.headers.get("Content-Length"))
        self._check_size(total or 0)
        state = State(
            url=self._place.url,
            etag=answer.headers.get("ETag", ""),
            last_modified=answer.headers.get("Last-Modified", ""),
            total=total,
            encoding=answer.headers.get("Content-Encoding", ""),
            file_name=file_name(answer.headers.get("Content-Disposition"), self._hint, self._place.url),
        )
        with disk_errors(self._place.folder.parent):
            self._place.begin(state)
        return state

    def _continued(self, answer: requests.Response, offset: int, state: State) -> State:
        """The rest comes: it must begin where the part ends, and be of the same file."""
        match = _RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
        first, total = (match[1], _whole_number(match[3])) if match else (None, None)
        etag, date = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
        same = (
            first == str(offset)
            and (total is None or state.total is None or total == state.total)
            and (not etag or not state.etag or etag == state.etag)
            and (not date or not state.last_modified or date == state.last_modified)
            and answer.headers.get("Content-Encoding", "") == state.encoding
        )
        if not same:
            raise StartOver
        self._check_size(total or 0)
        return msgspec.structs.replace(state, total=total if state.total is None else state.total)

    def _unsatisfiable(self, answer: requests.Response, offset: int) -> None:
        """There is nothing after the part: it is all, or of another file."""
        match = _RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
        if match is None or match[1] is not None or match[3] != str(offset):
            raise StartOver
        self._begin(offset, offset)

    def _read(self, answer: requests.Response, received: int, total: int | None) -> None:
        with self._place.appending() as write:
            for block in self._blocks(answer):
                received += len(block)
                self._check_size(received)
                if total is not None and received > total:
                    break
                write(block)
                self._meter.add(len(block))
        if total is not None and received > total:
            raise StartOver
        if total is not None and received < total:
            raise Broken("the connection ended before the file did", ErrorKind.STALLED)

    def _blocks(self, answer: requests.Response) -> Iterator[bytes]:
        """What arrives, as it arrives and as it was sent: an archive must not be unpacked on its way."""
        from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415 -- not when fitgui starts

        while True:
            self._cancel.check()
            try:
                block = answer.raw.read1(_BLOCK, decode_content=False)
            except ReadTimeoutError as error:
                self._cancel.check()
                raise Broken("nothing came any more", ErrorKind.STALLED) from error
            except (
                HTTPError,
                OSError,
                ValueError,
                AttributeError,
            ) as error:  # the last two: closed meanwhile
                self._cancel.check()
                raise Broken("the connection broke", ErrorKind.STALLED) from error
            if not block:
                self._cancel.check()  # shut down because of it
                return
            yield block

    def _check_size(self, size: int) -> None:
        if size > self._cap:
            raise HepDataError(
                ErrorKind.TOO_LARGE,
                f"{self._name} is larger than {words.size(self._cap)}, which no pallet is, and was not "
                "downloaded: look at the record in a browser for the file that you want.",
            )


def _headers(offset: int, state: State | None) -> dict[str, str]:
    # "identity": a server that packs for the way would change which bytes a range means.
    headers = {"Accept": _ACCEPT, "Accept-Encoding": "identity"}
    if offset and state is not None:
        headers["Range"] = f"bytes={offset}-"
        if state.validator:
            headers["If-Range"] = state.validator
    return headers


def _whole_number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def _shut(answer: requests.Response) -> None:
    """Wake up whoever reads it; the connection is of no use afterwards."""
    with suppress(ValueError, RuntimeError, OSError, AttributeError):  # it is over already
        answer.raw.shutdown()


def _close(answer: requests.Response) -> None:
    with suppress(OSError, ValueError, RuntimeError):
        answer.close()
