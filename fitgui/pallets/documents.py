"""What the JSON documents of a pallet are, told by their content and never by their name."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fitgui.pallets.jsontext import DocumentError, as_utf8, load, split
from fitgui.pallets.reading.names import shown
from fitgui.pallets.reading.unpacking import INSIDE
from fitgui_backends.histfactory.canonical import digest
from fitgui_backends.histfactory.checks import check_workspace
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.schema import validate_workspace
from fitgui_backends.histfactory.size import Allowance

_WORKSPACE_KEYS = {"channels", "observations", "measurements"}
_HS3_KEYS = {"distributions", "likelihoods", "domains", "parameter_points", "analyses"}
MOST_POINTS = 100_000
"""Of one patch set."""
_DIGESTS = ("sha256", "sha512", "sha384", "sha224", "sha1", "md5")


@dataclass(frozen=True, slots=True)
class WorkspaceDocument:
    """A workspace that passed the schema and the checks."""

    path: str
    json: bytes = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)
    digest: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawPoint:
    """A signal point as published."""

    name: str
    values: tuple[object, ...] | None
    """``None`` where no metadata is given at all."""
    operations: bytes = field(repr=False)
    named: bool = True
    """Whether the name was published; if not, it says nothing about coordinates."""


@dataclass(frozen=True, slots=True)
class PatchSetDocument:
    """A patch set, or patches that were published one file per point."""

    path: str
    description: str
    labels: tuple[str, ...]
    digests: Mapping[str, str]
    """By algorithm, lower case; without empty ones."""
    references: Mapping[str, str]
    points: tuple[RawPoint, ...]
    bound_to: str | None = None
    """The path of its workspace, where a single file holds both."""
    collected: bool = False
    """Whether it was put together from one file per point."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationsDocument:
    """The operations of one signal point, alone in a file."""

    path: str
    operations: bytes = field(repr=False)
    point: RawPoint | None = None
    """The point, if the file also tells its name or its coordinates."""


Document = WorkspaceDocument | PatchSetDocument | OperationsDocument


class NotUsable(Exception):  # noqa: N818  # becomes a problem or a PalletError
    """A document that cannot be used; the text goes on after its name."""


class Unrelated(Exception):  # noqa: N818
    """JSON that has nothing to do with likelihoods."""


class NotJson(Exception):  # noqa: N818
    """A text that only looked as if it could be JSON, and does not claim to be."""


class _Entry(msgspec.Struct):
    patch: msgspec.Raw
    metadata: Any = None


def recognise_document(path: str, data: bytes, allowance: Allowance) -> list[Document]:
    """Tell what a JSON document is and take it apart as far as needed.

    Args:
        path: Where it stands; used in the results only, and to tell a broken file from some other text.
        data: Its bytes.
        allowance: Is charged with every workspace.

    Returns:
        One document, or a workspace and its patch sets from a single-file pallet.

    Raises:
        NotUsable: with the reason, if it is broken or of a kind that is not supported.
        Unrelated: if it is none of the pallet's business.
        NotJson: if it is not JSON and its name does not say that it should be.
    """
    named_json = path.lower().endswith(".json")
    try:
        text = as_utf8(data)
        if not text.strip():
            raise DocumentError("is empty")
        if text.lstrip()[:1] == b"[":
            return _from_list(path, text, allowance)
        return _from_object(path, text, allowance)
    except DocumentError as error:
        if not named_json:
            raise NotJson(str(error)) from error
        raise NotUsable(_with_hint(str(error), data)) from error


def _with_hint(reason: str, data: bytes) -> str:
    if data.lstrip()[:1] == b"<":
        return "is not JSON but looks like a web page or XML"
    return reason


def _from_object(path: str, text: bytes, allowance: Allowance) -> list[Document]:
    try:
        parts = split(text, dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        raise NotUsable("is JSON, but no likelihood") from error
    keys = parts.keys()
    if "workspace" in keys or ("patchsets" in keys and "workspaces" in keys):
        return _single_file_pallet(path, parts, allowance)
    if "patches" in keys:
        return [_patch_set(path, parts)]
    if len(_WORKSPACE_KEYS & keys) >= 2:
        return [_workspace(path, text, allowance)]
    if _is_hs3(parts):
        raise NotUsable(
            "is an HS3 document, not a HistFactory workspace; only HistFactory JSON as of pyhf can be used"
        )
    if "channels" in keys:
        raise NotUsable("is a model without observations and measurements; the whole workspace is needed")
    if "patch" in keys and "metadata" in keys:
        return [_single_point(path, text)]
    raise Unrelated


def _is_hs3(parts: Mapping[str, msgspec.Raw]) -> bool:
    if len(_HS3_KEYS & parts.keys()) >= 2 or "distributions" in parts:
        return True
    return b'"hs3_version"' in bytes(parts.get("metadata", msgspec.Raw(b"")))


def _from_list(path: str, text: bytes, allowance: Allowance) -> list[Document]:
    try:
        items = split(text, list[dict[str, msgspec.Raw]])
    except msgspec.ValidationError as error:
        raise Unrelated from error
    if items and all("op" in item and "path" in item for item in items):
        return [OperationsDocument(path, text)]
    if items and all("patch" in item for item in items):
        return [_patch_set(path, {"patches": msgspec.Raw(text)})]
    if items and all(len(_WORKSPACE_KEYS & item.keys()) >= 2 or "patches" in item for item in items):
        raws = split(text, list[msgspec.Raw])
        return [
            document
            for number, raw in enumerate(raws, start=1)
            for document in _from_object(f"{path}{INSIDE}{number}", bytes(raw), allowance)
        ]
    if not items and "patch" in path.lower().rsplit("/", 1)[-1]:
        return [OperationsDocument(path, text)]
    raise Unrelated


def _workspace(path: str, text: bytes, allowance: Allowance) -> WorkspaceDocument:
    try:
        allowance.spend(text)
    except HistFactoryError as error:
        raise NotUsable(str(error)) from error
    document = load(text)
    try:
        identity = digest(document)
    except HistFactoryError as error:
        load(text, look_at_numbers=True)  # says where, if it is a number
        raise NotUsable(f"is not valid JSON: {error}") from error
    try:
        validate_workspace(document)
        findings = check_workspace(document)
        if findings.errors:
            more = len(findings.errors) - 1
            raise NotUsable(
                f"is not a usable workspace: {findings.errors[0]}{f' (and {more} more)' if more else ''}"
            )
        return WorkspaceDocument(path, text, document, identity, tuple(findings.warnings))
    except HistFactoryError as error:
        raise NotUsable(f"is not a valid HistFactory workspace: {error}") from error


def _patch_set(path: str, parts: Mapping[str, msgspec.Raw], bound_to: str | None = None) -> PatchSetDocument:
    metadata = _mapping(parts.get("metadata"))
    entries, warnings = _entries(bytes(parts["patches"]))
    if not entries:
        raise NotUsable("is a patch set without patches")
    if len(entries) > MOST_POINTS:
        raise NotUsable(f"is a patch set of more than {MOST_POINTS} points")
    labels = metadata.get("labels")
    if isinstance(labels, str):
        labels = [labels]
    return PatchSetDocument(
        path=path,
        description=shown(str(metadata.get("description") or "")),
        labels=tuple(shown(str(label), 80) for label in labels) if isinstance(labels, list) else (),
        digests=_digests(metadata.get("digests")),
        references=_texts(metadata.get("references")),
        points=tuple(_point(entry, number) for number, entry in entries),
        bound_to=bound_to,
        warnings=warnings,
    )


def _entries(text: bytes) -> tuple[list[tuple[int, _Entry]], tuple[str, ...]]:
    """The patches of a patch set with their numbers; those that are damaged are left out and told."""
    try:
        return list(enumerate(split(text, list[_Entry]), start=1)), ()
    except msgspec.ValidationError as error:
        reason = str(error)
    try:
        raws = split(text, list[msgspec.Raw])
    except msgspec.ValidationError as error:
        raise NotUsable(f"is a patch set whose patches are no list: {error}") from error
    good: list[tuple[int, _Entry]] = []
    for number, raw in enumerate(raws, start=1):
        with suppress(msgspec.ValidationError):
            good.append((number, split(bytes(raw), _Entry)))
    damaged = len(raws) - len(good)
    if not good:
        raise NotUsable(f"is a patch set with damaged patches only: {reason}")
    return good, (f"{damaged} of {len(raws)} patches are damaged and were left out ({reason})",)


def _single_point(path: str, text: bytes) -> OperationsDocument:
    try:
        point = _point(split(text, _Entry), 1)
    except msgspec.ValidationError as error:
        raise NotUsable(f"is a damaged patch: {error}") from error
    return OperationsDocument(path, point.operations, point)


def _point(entry: _Entry, number: int) -> RawPoint:
    metadata = entry.metadata if isinstance(entry.metadata, dict) else {}
    name = metadata.get("name")
    values = metadata.get("values")
    if isinstance(values, dict):
        values = list(values.values())
    elif values is not None and not isinstance(values, list):
        values = [values]
    return RawPoint(
        name=shown(str(name), 200) if name not in (None, "") else f"point_{number}",
        values=None if values is None else tuple(map(_value, values)),
        operations=bytes(entry.patch),
        named=name not in (None, ""),
    )


def _value(value: object) -> object:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else shown(str(value), 80)


def _single_file_pallet(path: str, parts: Mapping[str, msgspec.Raw], allowance: Allowance) -> list[Document]:
    documents: list[Document] = []
    for key in ("workspace", "workspaces"):
        for name, raw in _named(parts.get(key), key):
            documents.append(
                _workspace(path if key == "workspace" else f"{path}{INSIDE}{name}", raw, allowance)
            )
    bound_to = documents[0].path if len(documents) == 1 else None
    for key in ("patchset", "patchsets"):
        for name, raw in _named(parts.get(key), key):
            try:
                inner = split(raw, dict[str, msgspec.Raw])
                if "patches" not in inner:
                    raise NotUsable(f"holds something under {key} that is no patch set")
                documents.append(_patch_set(f"{path}{INSIDE}{name}", inner, bound_to))
            except msgspec.ValidationError as error:
                raise NotUsable(f"holds something under {key} that is no patch set") from error
    return documents


def _named(raw: msgspec.Raw | None, key: str) -> list[tuple[str, bytes]]:
    """The documents under a key: one, a list of them, or an object of them by name."""
    if raw is None or bytes(raw).strip() == b"null":
        return []
    text = bytes(raw)
    try:
        if text.lstrip()[:1] == b"[":
            return [
                (f"{key}_{number}", bytes(item))
                for number, item in enumerate(split(text, list[msgspec.Raw]), 1)
            ]
        inner = split(text, dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        raise NotUsable(f"holds something under {key} that is neither an object nor a list") from error
    if "patches" in inner or _WORKSPACE_KEYS & inner.keys():
        return [(key, text)]
    return [(shown(name, 80), bytes(item)) for name, item in inner.items()]


def _mapping(raw: msgspec.Raw | None) -> Mapping[str, Any]:
    if raw is None:
        return {}
    try:
        value = split(bytes(raw), dict[str, Any])
    except msgspec.ValidationError:
        return {}
    return value


def _digests(value: object) -> dict[str, str]:
    if isinstance(value, str):
        value = {"sha256": value}
    if not isinstance(value, dict):
        return {}
    return {
        algorithm: text.strip().lower()
        for algorithm, text in value.items()
        if algorithm in _DIGESTS and isinstance(text, str) and text.strip()
    }


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {shown(str(key), 80): shown(str(text), 200) for key, text in value.items()}
