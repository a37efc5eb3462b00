"""From what the user names to the pallet, on a thread of the window."""

from __future__ import annotations

from pathlib import Path

from fitgui.pallets import Pallet
from fitgui.pallets.finding import UnknownPalletError, find, open_found, open_item
from fitgui.pallets.library.library import Library


class NotHereError(Exception):
    """What is to be opened would have to be fetched; the text is what HEPData knows it by."""


def read_pallet(source: str | Path, library: Library, digest: str = "") -> Pallet:
    """Open what is on this machine, and keep it in the library.

    Args:
        source: a path, ``example``, a name in the library, or what HEPData knows it by.
        library: of the window.
        digest: by which it is looked for in the library if there is nothing at the source any more.

    Returns:
        The pallet; that it could not be kept is one of its problems.

    Raises:
        PalletError: if there is no such thing, or it cannot be used.
        NotHereError: if it would have to be fetched.
    """
    try:
        found = find(source, library)
    except UnknownPalletError:
        item = library.get(digest) if digest else None
        if item is None:
            raise
        return open_item(item, library)
    if found.path is None:
        raise NotHereError(found.source)
    return open_found(found, library)
