"""What is needed of HEPData's JSON: what is missing or of another type is unknown, no error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.refusals import failed, refused

if TYPE_CHECKING:
    from fitgui.pallets.hepdata.session import Answer

Document = Mapping[str, Any]

_JSON_TYPES = re.compile(r"application/(?:[a-z0-9.+-]*\+)?json")
_LARGEST_NUMBER = 10**10


def json_object(answer: Answer, what: str) -> Document:
    """The object in an answer.

    Args:
        answer: of HEPData, with whatever status.
        what: was asked for, for sentences.

    Raises:
        HepDataError: if the answer is a refusal, or no JSON object.
    """
    if answer.status >= 500:
        raise failed(answer.status, what)
    if answer.status != 200:
        raise refused(answer.status, what)
    if _JSON_TYPES.fullmatch(answer.content_type) is None:
        raise web_page(answer.content_type, what)
    try:
        found = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise unknown_shape(what) from error
    if not isinstance(found, dict):
        raise unknown_shape(what)
    return found


def web_page(content_type: str, what: str) -> HepDataError:
    """What to say of an answer of another type than was asked for."""
    came = (
        "A web page"
        if "html" in content_type
        else f"A file of the type {content_type}"
        if content_type
        else "Something"
    )
    return HepDataError(
        ErrorKind.WRONG_ANSWER,
        f"{came} came instead of {what}: if your network has a page to log in, do so in a browser; else try "
        "again later.",
    )


def unknown_shape(what: str) -> HepDataError:
    """What to say of an answer that is JSON, but not as HEPData used to give it."""
    return HepDataError(
        ErrorKind.WRONG_ANSWER,
        f"HEPData's answer for {what} cannot be understood; try again later, and if it stays so, look for a "
        "newer fitgui.",
    )


def text(document: Document, *keys: str) -> str:
    """The first of the values that is a text and not empty."""
    found = (document.get(key) for key in keys)
    return next((value.strip() for value in found if isinstance(value, str) and value.strip()), "")


def number(document: Document, key: str) -> int | None:
    """A positive whole number, be it written as a text."""
    value = document.get(key)
    if isinstance(value, str) and re.fullmatch("[0-9]{1,10}", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGEST_NUMBER:
        return value
    return None


def texts(document: Document, key: str) -> list[str]:
    """The texts of a list, or a single one."""
    value = document.get(key)
    listed = value if isinstance(value, list) else [value]
    return [one.strip() for one in listed if isinstance(one, str) and one.strip()]


def inner(document: Document, key: str) -> Document:
    """An object inside, empty if there is none."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def objects(document: Document, key: str) -> Iterator[Document]:
    """The objects of a list."""
    value = document.get(key)
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))
