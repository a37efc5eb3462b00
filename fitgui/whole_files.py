"""Writing a file so that it is either whole or not there, and whoever reads meanwhile sees the old one."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the file, then rename; several processes may write the same file at once.

    A link stays a link, and permissions of an earlier file stay as they are.

    Raises:
        OSError: if it cannot be written; what was there before is there still.
    """
    if path.exists() and not path.is_file():  # a pipe or a device cannot be renamed over
        path.write_bytes(content)
        return
    target = path.resolve()  # through a link, so that the link stays
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            part.chmod(target.stat().st_mode & 0o7777)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
