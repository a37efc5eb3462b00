"""What workers of a cluster share through a folder: workspaces, and the flags that stop runs.

The folder is ``$FITGUI_CACHE`` and no other, if that is set. Else it is ``$XDG_CACHE_HOME/fitgui`` or
``~/.cache/fitgui``, which most clusters show to all of their nodes; where it cannot be written, one in the
system's temporary folder, which a node has for itself. A folder that is full or read-only is no error: then
workspaces come with the points, and runs end with their jobs.

This module travels: it imports nothing but the standard library and what travels too.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from fitgui_backends.histfactory.canonical import digest as canonical_digest
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.remote.packing import unpack_bytes

VARIABLE = "FITGUI_CACHE"
KEPT_WORKSPACES = 64
"""Of a quarter of a megabyte or less each."""
KEPT_SECONDS = 30 * 86400.0
"""Of a workspace that nobody asks for."""
FLAG_SECONDS = 14 * 86400.0
"""As long as the service keeps a task that waits."""


def candidates() -> tuple[Path, ...]:
    """Folders that are looked into, the best first."""
    own = os.environ.get(VARIABLE, "")
    if own:
        return (Path(own),)
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    user = os.getuid() if hasattr(os, "getuid") else 0
    first = base / "fitgui" if base.is_absolute() else _home()
    return tuple(filter(None, (first, Path(tempfile.gettempdir()) / f"fitgui-{user}")))


def writable() -> Path | None:
    """The folder that is written to, made where it is missing; ``None`` where there is none."""
    for folder in candidates():
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_ours(folder):
                with tempfile.TemporaryFile(dir=folder):
                    return folder
    return None


def read_workspace(digest: str) -> bytes | None:
    """A workspace that a worker has kept.

    Args:
        digest: Its sha256, hexadecimal.

    Returns:
        Its JSON; ``None`` if there is none, or if what is there is something else, which is removed.
    """
    for folder in candidates():
        path = _workspace(folder, digest)
        try:
            packed = path.read_bytes() if _is_ours(folder) else None
        except OSError:
            packed = None
        if packed is None:
            continue
        with suppress(ValueError, zlib.error, RecursionError, HistFactoryError):
            raw = unpack_bytes(packed.decode("ascii"))
            if canonical_digest(json.loads(raw)) == digest:
                with suppress(OSError):
                    os.utime(path)
                return raw
        with suppress(OSError):
            path.unlink()
    return None


def keep_workspace(digest: str, packed: str) -> bool:
    """Keep a workspace for the other workers, and for later runs.

    Args:
        digest: As of :func:`read_workspace`.
        packed: The workspace (:func:`.pack_bytes`).

    Returns:
        Whether it is there now.
    """
    folder = writable()
    if folder is None:
        return False
    path = _workspace(folder, digest)
    with suppress(OSError):
        os.utime(path)
        return True
    aside = ""
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix="new-")
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(packed)
        Path(aside).replace(path)  # whole or not at all
    except OSError:
        with suppress(OSError):
            Path(aside).unlink()
        return False
    _prune(path.parent, KEPT_SECONDS, KEPT_WORKSPACES)
    return True


def stop(runs: Iterable[str]) -> bool:
    """Raise the flags of runs that nobody wants any more, for all workers that see the folder.

    Returns:
        Whether that could be written.
    """
    folder = writable()
    if folder is None:
        return False
    try:
        for run in runs:
            flag = _flag(folder, run)
            flag.parent.mkdir(mode=0o700, exist_ok=True)
            flag.touch()
    except OSError:
        return False
    _prune(folder / "stopped", FLAG_SECONDS)
    return True


def is_stopped(run: str) -> bool:
    """Whether somebody has raised the flag of a run."""
    for folder in candidates():
        # A folder of somebody else may be closed to us, or its disk gone: then it says nothing.
        with suppress(OSError):
            if _is_ours(folder) and _flag(folder, run).exists():
                return True
    return False


def _home() -> Path | None:
    try:
        return Path.home() / ".cache" / "fitgui"
    except RuntimeError:  # an account without a home
        return None


def _is_ours(folder: Path) -> bool:
    """Whether what is there can be trusted: temporary files are everybody's, other folders are chosen."""
    if folder.parent != Path(tempfile.gettempdir()) or not hasattr(os, "getuid"):
        return True
    with suppress(OSError):
        return folder.lstat().st_uid == os.getuid()
    return False


def _workspace(folder: Path, digest: str) -> Path:
    return folder / "workspaces" / f"{_name(digest)}.packed"


def _flag(folder: Path, run: str) -> Path:
    return folder / "stopped" / _name(run)


def _name(text: str) -> str:
    """A name of a file, whatever the text is."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _prune(folder: Path, most_seconds: float, most: int | None = None) -> None:
    """Remove what is old, and all but the newest."""
    ages = []
    now = time.time()
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):
                ages.append((now - path.stat().st_mtime, path))
    for number, (age, path) in enumerate(sorted(ages)):
        if age > most_seconds or (most is not None and number >= most):
            with suppress(OSError):
                path.unlink()
