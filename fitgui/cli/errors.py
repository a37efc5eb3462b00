"""How a command ends when it cannot do what was asked: exit status and one line on the standard error."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from fnmatch import fnmatchcase

OK = 0
FAILED = 1
USAGE = 2
INTERRUPTED = 130
_MOST_MATCHES = 12


class CommandError(Exception):
    """A command ends here; the text is one sentence: what is wrong and what to do."""

    status = FAILED


class CommandUsageError(CommandError):
    """What was typed does not fit together or names something that does not exist."""

    status = USAGE


def unknown(what: str, given: str, known: Iterable[str], *, where: str = "") -> CommandUsageError:
    """A name that does not exist, with the nearest that do, or all where they are few.

    Where one name is wanted and a pattern was given, what it matches.
    """
    names = list(known)
    matches = [name for name in names if fnmatchcase(name, given)] if any(c in given for c in "*?[") else []
    if matches:
        more = f" and {len(matches) - _MOST_MATCHES} more" if len(matches) > _MOST_MATCHES else ""
        matched = ", ".join(matches[:_MOST_MATCHES]) + more
        return CommandUsageError(
            f"{given} is a pattern, and one {what} is wanted{where}: it matches {matched}"
        )
    near = difflib.get_close_matches(given, names, n=3, cutoff=0.5)
    if len(names) <= 8:
        hint = f"choose one of {', '.join(names)}" if names else "there is none"
    elif near:
        hint = f"the nearest are {', '.join(near)}"
    else:
        hint = f"there are {len(names)}, such as {', '.join(names[:3])}"
    return CommandUsageError(f"there is no {what} {given}{where}: {hint}")
