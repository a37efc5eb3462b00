"""Validation gives pyhf's verdicts, and says where."""

from __future__ import annotations

import copy
import json
import tarfile
from pathlib import Path
from typing import Any

import pyhf.exceptions
import pyhf.schema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.schema import validate_workspace
from tests.builders import make_operations, make_workspace


def everything() -> dict[str, Any]:
    """A workspace that uses every modifier type and every key of a parameter."""
    workspace = make_workspace({"SR": [12.0, 5.0], "CR": [80.0]})
    workspace["channels"][0]["samples"][0]["modifiers"] += [
        {"name": "lumi", "type": "lumi", "data": None},
        {"name": "mu", "type": "normfactor", "data": None},
        {"name": "shape", "type": "shapefactor", "data": None},
        {"name": "mc", "type": "shapesys", "data": [0.1, 0.2]},
        {"name": "h", "type": "histosys", "data": {"lo_data": [11.0, 4.0], "hi_data": [13.0, 6.0]}},
    ]
    workspace["measurements"][0]["config"]["parameters"] = [
        {
            "name": "lumi",
            "inits": [1.0],
            "bounds": [[0.5, 1.5]],
            "auxdata": [1.0],
            "sigmas": [0.02],
            "fixed": False,
        },
        {"name": "mc", "factors": [1.0, 2.0]},
    ]
    return workspace


def verdicts(document: Any) -> tuple[bool, bool]:
    """Ours and pyhf's."""
    try:
        validate_workspace(document)
        ours = True
    except HistFactoryError:
        ours = False
    try:
        pyhf.schema.validate(document, "workspace.json")
        theirs = True
    except pyhf.exceptions.InvalidSpecification:
        theirs = False
    return ours, theirs


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += places(item, (*path, index))
    return found


REPLACEMENTS = st.one_of(
    st.sampled_from(
        [None, True, False, 0, 1, -1.5, "", "x", [], {}, [1.0], ["1.0"], [None], [[1.0]], "1.0.0", "lumi",
         "normsys", "histosys", "staterror", {"lo": 1, "hi": 2}, {"name": "a"},
         {"name": "a", "data": [1], "modifiers": []}]
    ),
    st.text(max_size=3),
    st.integers(),
)  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn) -> Any:
    document = everything()
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(places(document)))
        if not path:
            continue
        parent = document
        for part in path[:-1]:
            parent = parent[part]
        action = draw(st.sampled_from(["replace", "remove", "rename", "double", "copy"]))
        last = path[-1]
        if action == "replace":
            parent[last] = copy.deepcopy(draw(REPLACEMENTS))
        elif action == "remove":
            del parent[last]
        elif action == "rename" and isinstance(parent, dict):
            parent[draw(st.sampled_from(["name", "type", "data", "modifiers", "other", "fixed"]))] = (
                parent.pop(last)
            )
        elif action == "double" and isinstance(parent, list):
            parent.insert(last, copy.deepcopy(parent[last]))
        elif action == "copy":
            source: Any = document
            for part in draw(st.sampled_from(places(document))):
                source = source[part]
            parent[last] = copy.deepcopy(source)
    return document


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=mutations())
def test_verdict_is_that_of_pyhf_on_mutated_workspaces(document: Any) -> None:
    ours, theirs = verdicts(document)
    assert ours == theirs


@pytest.mark.parametrize("document", [None, [], 1, "x", {}, {"channels": []}, [everything()]])
def test_verdict_is_that_of_pyhf_on_other_documents(document: Any) -> None:
    assert verdicts(document) == (False, False)


@pytest.mark.parametrize(
    "name", ["atlas-susy-2018-04-stau", "atlas-susy-2018-06-3L-eRJR", "atlas-susy-2019-08-1Lbb"]
)
def test_published_workspaces_are_valid(real_pallets: Path, name: str) -> None:
    with tarfile.open(real_pallets / f"{name}.tar.gz") as archive:
        for member in archive:
            if member.name.endswith("/BkgOnly.json"):
                file = archive.extractfile(member)
                assert file is not None
                validate_workspace(json.load(file))


def broken(*path: Any, value: Any = ...) -> Any:
    document: Any = everything()
    parent = document
    for part in path[:-1]:
        parent = parent[part]
    if value is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (broken("version"), ["the document", "version"]),
        (broken("version", value="2.0.0"), ["version", "1.0.0"]),
        (broken("channels", 1, "samples"), ['channel "CR"', "samples"]),
        (
            broken("channels", 0, "samples", 0, "data", 1, value="5"),
            ['channel "SR"', 'sample "bkg"', "data/1", "number"],
        ),
        (
            broken("channels", 0, "samples", 0, "modifiers", 0, "data", "hi"),
            ['channel "SR"', 'sample "bkg"', 'modifier "JES"', "hi"],
        ),
        (
            broken("channels", 0, "samples", 0, "modifiers", 0, "type", value="overallsys"),
            ['modifier "JES"', "overallsys", "normsys"],
        ),
        (broken("channels", 0, "samples", 0, "modifiers", 0, "type"), ['modifier "JES"', "type"]),
        (broken("channels", 0, "samples", 0, "modifiers", 0, value=7), ["modifier 1", "object"]),
        (broken("observations", 0, "data", value=[]), ['observation "SR"', "data"]),
        (broken("measurements", 0, "config", "poi"), ['measurement "NormalMeasurement"', "poi"]),
        (broken("channels", value="x" * 100_000), ["channels"]),
    ],
)
def test_the_sentence_names_the_place_and_the_reason(document: Any, words: list[str]) -> None:
    with pytest.raises(HistFactoryError) as caught:
        validate_workspace(document)
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("document", [{"\ud800": 1}, {"channels": ["\ud800"]}])
def test_half_characters_are_refused_in_words(document: Any) -> None:
    with pytest.raises(HistFactoryError):
        validate_workspace(document)


def test_a_patched_workspace_is_valid() -> None:
    workspace = make_workspace()
    workspace["channels"][0]["samples"].append(make_operations(workspace)[0]["value"])
    assert verdicts(workspace) == (True, True)
