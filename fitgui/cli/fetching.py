"""Getting from HEPData what a command needs, with progress on the standard error."""

from __future__ import annotations

from contextlib import closing

from fitgui import words
from fitgui.cli.download_views import DownloadView, make_download_view
from fitgui.cli.errors import INTERRUPTED, CommandError, CommandUsageError
from fitgui.cli.interrupts import Interrupts
from fitgui.cli.output import say
from fitgui.cli.wanted import Wanted, understand
from fitgui.pallets import PalletError
from fitgui.pallets.choosing import FileChoiceError
from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.progress import Phase, Progress
from fitgui.pallets.hepdata.references import Reference
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library


def fetch(reference: Reference, library: Library) -> LibraryItem:
    """What a reference names, for a command that goes on with it.

    Raises:
        CommandError: if it cannot be had.
    """
    wanted = understand(reference.text, None, None, library)
    if wanted.kept is not None:
        return wanted.kept
    say(f"{reference.shown} is not in the library: getting it from HEPData")
    seen = Seen(make_download_view(wanted.name))
    named = reference.doi or reference.text
    return get(
        wanted,
        library,
        seen,
        how_to_choose=f"name one of them by its DOI, or choose it by `fitgui download {named} --file rN`",
    )


class Seen:
    """Passes progress on to what is seen of it, and remembers it."""

    def __init__(self, view: DownloadView) -> None:
        self._view = view
        self.last = Progress()
        self.downloaded = False

    def update(self, now: Progress) -> None:
        """Something has come, or something else is being done."""
        self.last = now
        self.downloaded = self.downloaded or now.phase is Phase.DOWNLOADING
        self._view.update(now)

    def close(self) -> None:
        """It is over."""
        self._view.close()


def get(
    wanted: Wanted, library: Library, seen: Seen, *, file: str | None = None, how_to_choose: str
) -> LibraryItem:
    """Download what is wanted; a first Ctrl-C ends that in order, a second one at once.

    Args:
        wanted: Something of HEPData's.
        library: Where it is kept.
        seen: Is told how it goes.
        file: Which file of the record, if that was said.
        how_to_choose: What to do where the record has several.

    Raises:
        CommandError: if it cannot be had.
    """
    from fitgui.pallets.acquire import acquire  # noqa: PLC0415
    from fitgui.pallets.hepdata.client import HepData  # noqa: PLC0415 -- not to look up what is kept

    assert wanted.reference is not None
    cancel = Cancel()
    with Interrupts() as interrupts:
        interrupts.wake = cancel.cancel
        try:
            with closing(HepData()) as client:
                return acquire(
                    wanted.reference,
                    wanted.entry,
                    library=library,
                    client=client,
                    progress=seen.update,
                    cancel=cancel,
                    file=file,
                )
        except HepDataError as error:
            raise _explained(error, wanted, library, seen.last) from error
        except FileChoiceError as error:
            hint = f" ({how_to_choose})" if error.files else ""
            raise CommandUsageError(f"{str(error).rstrip('.')}{hint}") from error
        except PalletError as error:
            raise CommandError(str(error)) from error
        finally:
            seen.close()


_LATER = (ErrorKind.OFFLINE, ErrorKind.BUSY, ErrorKind.STALLED, ErrorKind.BROWSER)
"""Where an earlier version of a record may do for now."""


def _by_browser(error: HepDataError, wanted: Wanted) -> str:
    """Which page to open where HEPData lets only browsers in, and what to do with what was saved."""
    reference = wanted.reference
    named = (reference.doi or reference.text) if reference is not None else wanted.typed
    return (
        f"{str(error).partition(':')[0]}: open {error.page} in a browser and save the file; `fitgui library "
        f"add FILE --as {named}` keeps it as that"
    )


class _InterruptedError(CommandError):
    """Ctrl-C."""

    status = INTERRUPTED


def _explained(error: HepDataError, wanted: Wanted, library: Library, last: Progress) -> CommandError:
    """What to say where HEPData gave nothing."""
    if error.kind is ErrorKind.CANCELLED:
        if not last.received:
            return _InterruptedError("interrupted")
        of = f" of {words.size(last.total)}" if last.total is not None else ""
        return _InterruptedError(
            f"interrupted: {words.size(last.received)}{of} are kept, and the same command goes on from there"
        )
    sentence = str(error) if not error.page else _by_browser(error, wanted)
    if error.kind in _LATER and not last.received:
        try:
            earlier = library.find(wanted.typed)
        except PalletError:
            earlier = None
        if earlier is not None:
            version = earlier.file.version if earlier.file is not None else None
            what = f"version {version}" if version is not None else "one version"
            sentence = f"{sentence.rstrip('.')}; {what} of it is in the library as {earlier.name}"
    return CommandError(sentence)
