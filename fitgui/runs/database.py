"""The journal's SQLite file: opening it, its shape, and what can be wrong with it.

``PRAGMA user_version`` numbers the shape. Events are kept as MessagePack, which has all floating-point
numbers; JSON has no not-a-number.
"""

from __future__ import annotations

import errno
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from filelock import FileLock

SCHEMA_VERSION = 1
BUSY_SECONDS = 10.0
"""How long to wait for another application that is writing."""
CHECKED_BYTES = 64 * 2**20
"""A file up to this size is looked through when it is opened."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

_SCHEMA = """
CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  started REAL NOT NULL,           -- seconds since 1970-01-01 UTC
  application TEXT NOT NULL,       -- version of fitgui that started it
  plan BLOB NOT NULL,              -- RunPlan without workspace and patches
  owner TEXT NOT NULL,             -- name of the lock that the process holds while it lives
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  owned_since REAL NOT NULL
) STRICT;
CREATE TABLE events (
  run TEXT NOT NULL REFERENCES runs (id),
  sequence INTEGER NOT NULL,
  time REAL NOT NULL,
  elapsed REAL NOT NULL,
  type TEXT NOT NULL,
  body BLOB NOT NULL,              -- StampedEvent
  PRIMARY KEY (run, sequence)
) STRICT, WITHOUT ROWID;
"""


class JournalError(Exception):
    """The journal cannot be used; the text is one sentence: what is wrong, where, what to do."""


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing journal for one thread, in autocommit mode."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def prepare(path: Path) -> tuple[sqlite3.Connection, str | None]:
    """Open the journal for writing; create it where there is none.

    A file that is damaged is renamed, never deleted.

    Returns:
        The connection, and a sentence for the user if a damaged file was set aside.

    Raises:
        JournalError: if the folder cannot be written or the file belongs to a newer fitgui.
    """
    try:
        _make_folder(path.parent)
        with FileLock(f"{path}.lock", timeout=BUSY_SECONDS):
            notice = _set_aside_if_damaged(path)
            return _open(path), notice
    except TimeoutError as error:
        raise JournalError(
            f"another fitgui has been opening the journal {path} for {BUSY_SECONDS:.0f} s: end it, or set "
            f"FITGUI_DATA to another folder"
        ) from error
    except (OSError, sqlite3.Error, NotImplementedError) as error:
        raise JournalError(f"cannot open the journal {path}: {explain(error, path)}") from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise
        raise JournalError(
            f"there is no folder {folder} for the journal, and it cannot be created ({_reason(error)}): set "
            f"FITGUI_DATA to a folder that can be written"
        ) from error


def explain(error: BaseException, path: Path) -> str:
    """What an error of the file system or of SQLite means for the user, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    folder = path.parent
    elsewhere = "or set FITGUI_DATA to another folder"
    if code == sqlite3.SQLITE_FULL or "disk is full" in str(error) or getattr(error, "errno", 0) in _NO_ROOM:
        return f"the disk that holds {folder} is full; free some space there, {elsewhere}"
    if code == sqlite3.SQLITE_IOERR:
        return (
            f"the disk that holds {folder} reports an error ({error}) and may be full or disconnected; free "
            f"some space there, {elsewhere}"
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN) or isinstance(
        error, PermissionError
    ):
        return f"{folder} cannot be written; change its permissions, {elsewhere}"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "another application keeps it locked; close that application"
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return "the file is damaged; restart fitgui, which will set it aside and begin a new one"
    return f"{folder} cannot be used ({_reason(error)}); make it usable, {elsewhere}"


def _reason(error: BaseException) -> str:
    """What the system says, without its numbers and its path: ``no such file or directory``."""
    text = str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
    return text[:1].lower() + text[1:]


def _open(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise JournalError(
                f"the journal {path} was written by a newer fitgui (format {version}, this one knows up to "
                f"{SCHEMA_VERSION}): install that fitgui, or choose another folder with FITGUI_DATA"
            )
        # Readers go on while a run is written. Where the file system cannot do this, SQLite stays as it was.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # Each batch adds pages to the WAL until they are taken over; on a small disk that counts.
        connection.execute("PRAGMA wal_autocheckpoint = 200")
        if version == 0:
            connection.executescript(
                f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def _set_aside_if_damaged(path: Path) -> str | None:
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(connect(path)) as connection:
            verdict = "ok"
            if path.stat().st_size <= CHECKED_BYTES:
                verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            else:
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if verdict == "ok" and version == SCHEMA_VERSION:
                connection.execute("SELECT id, plan, owner FROM runs LIMIT 1").fetchone()
                connection.execute("SELECT body FROM events LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
            raise
        verdict = str(error)
    if verdict == "ok":
        return None
    aside = path.with_name(f"{path.stem}-damaged-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")
    number = 2
    while aside.exists():
        aside = aside.with_name(f"{path.stem}-damaged-{time.strftime('%Y%m%d-%H%M%S')}-{number}{path.suffix}")
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return (
        f"The journal {path} is damaged ({verdict.splitlines()[-1]}); it was kept as {aside.name}, and a new "
        f"one was begun without the earlier runs"
    )
