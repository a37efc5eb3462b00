"""JSON patches (RFC 6902) that share with the original document all that they do not touch.

A published pallet applies a hundred patches to one document of megabytes. Only the containers on the path of
an operation are copied, each at most once per patch; the original is never written to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jsonpointer import JsonPointer, JsonPointerException

from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.size import MOST_COPIED_BYTES, MOST_COPIED_CONTAINERS, Allowance

_OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")
_MISSING = object()
_SHOWN = 120
"""Characters of a path that a sentence repeats."""


def decode_operations(raw: bytes) -> list[dict[str, Any]]:
    """Unpack the operations of a signal point.

    Args:
        raw: A JSON array of objects, in UTF-8.

    Returns:
        The operations, in order; nothing is said yet about whether they can be applied.

    Raises:
        HistFactoryError: if it is not such an array, holds NaN or a number beyond double precision, or is
            larger than any likelihood.
    """
    import msgspec  # noqa: PLC0415  (patches are also applied where it is not installed)

    try:
        Allowance().spend(raw)
    except HistFactoryError as error:
        raise HistFactoryError(f"the patch {error}") from error
    try:
        operations: list[dict[str, Any]] = msgspec.json.decode(raw, type=list[dict[str, Any]])
    except RecursionError as error:
        raise HistFactoryError("the patch is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise HistFactoryError("the patch holds bytes that are not UTF-8") from error
    except msgspec.DecodeError as error:
        raise HistFactoryError(f"the patch is not a JSON list of operations: {error}") from error
    return operations


def apply_patch(document: Any, operations: Sequence[Mapping[str, Any]]) -> Any:
    """Apply a JSON patch and leave the original as it was.

    The result shares every part that no operation touched with ``document``, and values of the operations
    with ``operations``: treat all three as read-only.

    Args:
        document: The JSON document.
        operations: The operations of RFC 6902, in order; an empty ``path`` means the whole document.

    Returns:
        The patched document.

    Raises:
        HistFactoryError: if an operation cannot be applied; the sentence names it, its path and the reason.
    """
    state = _Patching(document)
    for number, operation in enumerate(operations, start=1):
        try:
            state.apply(operation)
        except _NotApplicable as error:
            kind, place = operation.get("op"), operation.get("path")
            described = (
                f'"{_short(kind)}" at "{_short(place)}"' if isinstance(place, str) else "without a path"
            )
            raise HistFactoryError(
                f"operation {number} of the patch ({described}) cannot be applied: {error}"
            ) from error
        except RecursionError as error:
            raise HistFactoryError(f"operation {number} of the patch is nested too deeply") from error
    return state.document


class _NotApplicable(Exception):  # noqa: N818  # a reason, turned into a sentence above
    """Why an operation cannot be applied."""


class _Patching:
    """One patch on its way through a document."""

    def __init__(self, document: Any) -> None:
        self.document = document
        # Containers that this patch made itself and may write to. The objects are kept, not only their
        # identities, because an identity is used again once its object is gone.
        self._own: dict[int, Any] = {}
        self._copies = Allowance(MOST_COPIED_BYTES, MOST_COPIED_CONTAINERS)

    def apply(self, operation: Mapping[str, Any]) -> None:
        kind = operation.get("op")
        if kind not in _OPERATIONS:
            raise _NotApplicable(f"its op is none of {', '.join(_OPERATIONS)}")
        path = _parts(operation, "path")
        if kind in ("add", "replace", "test"):
            if "value" not in operation:
                raise _NotApplicable("it has no value")
            value = operation["value"]
            if kind == "add":
                self._add(path, value)
            elif kind == "replace":
                self._replace(path, value)
            elif not _equal(self._get(path), value):
                raise _NotApplicable("the document holds another value there")
        elif kind == "remove":
            self._remove(path)
        else:
            source = _parts(operation, "from")
            value = self._get(source)
            if kind == "copy":
                self._share(value)
                self._add(path, value)
            elif source != path:
                if path[: len(source)] == source:
                    raise _NotApplicable("a part cannot be moved into itself")
                self._remove(source)
                self._add(path, value)

    def _share(self, value: Any) -> None:
        """Let a value stand in one more place.

        A copy takes no memory here, but whoever walks the document afterwards meets it as often as it stands
        there, and sixty copies of a part into itself are 2^60 parts: it is charged as if written out.
        """
        waiting = [value]
        while waiting:
            part = waiting.pop()
            try:
                self._copies.spend_value(part)
            except HistFactoryError as error:
                raise _NotApplicable("the copies of this patch are larger than any likelihood") from error
            if isinstance(part, dict | list):
                # What stands in two places belongs to nobody: whoever writes there next copies it first.
                self._own.pop(id(part), None)
                waiting.extend(part.values() if isinstance(part, dict) else part)

    def _get(self, path: Sequence[str]) -> Any:
        value = self.document
        for part in path:
            value = _child(value, part)
        return value

    def _writable(self, path: Sequence[str]) -> Any:
        """The container at ``path``, after each shared container down to it was replaced by a copy."""
        container = self.document = self._owned(self.document)
        for part in path:
            child = self._owned(_child(container, part))
            container[_key(container, part)] = child
            container = child
        return container

    def _owned(self, container: Any) -> Any:
        if id(container) in self._own:
            return container
        if isinstance(container, dict):
            made: Any = dict(container)
        elif isinstance(container, list):
            made = list(container)
        else:
            raise _NotApplicable("it leads into a value that is neither object nor array")
        self._own[id(made)] = made
        return made

    def _add(self, path: Sequence[str], value: Any) -> None:
        if not path:
            self.document = value
            return
        parent, last = self._writable(path[:-1]), path[-1]
        if isinstance(parent, list):
            index = len(parent) if last == "-" else _index(last)
            if index > len(parent):
                raise _NotApplicable(f"the array there has {len(parent)} items")
            parent.insert(index, value)
        else:
            parent[last] = value

    def _replace(self, path: Sequence[str], value: Any) -> None:
        if not path:
            self.document = value
            return
        parent, last = self._writable(path[:-1]), path[-1]
        _child(parent, last)
        parent[_key(parent, last)] = value

    def _remove(self, path: Sequence[str]) -> None:
        if not path:
            raise _NotApplicable("nothing would be left of the document")
        parent, last = self._writable(path[:-1]), path[-1]
        _child(parent, last)
        del parent[_key(parent, last)]


def _parts(operation: Mapping[str, Any], key: str) -> list[str]:
    pointer = operation.get(key, _MISSING)
    if not isinstance(pointer, str):
        raise _NotApplicable(f'it has no "{key}"')
    try:
        parts: list[str] = JsonPointer(pointer).parts
    except JsonPointerException as error:
        raise _NotApplicable(f'its "{key}" is not a JSON pointer') from error
    return parts


def _child(container: Any, part: str) -> Any:
    if isinstance(container, dict):
        if part not in container:
            raise _NotApplicable(f'there is no "{_short(part)}"')
        return container[part]
    if isinstance(container, list):
        index = _index(part)
        if index >= len(container):
            raise _NotApplicable(f"the array there has {len(container)} items, and item {index} is asked for")
        return container[index]
    raise _NotApplicable("it leads into a value that is neither object nor array")


def _key(container: Any, part: str) -> Any:
    return int(part) if isinstance(container, list) else part


def _index(part: str) -> int:
    # RFC 6901: no sign, no leading zero; more digits than any list has would also be slow to convert.
    if not part.isascii() or not part.isdigit() or (part[0] == "0" and part != "0") or len(part) > 18:
        raise _NotApplicable(f'"{_short(part)}" is not an index of the array there')
    return int(part)


def _equal(left: Any, right: Any) -> bool:
    """Equality of JSON values: numbers by value, but true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return bool(left == right)


def _short(text: object) -> str:
    shown = "".join(letter if letter.isprintable() else "?" for letter in str(text)[: _SHOWN + 1])
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
