"""JSON as strangers write it: encodings, damage, and where the damage is."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any, NoReturn, TypeVar

import msgspec

_Type = TypeVar("_Type")
_BYTE = re.compile(r"\(byte (\d+)\)")
_NOT_NUMBERS = (b"NaN", b"Infinity", b"-Infinity", b"nan", b"inf", b"-inf", b"None", b"True", b"False")
_UNEXPECTED_SHOWN = 12
_DIGITS_OF_A_DOUBLE = 308


class DocumentError(Exception):
    """A text is not usable JSON; the message goes on after the file's name: what is wrong, and where."""


def as_utf8(data: bytes) -> bytes:
    """A JSON text in UTF-8 without byte order mark, from UTF-8, UTF-16 or UTF-32 with or without one.

    Raises:
        DocumentError: if it is none of these.
    """
    if data.isascii() and b"\0" not in data[:4]:
        return data
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"is not valid {encoding.removesuffix('-sig').upper()} at {_place(data, error.start)}"
        ) from error
    if encoding == "utf-8":
        return data
    try:
        return text.removeprefix("\ufeff").encode("utf-8")
    except UnicodeEncodeError as error:
        raise DocumentError("holds half of a surrogate pair, which is not a character") from error


def split(data: bytes, shape: type[_Type]) -> _Type:
    """Decode JSON into a shape whose :class:`msgspec.Raw` parts are left packed.

    Args:
        data: JSON in UTF-8.
        shape: The type to decode into.

    Returns:
        The value.

    Raises:
        DocumentError: if it is not JSON.
        msgspec.ValidationError: if it is JSON of another shape.
    """
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError as error:
        _explain(data, str(error), error)
    except RecursionError as error:
        raise DocumentError("is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise DocumentError("holds a text that is not valid UTF-8") from error


def load(data: bytes, *, look_at_numbers: bool = False) -> Any:
    """Decode a whole document with Python's own types, refusing what JSON does not define.

    ``NaN`` and ``Infinity`` are no JSON; a key that occurs twice leaves open which value counts; a number
    beyond double precision would be infinite.

    Args:
        data: JSON in UTF-8.
        look_at_numbers: Refuse numbers beyond double precision, which takes much longer; without it, they
            come out as infinity, which :func:`~fitgui_backends.histfactory.canonical.digest` refuses.

    Raises:
        DocumentError: with the place.
    """
    checks: dict[str, Any] = {"parse_float": _finite_float} if look_at_numbers else {}
    checks["parse_int"] = _finite_int  # few numbers are written as integers
    try:
        return json.loads(data, object_pairs_hook=_unique, parse_constant=_refuse_constant, **checks)
    except json.JSONDecodeError as error:
        if error.pos >= len(data.rstrip()):
            raise DocumentError("is cut off: the JSON ends in the middle") from error
        raise DocumentError(f"is not valid JSON at {_place(data, _byte(data, error.pos))}") from error
    except _ConstantError as error:
        name = str(error)
        raise DocumentError(
            f"holds {name}, which is not a number in JSON, at {_place(data, data.find(name.encode()))}"
        ) from error
    except _TooLargeError as error:
        number = str(error)
        raise DocumentError(
            f"holds the number {number[:20]}{'…' * (len(number) > 20)}, which is beyond double precision, "
            f"at {_place(data, data.find(number.encode()))}"
        ) from error
    except _DuplicateError as error:
        raise DocumentError(f"{error}{_duplicate_place(data)}") from error
    except RecursionError as error:
        raise DocumentError("is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise DocumentError(f"is not valid UTF-8 at {_place(data, error.start)}") from error


class _ConstantError(Exception):
    pass


class _TooLargeError(Exception):
    pass


def _finite_float(text: str) -> float:
    value = float(text)
    if abs(value) == float("inf"):
        raise _TooLargeError(text)
    return value


def _finite_int(text: str) -> int:
    if len(text) > _DIGITS_OF_A_DOUBLE:
        _finite_float(text)
    return int(text)


class _DuplicateError(Exception):
    pass


def _refuse_constant(name: str) -> NoReturn:
    raise _ConstantError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateError(f'has the key "{key}" twice in one object')
            seen.add(key)
    return made


def _duplicate_place(data: bytes) -> str:
    """Decode once more, slowly, to learn where the object with the doubled key begins."""
    decoder: Any = json.JSONDecoder(object_pairs_hook=_unique)
    parse_object = decoder.parse_object
    where: list[int] = []

    def parse(start: tuple[str, int], *rest: Any) -> Any:
        try:
            return parse_object(start, *rest)
        except _DuplicateError:
            where.append(start[1] - 1)
            raise

    decoder.parse_object = parse
    decoder.scan_once = py_make_scanner(decoder)
    text = data.decode("utf-8")
    with suppress(_DuplicateError, RecursionError):
        decoder.decode(text)
    return f", in the object at {_place(data, len(text[: where[0]].encode()))}" if where else ""


def _explain(data: bytes, message: str, cause: Exception) -> NoReturn:
    if not data.strip():
        raise DocumentError("is empty") from cause
    match = _BYTE.search(message)
    if match is None:
        raise DocumentError("is cut off: the JSON ends in the middle") from cause
    offset = int(match.group(1))
    near = data[offset : offset + _UNEXPECTED_SHOWN]
    for word in _NOT_NUMBERS:
        if near.startswith(word) or data[offset - 1 : offset + _UNEXPECTED_SHOWN].startswith(word):
            raise DocumentError(
                f"holds {word.decode()}, which is not a value in JSON, at {_place(data, offset)}"
            ) from cause
    if "trailing characters" in message:
        raise DocumentError(f"goes on after its end at {_place(data, offset)}") from cause
    raise DocumentError(f"is not valid JSON at {_place(data, offset)}") from cause


def _byte(data: bytes, position: int) -> int:
    """The byte at a character's position."""
    return position if data.isascii() else len(data.decode("utf-8", "replace")[:position].encode())


def _place(data: bytes, offset: int) -> str:
    line = data.count(b"\n", 0, offset) + 1
    column = offset - data.rfind(b"\n", 0, offset)
    return f"line {line}, column {column}"
