"""JSON for machines that people can read: the same document, in lines of bounded length."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.cli.compact_json import WIDTH, compact_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS = st.recursive(
    SCALARS | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=20), inner, max_size=6),
    max_leaves=60,
)


@given(st.dictionaries(st.text(max_size=20), DOCUMENTS), st.sampled_from(["utf-8", "ascii", "unknown"]))
def test_it_is_the_same_document(document: dict[str, Any], encoding: str) -> None:
    text = compact_json(document, encoding=encoding)
    assert json.loads(text) == document
    if encoding != "utf-8":
        assert text.isascii()


def test_what_fits_into_a_line_is_written_in_one() -> None:
    parameter = {"name": "JES", "value": 0.25}
    row = [0.123456] * 100
    document = {"parameters": [parameter] * 20, "matrix": [row, row], "short": [1, 2], "nothing": []}
    lines = compact_json(document).splitlines()
    assert lines[:3] == ["{", ' "parameters": [', '  {"name": "JES", "value": 0.25},']
    assert lines[-7:] == [
        ' "matrix": [',
        f"  {json.dumps(row)},",
        f"  {json.dumps(row)}",
        " ],",
        ' "short": [1, 2],',
        ' "nothing": []',
        "}",
    ]


def test_long_objects_are_opened() -> None:
    document = {"sentences": ["word " * 20] * 3, "object": {f"name {n}": n for n in range(40)}}
    lines = compact_json(document).splitlines()
    assert max(len(line) for line in lines) <= WIDTH
    assert lines[1:3] == [' "sentences": [', f"  {json.dumps('word ' * 20)},"]
    assert '  "name 39": 39' in lines


def test_a_number_that_is_none_is_no_json() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        compact_json({"value": math.nan})
