"""Fetching from HEPData what a command needs and the library does not hold, said on the standard error."""

from __future__ import annotations

from contextlib import closing

from fitgui.cli.output import say
from fitgui.pallets.hepdata.references import Reference
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library


def fetch(reference: Reference, library: Library) -> LibraryItem:
    """Get what a reference names into the library, with progress on the standard error.

    Raises:
        PalletError: if it cannot be had or used; one sentence.
        KeyboardInterrupt: if Ctrl-C ended it; what came is kept for the next time.
    """
    # The network is of no concern to whoever opens what is here.
    from fitgui.cli.download_views import make_download_view  # noqa: PLC0415
    from fitgui.pallets.acquire import acquire  # noqa: PLC0415
    from fitgui.pallets.hepdata.client import HepData  # noqa: PLC0415

    say(f"{reference.shown} is not in the library: fetching it from HEPData")
    view = make_download_view(reference.shown)
    try:
        with closing(HepData()) as client:
            return acquire(reference, None, library=library, client=client, progress=view.update)
    finally:
        view.close()
