"""What went wrong with a download: whether it is tried again, when, and what is said in the end."""

from __future__ import annotations

import msgspec

from fitgui import words
from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.checking import Damaged
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.places import Place, State
from fitgui.pallets.hepdata.progress import Meter, Phase
from fitgui.pallets.hepdata.transfer import Broken

NEXT_TO_NOTHING = 256 * 1024
"""A try that brought fewer bytes counts as one that failed."""
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


_PASSING = {
    ErrorKind.BUSY: "HEPData is busy",
    ErrorKind.OFFLINE: "there is no connection",
    ErrorKind.STALLED: "no answer comes",
}
"""What may be better in a moment."""


class Trials:
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
        self._failures = 1 if came >= NEXT_TO_NOTHING else self._failures + 1
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
        state = self._place.state() or State(url="")
        here = words.size(self._place.received)
        of = f" of {words.size(state.total)}" if state.total is not None else ""
        here = f": {here}{of} are here, and it goes on from there" if self._place.vouched(state) else ""
        return HepDataError(
            error.kind,
            f"The download of {self._name} did not come to its end: {error}, {self._failures} times in a "
            f"row. Try again later{here}.",
        )
