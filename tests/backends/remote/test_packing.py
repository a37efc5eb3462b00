"""What is packed comes out as it went in, through JSON as the services make it."""

from __future__ import annotations

import base64
import json
import math
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui_backends.remote.packing import pack, pack_bytes, unpack, unpack_bytes
from fitgui_backends.remote.requests import lean

TEXTS = st.text(st.characters(codec=None))
"""All characters: beyond the basic plane, controls, halves of surrogate pairs."""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def same(left: Any, right: Any) -> bool:
    """Equal, type by type; not-a-number equals itself, and zero has a sign."""
    if isinstance(left, float) and isinstance(right, float):
        return (math.isnan(left) and math.isnan(right)) or (
            left == right and math.copysign(1, left) == math.copysign(1, right)
        )
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and bool(left == right)


@given(VALUES)
def test_values_survive(value: Any) -> None:
    packed = json.loads(json.dumps(pack(value)))
    assert same(unpack(packed), value)


@given(st.binary())
def test_bytes_survive(raw: bytes) -> None:
    packed = pack_bytes(raw)
    assert unpack_bytes(json.loads(json.dumps(packed))) == raw
    assert pack_bytes(raw) == packed


@given(VALUES, st.sampled_from([None, 0, 4]))
def test_published_documents_travel_without_indentation(value: Any, indent: int | None) -> None:
    published = json.dumps(value, indent=indent).encode()
    carried = lean(published)
    assert len(carried) <= len(published)
    assert same(json.loads(carried), value)


@pytest.mark.parametrize("raw", [b"", b"[1, ", b"[1] x", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_left_for_the_worker_to_judge(raw: bytes) -> None:
    assert lean(raw) == raw


@given(VALUES)
def test_nothing_in_it_grows_in_json(value: Any) -> None:
    packed = pack(value)
    assert len(json.dumps({"points": packed})) == len(packed) + len('{"points": ""}')


@pytest.mark.parametrize(
    "spoil", [lambda text: text[: len(text) // 2], lambda text: text[:8] + "AAAA" + text[12:]]
)
def test_what_was_damaged_is_no_value(spoil: Any) -> None:
    packed = pack([[f"point_{number}", "x" * number] for number in range(50)])
    with pytest.raises((zlib.error, ValueError)):
        unpack(spoil(packed))
    with pytest.raises((zlib.error, ValueError)):
        unpack_bytes(base64.b64encode(b"no such thing").decode())
