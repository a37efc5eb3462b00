"""Getting a file: gone on with after whatever cut it off, checked, and given its name when it is whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from fitgui import words
from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.checking import Damaged, WrongContent, check_content, digest, undo_encoding
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.file_names import file_name
from fitgui.pallets.hepdata.places import Place, State, claim, clean, disk_errors
from fitgui.pallets.hepdata.progress import Meter, Phase, Progress
from fitgui.pallets.hepdata.transfer import DEFAULT_CAP, Broken, Opener, StartOver, Transfer

__all__ = ["DEFAULT_CAP", "Cancel", "Downloaded", "Patience", "Phase", "Progress", "download", "fetch"]

_NEXT_TO_NOTHING = 256 * 1024
"""A try that brought less counts as one that failed."""
_MOST_RESTARTS = 2


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How often something that went wrong is tried again, and how long is waited before."""

    tries: int = 5
    """In a row that brought next to nothing."""
    first_tries: int = 2
    """Where nothing has come yet: who is offline is to be told so soon."""
    first_pause: float = 1.0
    """Seconds; each further pause is twice as long."""
    longest_pause: float = 30.0
    """Seconds; if HEPData asks for more, that is told instead of waited."""

    def pause(self, failures: int) -> float:
        """Seconds to wait after so many tries in a row have failed."""
        return min(self.longest_pause, self.first_pause * 2.0 ** max(0, failures - 1))


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that is here, whole and checked."""

    path: Path
    digest: str
    """sha256."""
    size: int
    """In bytes."""
    file_name: str
    """As published, made safe."""


def download(
    opener: Opener,
    url: str,
    folder: Path,
    *,
    name_hint: str = "",
    progress: Callable[[Progress], object] = lambda _: None,
    cancel: Cancel | None = None,
    cap: int = DEFAULT_CAP,
    patience: Patience | None = None,
) -> Downloaded:
    """Download a file, going on with what an earlier try left.

    While another process downloads the same, this one waits and then finds it done.

    Args:
        opener: Asks HEPData.
        url: Where the bytes are.
        folder: Of downloads: parts are kept there, and the file until somebody takes it away.
        name_hint: How the file is called in its record.
        progress: Is told about ten times a second, on this thread.
        cancel: Ends it at once, from another thread or a signal handler; the part is kept.
        cap: Bytes that it must not exceed.
        patience: With what goes wrong.

    Returns:
        Where it is.

    Raises:
        HepDataError: one sentence, with what to do; the part is kept if it is of any use.
    """
    cancel = cancel or Cancel()
    meter = Meter(progress)
    clean(folder)
    with claim(folder, url, cancel, lambda: meter.enter(Phase.WAITING, ELSEWHERE)) as place:
        return fetch(
            opener, place, name_hint=name_hint, meter=meter, cancel=cancel, cap=cap, patience=patience
        )


ELSEWHERE = "another window or command is downloading it; waiting for that"


def fetch(
    opener: Opener,
    place: Place,
    *,
    name_hint: str,
    meter: Meter,
    cancel: Cancel,
    cap: int = DEFAULT_CAP,
    patience: Patience | None = None,
) -> Downloaded:
    """The same as :func:`download` in a place that is claimed already."""
    if (found := _found(place, meter, cancel)) is not None:
        return found
    transfer = Transfer(opener, place, name=name_hint, meter=meter, cancel=cancel, cap=cap)
    trials = _Trials(place, name_hint or "the file", meter, cancel, patience or Patience())
    while True:
        before = place.received
        try:
            transfer.go_on()
            return _complete(place, name_hint, meter, cancel)
        except StartOver:
            trials.start_over()
        except Damaged as error:
            trials.damaged(error, again=transfer.resumed or (place.state() or _NOTHING).total is None)
            transfer.resumed = False
        except WrongContent as error:
            place.clear()
            raise trials.refused(error, error.advice) from error
        except (Broken, HepDataError) as error:
            trials.broken(error, place.received - before)


_NOTHING = State(url="")


def _found(place: Place, meter: Meter, cancel: Cancel) -> Downloaded | None:
    """What an earlier try completed, or another process while this one waited."""
    found = place.whole()
    if found is None:
        return None
    path, state = found
    meter.enter(Phase.CHECKING)
    with disk_errors(place.folder.parent):
        if digest(path, cancel.check) != state.digest:
            place.clear()
            return None
    return Downloaded(path, state.digest, path.stat().st_size, state.file_name)


def _complete(place: Place, hint: str, meter: Meter, cancel: Cancel) -> Downloaded:
    """Check what has arrived, and give it its name."""
    meter.finish()
    state = place.state() or _NOTHING
    name = state.file_name or file_name(None, hint, place.url)
    with disk_errors(place.folder.parent):
        undo_encoding(place.part, state.encoding, name, cancel.check)
        check_content(place.part, name, cancel.check)
        sha = digest(place.part, cancel.check)
        path = place.complete(name, sha)
        return Downloaded(path, sha, path.stat().st_size, name)


_PASSING = {
    ErrorKind.BUSY: "HEPData is busy",
    ErrorKind.OFFLINE: "there is no connection",
    ErrorKind.STALLED: "no answer comes",
}
"""What may be better in a moment."""


class _Trials:
    """Counts what went wrong, and decides whether it is tried again.

    Args:
        place: of the download.
        name: of the file, for sentences.
        meter: is told why nothing happens.
        cancel: ends a pause.
        patience: with what goes wrong.
    """

    def __init__(self, place: Place, name: str, meter: Meter, cancel: Cancel, patience: Patience) -> None:
        self._place = place
        self._name = name
        self._meter = meter
        self._cancel = cancel
        self._patience = patience
        self._failures = self._restarts = 0
        self._fetched_again = self._began = False

    def start_over(self) -> None:
        """The part does not belong to what the server has now."""
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise HepDataError(
                ErrorKind.WRONG_ANSWER,
                f"HEPData sends another file for {self._name} each time, or one of another length than it "
                "says: try again later, or download it in a browser and open the file.",
            )
        self._meter.enter(Phase.DOWNLOADING, "the file has changed at HEPData; starting over")

    def damaged(self, error: Damaged, *, again: bool) -> None:
        """It arrived, but not as it was sent."""
        self._place.clear()
        if not again or self._fetched_again:
            raise self.refused(error, "try again later, or look at the record in a browser") from error
        self._fetched_again = True
        self._meter.enter(Phase.DOWNLOADING, f"what was put together {error}; fetching it once more")

    def refused(self, error: Exception, advice: str) -> HepDataError:
        """What came is of no use."""
        return HepDataError(ErrorKind.WRONG_ANSWER, f"What HEPData sent for {self._name} {error}: {advice}.")

    def broken(self, error: Broken | HepDataError, came: int) -> None:
        """It ended early: wait a little, or give up.

        Args:
            error: How it ended.
            came: Bytes that the try brought.
        """
        self._began = self._began or came > 0
        self._failures = 1 if came >= _NEXT_TO_NOTHING else self._failures + 1
        pause = self._patience.pause(self._failures)
        tries = self._patience.tries
        if isinstance(error, HepDataError):
            pause = max(pause, error.retry_after or 0.0)
            if error.kind is not ErrorKind.BUSY and not self._began:
                tries = self._patience.first_tries
            lasting = error.kind not in _PASSING or pause > self._patience.longest_pause
            if lasting or self._failures >= tries:
                raise error
            how = _PASSING[error.kind]
        elif self._failures >= tries:
            raise self._given_up(error) from error
        else:
            how = str(error)
        self._meter.enter(Phase.DOWNLOADING, f"{how}; trying again ({self._failures + 1} of {tries})")
        self._cancel.wait(pause)

    def _given_up(self, error: Broken) -> HepDataError:
        state = self._place.state() or _NOTHING
        here = words.size(self._place.received)
        of = f" of {words.size(state.total)}" if state.total is not None else ""
        return HepDataError(
            error.kind,
            f"The download of {self._name} did not come to its end: {error}, {self._failures} times in a "
            f"row. Try again later: {here}{of} are here, and it goes on from there.",
        )
