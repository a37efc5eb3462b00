"""Patches: the results of jsonpatch, with structure sharing, and words where they do not apply."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonpatch
import jsonpointer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.patching import apply_patch, decode_operations
from tests.backends.histfactory.strategies import DOCUMENTS, patches


def same(left: Any, right: Any) -> bool:
    """Equality that tells true from 1, and 1 from 1.0."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


@given(data=st.data())
def test_result_is_that_of_jsonpatch(data: st.DataObject) -> None:
    document = data.draw(DOCUMENTS)
    operations = data.draw(patches(document))
    before = copy.deepcopy((document, operations))
    try:
        expected = jsonpatch.apply_patch(copy.deepcopy(document), copy.deepcopy(operations))
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException):
        with pytest.raises(HistFactoryError):
            apply_patch(document, operations)
    else:
        assert same(apply_patch(document, operations), expected)
    assert same(list(before), [document, operations])


@given(data=st.data())
def test_the_result_may_be_patched_again_without_touching_earlier_ones(data: st.DataObject) -> None:
    document = data.draw(DOCUMENTS)
    try:
        first = apply_patch(document, data.draw(patches(document)))
        kept = copy.deepcopy(first)
        apply_patch(first, data.draw(patches(first)))
    except HistFactoryError:
        return
    assert same(first, kept)


def test_what_is_not_touched_is_shared() -> None:
    document = {
        "channels": [{"samples": [{"data": [1.0]}]}, {"samples": [{"data": [2.0]}]}],
        "version": "1.0.0",
    }
    value = {"data": [3.0]}
    result = apply_patch(document, [{"op": "add", "path": "/channels/0/samples/1", "value": value}])
    assert result["channels"][1] is document["channels"][1]
    assert result["channels"][0]["samples"][0] is document["channels"][0]["samples"][0]
    assert result["channels"][0]["samples"][1] is value
    assert len(document["channels"][0]["samples"]) == 1


def test_a_copied_part_is_not_changed_with_its_original() -> None:
    document = {"a": {"x": [1]}}
    result = apply_patch(
        document,
        [
            {"op": "add", "path": "/a/x/-", "value": 2},
            {"op": "copy", "from": "/a", "path": "/b"},
            {"op": "add", "path": "/a/x/-", "value": 3},
        ],
    )
    assert result == {"a": {"x": [1, 2, 3]}, "b": {"x": [1, 2]}}


def test_a_copy_into_itself_is_not_changed_with_its_original() -> None:
    result = apply_patch(
        {"a": {"x": [1]}},
        [
            {"op": "copy", "from": "/a", "path": "/a/b"},
            {"op": "add", "path": "/a/b/x/-", "value": 2},
            {"op": "add", "path": "/a/x/-", "value": 3},
            {"op": "move", "from": "/a/b", "path": "/c"},
            {"op": "add", "path": "/c/x/-", "value": 4},
        ],
    )
    assert result == {"a": {"x": [1, 3]}, "c": {"x": [1, 2, 4]}}


LAUGH = {"op": "copy", "from": "/x", "path": "/x/-"}


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "add", "path": "/x", "value": [[0, 0]]}, *[LAUGH] * 60],
        [{"op": "add", "path": "/x", "value": ["ha" * 500_000]}, *[LAUGH] * 60],
        [{"op": "add", "path": "/x", "value": [0] * 1_000_000}, *[LAUGH] * 60],
        [{"op": "add", "path": "/x", "value": [{"ha" * 500_000: 0}]}, *[LAUGH] * 60],
        [
            {"op": "copy", "from": "/channels/0/samples", "path": f"/channels/0/samples/0/data/z{number}"}
            for number in range(60)
        ],
        [  # two parts, each copied into the other by turns, with a move in between
            {"op": "add", "path": "/x", "value": [[0]]},
            {"op": "add", "path": "/y", "value": [[0]]},
            *[
                {"op": "copy", "from": "/x", "path": "/y/-"},
                {"op": "copy", "from": "/y", "path": "/x/-"},
                {"op": "move", "from": "/x", "path": "/z"},
                {"op": "move", "from": "/z", "path": "/x"},
            ]
            * 60,
        ],
    ],
    ids=["lists", "texts", "numbers", "keys", "in the workspace", "by turns"],
)
def test_copies_that_multiply_are_refused(operations: list[dict[str, Any]]) -> None:
    document = {"channels": [{"samples": [{"data": {}}]}]}
    with pytest.raises(HistFactoryError, match="copies of this patch are larger than any likelihood"):
        apply_patch(document, operations)


def test_honest_copies_are_allowed() -> None:
    """Every sample of a large channel once more, and thousands of small parts."""
    samples = [{"name": f"s{number}", "data": [1.0] * 50, "modifiers": [{}] * 400} for number in range(30)]
    copies = [{"op": "copy", "from": "/samples", "path": "/again"}]
    copies += [{"op": "copy", "from": "/samples/0/data", "path": "/data/-"}] * 5000
    result = apply_patch({"samples": samples, "data": []}, copies)
    assert result["again"] == samples
    assert result["data"] == [samples[0]["data"]] * 5000


def test_the_whole_document_can_be_replaced() -> None:
    assert apply_patch({"a": 1}, [{"op": "replace", "path": "", "value": {"b": 2}}]) == {"b": 2}


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (
            {"op": "add", "path": "/channels/7/samples/0", "value": 1},
            ["operation 1", '"add"', "/channels/7", "2 items"],
        ),
        ({"op": "remove", "path": "/nothing"}, ['"remove"', 'no "nothing"']),
        ({"op": "replace", "path": "/channels/x", "value": 1}, ['"x" is not an index']),
        ({"op": "test", "path": "/version", "value": "2"}, ["another value"]),
        ({"op": "merge", "path": "/version"}, ["add, remove, replace"]),
        ({"op": "add", "path": "/version/deeper", "value": 1}, ["neither object nor array"]),
        ({"op": "move", "from": "/channels", "path": "/channels/0"}, ["into itself"]),
        ({"op": "add", "path": "/x"}, ["no value"]),
        ({"op": "add", "value": 1}, ["without a path", 'no "path"']),
        ({"op": "copy", "path": "/x"}, ['no "from"']),
        ({"op": "add", "path": "no-slash", "value": 1}, ["not a JSON pointer"]),
        ({"op": "add", "path": "/channels/" + "9" * 5000, "value": 1}, ["is not an index"]),
    ],
)
def test_a_patch_that_does_not_apply_says_which_operation_where_and_why(
    operation: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(HistFactoryError) as caught:
        apply_patch({"channels": [1, 2], "version": "1"}, [operation])
    for word in words:
        assert word in str(caught.value)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[",
        b"{}",
        b"[1]",
        b'[{"op": NaN}]',
        b'[{"op": 1e999}]',
        b'["\xff"]',
        b"[" * 100_000,
        b'[{"a":"\\ud800"}]',
    ],
)
def test_operations_that_are_no_json_list_of_objects_are_refused_in_one_sentence(raw: bytes) -> None:
    with pytest.raises(HistFactoryError) as caught:
        decode_operations(raw)
    assert "\n" not in str(caught.value)
