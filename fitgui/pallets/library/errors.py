"""What can go wrong with the library, in words."""

from __future__ import annotations

import errno
from pathlib import Path

from fitgui.pallets.model import PalletError
from fitgui.pallets.reading.names import shown

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_NOT_WRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM)
_ELSEWHERE = "or set FITGUI_DATA to another folder"


class LibraryError(PalletError):
    """The library cannot do what was asked; the text is one sentence: what is wrong, what to do."""


def explained(error: OSError | NotImplementedError, folder: Path) -> str:
    """What an error of the file system means for the library in a folder, and what to do."""
    code = getattr(error, "errno", None)
    where = shown(str(folder))
    if code in _NO_ROOM:
        return f"the disk that holds the library {where} is full; free some space there, {_ELSEWHERE}"
    if code in _NOT_WRITABLE:
        return f"the library {where} may not be changed; change the permissions of the folder, {_ELSEWHERE}"
    if code == errno.EFBIG:
        return (
            f"a file as large as this may not be written in the library {where}; raise the limit on the size "
            f"of files (ulimit -f), {_ELSEWHERE}"
        )
    if code in (errno.ENOTDIR, errno.EEXIST):
        return f"the library {where} is no folder; move away what lies there, {_ELSEWHERE}"
    if isinstance(error, NotImplementedError):
        return f"the disk that holds the library {where} cannot lock files; set FITGUI_DATA to another folder"
    reason = getattr(error, "strerror", None) or error
    return f"the library {where} cannot be used ({reason}); look after its disk, {_ELSEWHERE}"
