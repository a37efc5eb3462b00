"""Names in archives: which are refused, which are noise, how they are shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DRIVE = re.compile(r"^[A-Za-z]:")
_NOISE = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")
_ARCHIVE = (".tar", ".gz", ".gzip", ".tgz", ".xz", ".txz", ".bz2", ".tbz", ".tbz2", ".zip")
_LONGEST = 300
_MOST_SENTENCES = 12
_LONGEST_SENTENCE = 600


def member_name(raw: str) -> str | None:
    """The name of a member with ``/`` between its parts.

    Args:
        raw: As it stands in the archive; ZIP files made on Windows may hold backslashes.

    Returns:
        The name without ``.`` parts, or ``None`` if it is absolute or climbs out with ``..``: no honest
        archive has such names, so none is read that does.
    """
    name = raw.replace("\\", "/")
    if name.startswith("/") or _DRIVE.match(name):
        return None
    parts = [part for part in name.split("/") if part not in ("", ".")]
    return None if ".." in parts else "/".join(parts)


def claims_archive(name: str) -> bool:
    """Whether a file is called like an archive that can be read, or like something compressed."""
    return name.lower().endswith(_ARCHIVE)


def is_noise(name: str) -> bool:
    """Whether an operating system left a file behind: ``._x``, ``.DS_Store``, ``__MACOSX``."""
    return any(part.startswith("._") or part.lower() in _NOISE for part in name.split("/"))


def shown(text: str, longest: int = _LONGEST) -> str:
    """A text from an archive as it may be shown: no control characters, no half characters, not endless."""
    clean = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[: longest + 1]
    )
    return clean if len(clean) <= longest else clean[:longest] + "…"


def sentences(problems: Sequence[str]) -> tuple[str, ...]:
    """Problems as they may be shown: clean, and no more than anybody reads."""
    kept = tuple(shown(problem, _LONGEST_SENTENCE) for problem in problems[:_MOST_SENTENCES])
    left = len(problems) - len(kept)
    return (*kept, f"There are {left} more such problems.") if left else kept
