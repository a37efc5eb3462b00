"""The digest by which a patch set names the workspace that it belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from fitgui_backends.histfactory.errors import HistFactoryError

_CHUNKED_DEPTH = 4
"""Down to the samples a document is written piece by piece: other threads get their turn in between."""


def digest(document: object, algorithm: str = "sha256") -> str:
    """Digest of the canonical JSON of a document, equal to ``pyhf.utils.digest``.

    Args:
        document: What JSON can express: objects, arrays, strings, finite numbers, booleans, null.
        algorithm: One of :data:`hashlib.algorithms_available`.

    Returns:
        The digest in lower case hexadecimal.

    Raises:
        HistFactoryError: if the document holds something that JSON cannot express, such as NaN.
    """
    hasher = hashlib.new(algorithm, usedforsecurity=False)
    try:
        for piece in _pieces(document, _CHUNKED_DEPTH):
            hasher.update(piece.encode("utf8"))
    except UnicodeEncodeError as error:
        raise HistFactoryError("a text holds half of a surrogate pair, which is not a character") from error
    except (TypeError, ValueError) as error:
        raise HistFactoryError("the document holds a value that JSON cannot express, such as NaN") from error
    except RecursionError as error:
        raise HistFactoryError("the document is nested too deeply") from error
    return hasher.hexdigest()


def _pieces(value: Any, depth: int) -> Iterator[str]:
    if depth and isinstance(value, dict) and value and all(isinstance(key, str) for key in value):
        opening = "{"
        for key in sorted(value):
            yield f"{opening}{json.dumps(key, ensure_ascii=False)}: "
            yield from _pieces(value[key], depth - 1)
            opening = ", "
        yield "}"
    elif depth and isinstance(value, list) and value:
        opening = "["
        for item in value:
            yield opening
            yield from _pieces(item, depth - 1)
            opening = ", "
        yield "]"
    else:
        yield json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
