"""Workers that have nothing but pyhf: numbers, health and words of the engine pyhf, to the bit."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines import FitError, load_engine
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.patching import decode_operations
from fitgui_backends.histfactory.schema import validate_workspace
from fitgui_backends.local import LocalBackend
from fitgui_backends.remote.bare import read_operations, validate_with_pyhf
from fitgui_backends.remote.functions import result_of
from fitgui_backends.results import FitResult
from tests.backends.remote.elsewhere import (
    OURS,
    Worker,
    entries_of,
    errors_of,
    make_request,
    outcomes_of,
    results_of,
)
from tests.backends.remote.test_worker import locally
from tests.backends.test_pyhf_engine import read_region
from tests.builders import make_operations, make_signal, make_workspace
from tests.cluster.environments import CONSTRAINTS, find_python
from tests.cluster.trouble import StackError


def here(workspace: Mapping[str, Any], patch: Any, **options: Any) -> FitResult:
    """What the engine says in this process."""
    operations = (patch if isinstance(patch, str) else json.dumps(patch)).encode("utf-8", "surrogatepass")
    point = FitPoint(name="point", operations=operations)
    return load_engine("pyhf").prepare(workspace, None, FitOptions(engine="pyhf", **options)).fit(point)


def with_fitgui(
    workspace: Mapping[str, Any], patches: Mapping[str, Any], **options: Any
) -> dict[str, FitResult | str]:
    """What a worker with fitgui-backends says, by one thread as everywhere."""
    with Worker({"FITGUI_CACHE": "/dev/null/none"}) as worker:
        return outcomes_of(worker.run("fit", make_request(workspace, patches, engine="pyhf", **options)))


@pytest.mark.parametrize("optimizer", ["scipy", "minuit"])
def test_everything_is_as_with_fitgui_backends(tmp_path: Path, optimizer: str) -> None:
    if optimizer == "minuit":
        pytest.importorskip("iminuit")
    workspace = make_workspace()
    patches = {f"p{scale}": make_operations(workspace, scale=scale) for scale in (0.0, 1.0, 4.0)}
    options = {
        "limits": True,
        "discovery": True,
        "optimizer": optimizer,
        "poi_test": 1.5,
        "normsys_interpolation": "code1",
    }
    with Worker({"FITGUI_CACHE": str(tmp_path), "SLURM_JOB_ID": "12"}, hidden=OURS) as worker:
        answer = worker.run("fit", make_request(workspace, patches, engine="pyhf", **options))
    assert outcomes_of(answer) == with_fitgui(workspace, patches, **options)
    assert list(outcomes_of(answer)) == list(patches)
    result = result_of(entries_of(answer)[2], FitOptions())
    assert isinstance(result, FitResult)
    assert result.limits is not None
    assert result.discovery is not None
    assert result.seconds.model > 0
    assert result.seconds.fit > 0
    assert (result.worker, result.block) == (answer["worker"], "12")
    assert {"pyhf", "numpy", "scipy", "Python"} <= set(answer["versions"])
    assert 0 < answer["unpack"] < answer["ended"] - answer["began"]
    began = [entry["began"] for entry in entries_of(answer)]
    assert began == sorted(began)


def test_points_of_stau_are_those_of_the_local_backend_to_the_bit(
    tmp_path: Path, backend: LocalBackend, real_pallets: Path
) -> None:
    workspace, patches = read_region(real_pallets / "atlas-susy-2018-04-stau.tar.gz", "Region-combined")
    chosen = {name: patches[name] for name in ("DS_120_1_Staus", "DS_280_40_Staus")}
    with Worker({"FITGUI_CACHE": str(tmp_path)}, hidden=OURS) as worker:
        outcomes = outcomes_of(worker.run("fit", make_request(workspace, chosen, engine="pyhf")))
    assert outcomes == locally(backend, workspace, chosen, engine="pyhf")


@pytest.mark.integration
def test_a_point_of_1lbb_is_equal_to_the_bit(tmp_path: Path, real_pallets: Path) -> None:
    workspace, patches = read_region(real_pallets / "atlas-susy-2019-08-1Lbb.tar.gz", "1909.09226")
    chosen = {"C1N2_Wh_hbb_300_150": patches["C1N2_Wh_hbb_300_150"]}
    with Worker({"FITGUI_CACHE": str(tmp_path)}, hidden=OURS) as worker:
        outcomes = outcomes_of(worker.run("fit", make_request(workspace, chosen, engine="pyhf")))
    assert outcomes == with_fitgui(workspace, chosen)
    assert all(isinstance(outcome, FitResult) for outcome in outcomes.values())


def spoilt(**changes: Any) -> list[dict[str, Any]]:
    """A patch that adds a signal with something wrong in it."""
    return [
        {
            "op": "add",
            "path": "/channels/0/samples/1",
            "value": {**make_signal("signal", [1.0, 2.0]), **changes},
        }
    ]


def modifier(**fields: Any) -> list[dict[str, Any]]:
    return spoilt(modifiers=[{"name": "mu_SIG", "type": "normfactor", "data": None}, fields])


PATCHES = {
    "no list": '{"op": "add"}',
    "no objects": '["add"]',
    "not json": '[{"op": ',
    "not a number": '[{"op": "add", "path": "/channels/0/samples/1", "value": NaN}]',
    "no finite number": '[{"op": "replace", "path": "/observations/0/data/0", "value": 1e999}]',
    "half a character": '[{"op": "remove", "path": "/\ud800"}]',
    "deep": '[{"op": "add", "path": "/x", "value": ' + "[" * 50_000 + "]" * 50_000 + "}]",
    "no path": [{"op": "remove", "path": "/channels/7"}],
    "no operation": [{"op": "merge", "path": ""}],
    "no signal": [],
    "no data": spoilt(data="x"),
    "a text for a number": spoilt(data=[1.0, "2"]),
    "no type": modifier(name="x"),
    "unknown type": modifier(name="x", type="nomrsys", data=None),
    "half a normsys": modifier(name="x", type="normsys", data={"lo": 0.9}),
    "no modifier": spoilt(modifiers=["x"]),
    "too many bins": spoilt(data=[1.0, 2.0, 3.0]),
    "channels gone": [{"op": "remove", "path": "/channels"}],
    "below zero": [{"op": "replace", "path": "/observations/0/data/0", "value": -1.0}],
    "everything gone": [{"op": "replace", "path": "", "value": []}],
}
WORDS_OF_A_LIBRARY = {
    "not json",
    "not a number",
    "no finite number",
    "no objects",
    "no list",
    "deep",
    "no data",
    "a text for a number",
    "half a normsys",
    "channels gone",
    "everything gone",
}
"""Where only the place and the beginning of the sentence are ours."""


def beginning(sentence: str) -> str:
    """The part of a sentence that says what is wrong, and where."""
    return sentence.rstrip(".").partition(":")[0]


def test_wrong_patches_fail_alone_and_in_the_same_words(tmp_path: Path) -> None:
    workspace = make_workspace()
    good = make_operations(workspace)
    with Worker({"FITGUI_CACHE": str(tmp_path)}, hidden=OURS) as worker:
        answer = worker.run("fit", make_request(workspace, {**PATCHES, "good": good}, engine="pyhf"))
    errors = errors_of(answer)
    assert set(errors) == set(PATCHES)
    assert [entry["kind"] for entry in entries_of(answer)][-1] == "result"
    for name, patch in PATCHES.items():
        with pytest.raises(FitError) as caught:
            here(workspace, patch)
        expected = str(caught.value)
        if name in WORDS_OF_A_LIBRARY:
            assert beginning(errors[name]) == beginning(expected), name
        else:
            assert errors[name] == expected, name


def test_options_that_pyhf_cannot_keep_are_refused_in_words(tmp_path: Path) -> None:
    workspace = make_workspace()
    patches = {"a": make_operations(workspace)}
    with Worker({"FITGUI_CACHE": str(tmp_path)}, hidden=(*OURS, "iminuit")) as worker:
        minuit = worker.run("fit", make_request(workspace, patches, engine="pyhf", optimizer="minuit"))
        toys = worker.run("fit", make_request(workspace, patches, engine="pyhf", toys=100))
    assert errors_of(minuit)["a"].endswith('pip install "pyhf[minuit]".')
    assert "far too slow for pseudo-experiments" in errors_of(toys)["a"]


JSON_TEXTS = st.sampled_from([json.dumps(patch) for patch in PATCHES.values()]) | st.text(
    st.sampled_from('[]{}":,.-+eE0123456789 opvalue"truefalsnul\\/\n\u00e9'), max_size=30
)


@given(JSON_TEXTS)
def test_operations_are_read_with_the_verdict_of_the_fast_reader(text: str) -> None:
    try:
        expected = decode_operations(text.encode())
    except HistFactoryError:
        with pytest.raises(HistFactoryError):
            read_operations(text)
    else:
        assert read_operations(text) == expected


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


SIGNAL = make_workspace()
SIGNAL["channels"][0]["samples"].append(make_signal("signal", [1.0, 2.0]))


@given(
    st.sampled_from(places(SIGNAL)[1:]),
    st.sampled_from([None, True, 1, -2.5, "x", [], {}, [1.0], {"name": "x"}, "DELETE"]),
)
def test_workspaces_are_validated_with_the_same_verdict_and_place(place: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(SIGNAL)
    parent: Any = document
    for key in place[:-1]:
        parent = parent[key]
    if value == "DELETE":
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    try:
        validate_workspace(document)
    except HistFactoryError as error:
        expected = str(error)
    else:
        validate_with_pyhf(document)
        return
    with pytest.raises(HistFactoryError) as caught:
        validate_with_pyhf(document)
    assert str(caught.value).partition(":")[0] == expected.partition(":")[0]


@pytest.mark.integration
@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", ["3.10", "3.12", "3.13"])
def test_workers_may_have_another_python(tmp_path: Path, version: str) -> None:
    try:
        interpreter = find_python(version)
    except StackError as error:
        pytest.skip(str(error))
    subprocess.run([interpreter, "-m", "venv", str(tmp_path / "venv")], check=True, capture_output=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    pinned = [
        line
        for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines()
        if line.partition("==")[0] in {"numpy", "scipy", "pyhf"}
    ]
    # numpy of the constraints has no wheels for 3.10: there only the code is tried, and the numbers nearly.
    wanted = ["pyhf==0.7.6"] if version == "3.10" else pinned
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"pyhf could not be installed for Python {version}: {installed.stderr[-300:]}")
    workspace = make_workspace()
    patches = {f"p{scale}": make_operations(workspace, scale=scale) for scale in (1.0, 4.0)}
    request = make_request(workspace, patches, engine="pyhf", limits=True, discovery=True)
    with Worker({"FITGUI_CACHE": str(tmp_path / "cache")}, python=python) as worker:
        report = worker.run("check", {})
        answer = worker.run("fit", request)
        newton = errors_of(worker.run("fit", make_request(workspace, patches, engine="newton")))
        stopped = worker.run("stop", {"format": 1, "runs": ["run"]})
        after = worker.run("fit", request)
    assert report["Python"].startswith(f"{version}.")
    assert answer["versions"]["Python"] == report["Python"]
    assert "fitgui-backends is not installed" in newton["p1.0"]
    assert stopped["written"]
    assert after["stopped"]
    assert entries_of(after) == []
    expected = with_fitgui(workspace, patches, limits=True, discovery=True)
    if version == "3.10":
        for name, result in results_of(answer).items():
            reference = expected[name]
            assert isinstance(reference, FitResult)
            assert result.cls_obs == pytest.approx(reference.cls_obs, rel=1e-6)
    else:
        assert outcomes_of(answer) == expected
