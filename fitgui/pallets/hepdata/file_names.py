"""Under which name a download is kept: what a server says, made safe for every file system."""

from __future__ import annotations

import unicodedata
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any
from urllib.parse import unquote, urlsplit

LONGEST_BYTES = 150
"""In UTF-8; file systems take 255, and what is made of a name needs room, too."""
_FORBIDDEN = '<>:"|?*'
_RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"),
}
_LONG_SUFFIXES = (".tar.gz", ".tar.xz", ".tar.bz2", ".json.gz")
_FALLBACK = "pallet"


def file_name(disposition: str | None, hint: str, url: str) -> str:
    """The name of a file that is downloaded.

    Args:
        disposition: The header ``Content-Disposition`` of the answer, if it has one.
        hint: The name in the record, or empty.
        url: Where the file is; the last part of its path serves if nothing else is known and it looks like
            a name.

    Returns:
        A safe name, never empty: of the answer, else of the record, else of the address.
    """
    last = unquote(urlsplit(url).path).rpartition("/")[2]
    for raw in (disposed_name(disposition), hint, last if "." in last else ""):
        if name := safe_name(raw):
            return name
    return _FALLBACK


def disposed_name(disposition: str | None) -> str:
    """The file name in a header ``Content-Disposition`` (RFC 6266, RFC 5987, plain UTF-8), or empty."""
    if not disposition:
        return ""
    message = Message()
    try:
        message["Content-Disposition"] = disposition.replace("\r", " ").replace("\n", " ")
        parameters = message.get_params(header="Content-Disposition") or []
        names: list[Any] = [value for name, value in parameters if name.lower() == "filename"]
        # What names its encoding comes as a tuple, and counts before what does not (RFC 6266, section 4.3).
        chosen = next((name for name in names if isinstance(name, tuple)), next(iter(names), ""))
        raw = collapse_rfc2231_value(chosen)
    except (ValueError, LookupError, UnicodeError):  # an encoding that does not exist
        return ""
    try:  # headers arrive as Latin-1, whatever was meant
        return raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return raw


def safe_name(raw: str) -> str:
    """A name that every file system takes and nobody is misled by.

    Args:
        raw: From a stranger: may hold folders, control characters, anything.

    Returns:
        Its last part, without control and direction characters, not hidden, not reserved on Windows, not
        longer than :data:`LONGEST_BYTES`; empty if nothing of it is left.
    """
    last = raw.replace("\\", "/").rstrip("/ ").rpartition("/")[2]
    kept = "".join(
        "_" if letter in _FORBIDDEN else letter
        for letter in unicodedata.normalize("NFC", last)
        if letter == " " or not unicodedata.category(letter).startswith(("C", "Z"))
    )
    name = kept.strip(". ")
    if name.partition(".")[0].strip().casefold() in _RESERVED:
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    """Not longer than it may be, with its ending."""
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    lowered = name.lower()
    suffix = next((end for end in _LONG_SUFFIXES if lowered.endswith(end)), "")
    if not suffix:
        dot = name.rfind(".")
        suffix = name[dot:] if dot > 0 and len(name[dot:].encode()) <= 16 else ""
    else:
        suffix = name[-len(suffix) :]
    room = LONGEST_BYTES - len(suffix.encode())
    stem = name[: len(name) - len(suffix)].encode()[:room].decode(errors="ignore")
    return (stem.rstrip(". ") + suffix).strip(". ")
