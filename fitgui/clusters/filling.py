"""Filling answers into the files of a template, so that none of them can mean anything but itself.

Files hold marks between pairs of ``@``:

- ``@@jinja:name@@`` becomes a literal of Jinja; ``@@text:name@@`` that of a text in quotation marks, as texts
  of users arrive there, or of ``null``; ``@@quoted:name@@`` never of ``null``;
- ``@@json:name@@`` a value of YAML;
- ``@@shell:name@@`` one word of the shell, ``@@path:name@@`` the same but for a home folder in front,
  ``@@raw:name@@`` lines of shell as they were given;
- lines ``@@if name@@``, ``@@else@@`` and ``@@end@@`` keep what is between them or not, without nesting;
- ``@@include:file@@`` stands for a common file.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

_MARK = re.compile(r"@@(?:(\w+):)?(\w+)@@")
_INCLUDE = re.compile(r"^@@include:([\w.]+)@@$", re.MULTILINE)
_BRANCH = re.compile(
    r"^@@if (?P<name>\w+)@@\n(?P<then>.*?)(?:^@@else@@\n(?P<other>.*?))?^@@end@@\n", re.MULTILINE | re.DOTALL
)


def fill(text: str, values: Mapping[str, Any], include: Callable[[str], str]) -> str:
    """The text with every mark replaced.

    Args:
        text: Of a template's file.
        values: By name; what is missing is empty.
        include: Gives the text of a common file.

    Raises:
        KeyError: if a mark is of no known kind, which is a mistake in the template.
    """
    text = _INCLUDE.sub(lambda match: include(match[1]).rstrip("\n"), text)

    def branch(match: re.Match[str]) -> str:
        return match["then"] if values.get(match["name"]) else match["other"] or ""

    def value(match: re.Match[str]) -> str:
        return _KINDS[match[1] or "raw"](values.get(match[2]))

    return _MARK.sub(value, _BRANCH.sub(branch, text))


def _jinja(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return _literal(value)
    return json.dumps(value)


def _text(value: Any) -> str:
    """As texts of users arrive: a text that has quotation marks around it, or ``null``."""
    return _literal("null" if value in (None, "") else json.dumps(value))


def _quoted(value: Any) -> str:
    return _literal(json.dumps(value or ""))


def _literal(text: str) -> str:
    inner = json.dumps(text)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inner}'"


def _shell(value: Any) -> str:
    return _guarded(shlex.quote(str(value or "")))


def _path(value: Any) -> str:
    text = str(value or "")
    for home in ("~/", "$HOME/"):
        if text.startswith(home):
            return '"$HOME"/' + _guarded(shlex.quote(text.removeprefix(home)))
    return _guarded(shlex.quote(text))


def _raw(value: Any) -> str:
    return _guarded(str(value or ""))


def _guarded(text: str) -> str:
    """Within a template of Jinja, braces must not begin anything."""
    return "{{ " + _literal(text) + " }}" if "{" in text else text


_KINDS: Mapping[str, Callable[[Any], str]] = {
    "jinja": _jinja,
    "text": _text,
    "quoted": _quoted,
    "json": json.dumps,
    "shell": _shell,
    "path": _path,
    "raw": _raw,
}
