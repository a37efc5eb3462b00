"""Signal yields as JSON: both forms, and mistakes that are named by their place."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.reinterpretation.formats.documents import plain_json
from fitgui.reinterpretation.model import Imported, Quantity, SignalError

FULL: dict[str, Any] = {
    "schema": 1,
    "about": "anything",
    "channels": {"SR": {"observed": [1, 2]}},
    "analysis": "my search",
    "luminosity": "36.1 fb^-1",
    "quantity": "efficiency",
    "cross_section": "1 pb",
    "parameters": ["m2", "m1"],
    "points": [
        {
            "name": "a",
            "values": {"m1": 300, "m2": 150.5},
            "yields": {"SR": [0.1, 0.2], "CR": 0.3, "VR": [0.4], "CR2": None},
            "statistical": {"SR": [0.01, "5%"], "VR": 0.04},
            "systematics": {
                "JES": {"up": {"SR": [0.01, 0.02], "CR": 0.03}, "down": {"SR": [-0.01, -0.01], "CR": 0}},
                "theory": {"symmetric": "10%"},
                "MC": {"symmetric": {"SR": [0.001, None]}, "correlated": False},
            },
            "simulated": {"SR": [100, 200]},
            "cross_section": "12 fb",
        },
        {"values": {"m1": 400, "model": "bino"}, "yields": {"SR": [1, None]}, "quantity": "pb"},
    ],
}


def read(document: Any, name: str = "my.json") -> Imported:
    (imported,) = plain_json.read(json.dumps(document), name)
    return imported


def changed(**more: Any) -> dict[str, Any]:
    """The first point with something else in it."""
    return {"points": [FULL["points"][0] | more]}


def test_channels_with_their_yields() -> None:
    document = {"SR": [3, 4.5], "CR": [1], "VR": 2, "none": None}
    assert plain_json.looks_like(json.dumps(document), "x")
    imported = read(document)
    assert [(region.region, region.value) for region in imported.points[0].regions] == [
        ("SR[0]", 3.0),
        ("SR[1]", 4.5),
        ("CR", 1.0),
        ("VR", 2.0),
    ]
    assert imported.points[0].name == "my"
    assert imported.points[0].quantity is Quantity.EVENTS


def test_the_documented_form() -> None:
    assert plain_json.looks_like(json.dumps(FULL).encode(), "x")
    imported = read(FULL)
    assert imported.analysis == "my search"
    assert imported.luminosity_fb == 36.1
    assert imported.labels == ("m2", "m1", "model")
    first, second = imported.points
    assert first.quantity is Quantity.EFFICIENCY
    assert first.cross_section_fb == 12.0
    by_name = {region.region: region for region in first.regions}
    assert list(by_name) == ["SR[0]", "SR[1]", "CR", "VR"]
    assert by_name["SR[1]"].statistical == pytest.approx(0.01)
    assert by_name["CR"].statistical is None
    assert by_name["SR[0]"].systematics == {
        "JES": (-0.01, 0.01),
        "theory": pytest.approx((-0.01, 0.01)),
        "MC": (-0.001, 0.001),
    }
    assert by_name["SR[0]"].uncorrelated == {"MC"}
    assert by_name["CR"].systematics["JES"] == (0.0, 0.03)
    assert by_name["CR"].uncorrelated == frozenset()
    assert by_name["SR[1]"].simulated == 200.0
    assert second.name == "m1_400_model_bino"
    assert second.quantity is Quantity.CROSS_SECTION
    assert [region.value for region in second.regions] == [1000.0]
    assert second.cross_section_fb == 1000.0


def test_one_point_without_a_list() -> None:
    imported = read({"yields": {"SR": 3}, "statistical": "10%", "luminosity": "139 fb-1", "quantity": "fb"})
    assert imported.luminosity_fb == 139.0
    (region,) = imported.points[0].regions
    assert (region.value, region.statistical) == (3.0, pytest.approx(0.3))


MISTAKES = {
    "a word": (
        changed(yields={"SR": [1, "x"]}),
        r'points\[0\].yields.SR\[1\]: a number has to stand here, .*"x"',
    ),
    "true": (changed(yields={"SR": True}), r"points\[0\].yields.SR: a number"),
    "no bins": (changed(yields={"SR": []}), r"points\[0\].yields.SR: there are no bins"),
    "deeper": ({"SR": {"x": [1]}}, r"yields.SR: a number"),
    "misspelt": ({"points": [{"yeilds": {}}]}, r"points\[0\]: 'yeilds' is not known here"),
    "no yields": ({"points": [{"name": "a"}]}, r"points\[0\]: 'yields' is missing"),
    "name": (changed(name=3), r"points\[0\].name: expected 'str'"),
    "no points": ({"points": []}, "'points' is empty"),
    "nothing": ({}, "is empty"),
    "nulls": ({"SR": None}, "no yields are filled in"),
    "a list": ([1, 2], "holds no object"),
    "schema": ({"schema": 7, "points": [{"yields": {"SR": 1}}]}, "schema 7"),
    "stat of nothing": (
        changed(statistical={"XR": 1}),
        r"points\[0\].statistical.XR: there is no yield of XR",
    ),
    "stat of another length": (
        changed(statistical={"SR": [1, 2, 3]}),
        r"statistical.SR\[2\]: there is no yield",
    ),
    "negative": (changed(statistical={"SR": [-1, 2]}), "uncertainty is below zero"),
    "percent": (changed(statistical="ten %"), r"points\[0\].statistical: a number, or a text such as '12%'"),
    "both": (
        changed(systematics={"a": {"up": {}, "symmetric": "1%"}}),
        r"systematics.a: 'symmetric' stands beside",
    ),
    "neither": (changed(systematics={"a": {}}), r"systematics.a: 'up' and 'down', or 'symmetric'"),
    "one direction": (
        changed(systematics={"a": {"up": {"SR": [1, 2]}}}),
        r"systematics.a: 'up' has a number for SR\[0\], and 'down' has none: write it, 0 where nothing",
    ),
    "one direction of a bin": (
        changed(systematics={"a": {"up": {"SR": [1, None]}, "down": {"SR": [-1, -2]}}}),
        r"systematics.a: 'down' has a number for SR\[1\], and 'up' has none",
    ),
    "word of an uncertainty": (changed(systematics={"a": {"upp": {}}}), "'upp' is not known here"),
    "no unit": (changed(cross_section=12), r"points\[0\].cross_section: the cross section 12 has no unit"),
    "no unit of luminosity": (
        {"luminosity": 139, "points": [{"yields": {"SR": 1}}]},
        "luminosity 139 has no unit",
    ),
    "quantity": (changed(quantity="furlong"), r"points\[0\].quantity: 'furlong' is not known"),
    "twice": (
        {"points": [{"name": "a", "yields": {"SR": 1}}] * 2},
        r"points\[1\]: the model point a stands twice",
    ),
    "true coordinate": (changed(values={"m1": True}), r"points\[0\].values"),
    "too large": ({"SR": 10**400}, "a number has to stand here"),
}


@pytest.mark.parametrize(("document", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_said_with_its_place(document: Any, says: str) -> None:
    with pytest.raises(SignalError, match=says) as caught:
        read(document)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"SR": [1, NaN]}', "NaN stands where a number"),
        ('{"SR": -Infinity}', "-Infinity stands where a number"),
        ('{"SR": 1, "SR": 2}', "'SR' stands twice"),
        ('{"SR": [1, 2}', "no valid JSON: .* on line 1, column 13"),
        ("", "no valid JSON"),
        ("[" * 100_000, "nested deeper"),
    ],
)
def test_what_is_no_honest_json_is_refused(text: str, says: str) -> None:
    with pytest.raises(SignalError, match=says):
        plain_json.read(text, "my.json")


@pytest.mark.parametrize(
    "document",
    [
        {"metadata": {}, "patches": [], "version": "1.0.0"},
        {"channels": [], "observations": [], "measurements": [], "version": "1.0.0"},
        [{"op": "add", "path": "/x", "value": 1}],
        {"a": "text"},
    ],
)
def test_documents_of_others_are_not_taken_for_yields(document: Any) -> None:
    assert not plain_json.looks_like(json.dumps(document), "x.json")


@pytest.mark.parametrize(
    "text", ['{"SR": [1, NaN]}', '{"SR": [1, 2}', '{"SR": 1, "SR": 2}', '{"points": []}']
)
def test_a_broken_file_is_still_known_for_what_it_is(text: str) -> None:
    assert plain_json.looks_like(text, "x.json")


LEAVES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.just("5%")
KEYS = st.sampled_from(
    ["points", "yields", "statistical", "systematics", "up", "symmetric", "SR", "values", "name"]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(TREES)
def test_any_json_is_read_or_refused_in_words(document: Any) -> None:
    text = json.dumps(document)
    plain_json.looks_like(text, "x")
    with suppress(SignalError):
        plain_json.read(text, "x")


@pytest.mark.parametrize("about", ["SUSY-2019-08, for 36.1 fb-1", ["SUSY-2019-08", "for 36.1 fb-1"]])
def test_what_a_file_says_about_itself_in_words(about: Any) -> None:
    imported = read({"about": about, "points": [{"yields": {"SR": 3}}]})
    assert (imported.luminosity_fb, imported.analysis) == (36.1, "SUSY-2019-08")
    stated = read({"about": about, "luminosity": "139 fb-1", "points": [{"yields": {"SR": 3}}]})
    assert stated.luminosity_fb == 139.0


@pytest.mark.parametrize(("up", "down"), [("10%", "10%"), ({"SR": 3.3}, {"SR": 2.7})])
def test_both_directions_the_same_way(up: Any, down: Any) -> None:
    (finding,) = read(
        {"points": [{"yields": {"SR": 3}, "systematics": {"JES": {"up": up, "down": down}}}]}
    ).findings
    assert (finding.severe, finding.code) == (True, "sides")
    assert ("whole yields" in finding.sentence) == isinstance(up, dict)
