"""What makes no sense is found as pyhf finds it, and where pyhf says nothing but loses something."""

from __future__ import annotations

import warnings
from typing import Any

import pyhf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgui_backends.histfactory.checks import check_workspace
from fitgui_backends.histfactory.schema import validate_workspace
from fitgui_backends.histfactory.summary import parameter_count, parameter_sizes, poi_name, signal_samples
from tests.builders import make_operations, make_workspace

NAMES = st.sampled_from(["a", "b", "c"])
BINS = st.integers(1, 3)
YIELDS = st.sampled_from([0.0, 1.0, 5.0, 20.0])


@st.composite
def modifiers(draw: st.DrawFn, bins: int) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(
            ["normsys", "normsys", "histosys", "normfactor", "shapefactor", "shapesys", "staterror", "lumi"]
        )
    )
    length = draw(st.sampled_from([bins] * 12 + [bins + 1]))
    data: Any = None
    if kind == "normsys":
        data = {"lo": 0.9, "hi": 1.1}
    elif kind == "histosys":
        data = {"lo_data": [1.0] * length, "hi_data": [2.0] * bins}
    elif kind in ("shapesys", "staterror"):
        data = draw(st.lists(st.sampled_from([0.0, 0.5]), min_size=length, max_size=length))
    return {"name": "lumi" if kind == "lumi" else f"{kind}_{draw(NAMES)}", "type": kind, "data": data}


LUMI = {"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "bounds": [[0.5, 1.5]], "inits": [1.0]}


@st.composite
def settings_of_parameters(draw: st.DrawFn, channels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Mostly what the model needs; sometimes too little, too much or of the wrong length."""
    lumi = dict(LUMI)
    if draw(st.integers(0, 9)) == 0:
        del lumi[draw(st.sampled_from(["auxdata", "sigmas", "inits"]))]
    settings_ = [lumi] * draw(st.sampled_from([1] * 15 + [0, 2]))
    names = [modifier["name"] for c in channels for s in c["samples"] for modifier in s["modifiers"]]
    if names and draw(st.booleans()):
        name = draw(st.sampled_from(names))
        size = draw(st.integers(1, 2))
        values = {"inits": [1.0] * size, "bounds": [[0.0, 5.0]] * size}
        if draw(st.integers(0, 3)) == 0:
            values[draw(st.sampled_from(["auxdata", "sigmas", "factors"]))] = [1.0] * size
        if name != "lumi":
            settings_.append({"name": name, "fixed": draw(st.booleans()), **values})
    return settings_


@st.composite
def workspaces(draw: st.DrawFn) -> dict[str, Any]:
    """Workspaces that match the schema; about half of them make sense."""
    channels, observations = [], []
    for channel in draw(st.lists(NAMES, min_size=1, max_size=3)):
        bins = draw(BINS)
        samples = []
        for sample in draw(st.lists(NAMES, min_size=1, max_size=2)):
            length = draw(st.sampled_from([bins] * 15 + [bins + 1]))
            chosen = draw(st.lists(modifiers(length), max_size=3))
            if draw(st.integers(0, 9)) == 0 and chosen:
                chosen[0]["name"] = draw(NAMES)
                if chosen[0]["type"] == "lumi":
                    chosen[0]["name"] = "lumi"
            samples.append(
                {
                    "name": sample,
                    "data": draw(st.lists(YIELDS, min_size=length, max_size=length)),
                    "modifiers": chosen,
                }
            )
        channels.append({"name": channel, "samples": samples})
        if draw(st.integers(0, 15)):
            length = draw(st.sampled_from([bins] * 15 + [bins + 1]))
            observations.append({"name": channel, "data": [3.0] * length})
    return {
        "channels": channels,
        "observations": observations or [{"name": "nowhere", "data": [1.0]}],
        "measurements": [
            {
                "name": "m",
                "config": {
                    "poi": "",
                    "parameters": draw(settings_of_parameters(channels)),
                },
            }
        ],
        "version": "1.0.0",
    }


def build(document: dict[str, Any]) -> Any:
    """pyhf's model after one evaluation, or the exception that it raises on the way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            workspace = pyhf.Workspace(document)
            model = workspace.model(poi_name=None)
            model.logpdf(model.config.suggested_init(), workspace.data(model))
        except Exception as error:
            return error
    return model


SILENT = (
    "occurs more than once",
    "more than one observation",
    "pyhf uses the last",
    "the shapefactor modifier",
)
"""pyhf says nothing about these: it uses the last (of shapefactors of different size, the first)."""


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=workspaces())
def test_errors_are_found_exactly_where_pyhf_builds_no_model(document: dict[str, Any]) -> None:
    validate_workspace(document)
    findings = check_workspace(document)
    errors = findings.errors
    model = build(document)
    if isinstance(model, Exception):
        if str(model) == "No parameters specified for the Model.":
            assert errors or parameter_count(document) == 0
        else:
            assert errors, f"pyhf: {type(model).__name__} {model}"
    elif not any(words in text for text in errors + findings.warnings for words in SILENT):
        assert errors == []
        assert parameter_count(document) == model.config.npars
        assert set(parameter_sizes(document)) == set(model.config.par_order)


def changed(change: str) -> dict[str, Any]:
    document = make_workspace()
    first = document["channels"][0]
    sample = first["samples"][0]
    match change:
        case "channel":
            document["channels"].append(document["channels"][0])
        case "sample":
            first["samples"].append(sample)
        case "observation":
            document["observations"].append(document["observations"][0])
        case "unobserved":
            del document["observations"][0]
        case "observed bins":
            document["observations"][0]["data"].append(1.0)
        case "sample bins":
            first["samples"].append({"name": "other", "data": [1.0], "modifiers": []})
        case "modifier bins":
            sample["modifiers"][1]["data"].append(1.0)
        case "parameter":
            document["measurements"][0]["config"]["parameters"] = [{"name": "JES"}, {"name": "JES"}]
        case "kind":
            first["samples"].append(
                {
                    "name": "other",
                    "data": [1.0, 1.0],
                    "modifiers": [{"name": "JES", "type": "normfactor", "data": None}],
                }
            )
        case "shapesys":
            shapesys = {"name": "mc", "type": "shapesys", "data": [0.1, 0.1]}
            sample["modifiers"].append(shapesys)
            first["samples"].append({"name": "other", "data": [1.0, 1.0], "modifiers": [shapesys]})
    return document


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("channel", ['channel name "SR"', "more than once"]),
        ("sample", ['channel "SR"', 'sample name "bkg"', "more than once"]),
        ("observation", ['channel "SR"', "more than one observation"]),
        ("unobserved", ['channel "SR"', "no observation"]),
        ("observed bins", ['channel "SR"', "2 bins", "has 3"]),
        ("sample bins", ['channel "SR"', 'sample "other"', "has 1 bins"]),
        ("modifier bins", ['sample "bkg"', '"stat_SR"', "has 3 bins"]),
        ("parameter", ['"NormalMeasurement"', '"JES"', "twice"]),
        ("kind", ['sample "other"', '"JES"', "one name is one parameter"]),
        ("shapesys", ['sample "other"', '"mc"', "already used"]),
    ],
)
def test_the_sentence_names_the_place(change: str, words: list[str]) -> None:
    errors = check_workspace(changed(change)).errors
    assert errors
    for word in words:
        assert word in errors[0]


def test_what_pyhf_quietly_ignores_is_a_warning() -> None:
    document = make_workspace()
    document["observations"].append({"name": "VR", "data": [1.0]})
    sample = document["channels"][0]["samples"][0]
    sample["modifiers"].append(sample["modifiers"][0])
    document["measurements"] *= 2
    findings = check_workspace(document)
    assert findings.errors == []
    assert [
        word in warning for word, warning in zip(["JES", "measurement", "VR"], findings.warnings, strict=True)
    ] == [True] * 3


def test_negative_counts_are_a_warning() -> None:
    document = make_workspace()
    document["observations"][0]["data"] = [3.0, -5.0]
    findings = check_workspace(document)
    assert findings.errors == []
    (warning,) = findings.warnings
    for word in ('"SR"', "below zero in bin 2", "(-5)"):
        assert word in warning


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"bounds": [[0.0, 0.5]], "inits": [0.1]}, ["from 0 to 0.5", "leaves out 1:"]),
        ({"bounds": [[0.5, 0.7]]}, ["leaves out 0 and 1:"]),
        ({"fixed": True}, ["is fixed"]),
        ({"bounds": [[0.0, 10.0]], "inits": [20.0]}, ["starts at 20", "outside its bounds"]),
        ({"bounds": [[0.0, 10.0]], "inits": [1.0], "fixed": False}, []),
        ({"bounds": [[-5.0, 10.0]]}, []),
    ],
)
def test_a_signal_strength_that_cannot_be_tested_is_a_warning(
    setting: dict[str, Any], words: list[str]
) -> None:
    """Before any signal has brought the parameter, and once it has."""
    document = make_workspace()
    document["measurements"][0]["config"]["parameters"] = [{"name": "mu_SIG", **setting}]
    for _ in range(2):
        findings = check_workspace(document)
        assert findings.errors == []
        assert len(findings.warnings) == bool(words)
        for word in ['"NormalMeasurement"', '"mu_SIG"', *words] if words else []:
            assert word in findings.warnings[0]
        document["channels"][0]["samples"].append(make_operations(document, "stau")[0]["value"])


def test_the_parameter_of_interest_scales_the_signal() -> None:
    document = make_workspace()
    assert poi_name(document) == "mu_SIG"
    assert poi_name(document, "NormalMeasurement") == "mu_SIG"
    assert poi_name(document, "another") is None
    assert signal_samples(document, "mu_SIG") == set()
    document["channels"][0]["samples"].append(make_operations(document, "stau")[0]["value"])
    assert signal_samples(document, "mu_SIG") == {("SR", "stau")}
    assert parameter_count(document) == build(document).config.npars
