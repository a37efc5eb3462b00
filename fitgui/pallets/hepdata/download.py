"""Getting a file: gone on with after whatever cut it off, checked, and given its name when it is whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.checking import Damaged, WrongContent, check_content, digest, undo_encoding
from fitgui.pallets.hepdata.errors import HepDataError
from fitgui.pallets.hepdata.file_names import file_name
from fitgui.pallets.hepdata.places import Place, State, claim, clean, disk_errors
from fitgui.pallets.hepdata.progress import Meter, Phase, Progress
from fitgui.pallets.hepdata.transfer import DEFAULT_CAP, Broken, Opener, StartOver, Transfer
from fitgui.pallets.hepdata.trials import Patience, Trials

__all__ = ["DEFAULT_CAP", "Cancel", "Downloaded", "Patience", "Phase", "Progress", "download", "fetch"]

ELSEWHERE = "another window or command is downloading it; waiting for that"
_NOTHING = State(url="")


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


def fetch(
    opener: Opener,
    place: Place,
    *,
    name_hint: str,
    meter: Meter,
    cancel: Cancel,
    cap: int = DEFAULT_CAP,
    patience: Patience | None = None,
    goal: Path | None = None,
) -> Downloaded:
    """The same as :func:`download` in a place that is claimed already.

    ``goal`` is the folder that the file is moved to afterwards, if any: there must be room, too.
    """
    if (found := _found(place, meter, cancel)) is not None:
        return found
    transfer = Transfer(opener, place, name=name_hint, meter=meter, cancel=cancel, cap=cap, goal=goal)
    trials = Trials(place, name_hint or "the file", meter, cancel, patience or Patience())
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
