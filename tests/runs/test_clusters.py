"""What is remembered of clusters: kept, shared between processes, and never in the way when it is damaged."""

from __future__ import annotations

import json
import multiprocessing
import stat
from pathlib import Path

import pytest

from fitgui.runs.clusters import NAME, ClusterSettings
from fitgui.runs.plan import RunError
from fitgui_backends.contract import Place

ENDPOINT = "5b994a7d-8d7c-48d1-baa1-0fda09ea1687"
OTHER = "a1b2c3d4-0000-4000-8000-0123456789ab"


def remember_many(folder: str, number: int) -> None:
    settings = ClusterSettings(Path(folder))
    for turn in range(10):
        identifier = f"place-{number}-{turn}"
        settings.remember("globus", Place(identifier=identifier, options={"max_blocks": turn}))
        settings.set_favourite("globus", identifier, on=True)


def test_nothing_is_known_before_anything_is_kept(tmp_path: Path) -> None:
    settings = ClusterSettings(tmp_path / "new")
    assert settings.client_id is None
    assert settings.favourites("globus") == ()
    assert settings.options("globus", ENDPOINT) == {}
    assert settings.last("globus") is None
    assert settings.notices == ()
    assert not (tmp_path / "new").exists(), "looking makes no folder"


def test_options_come_back_with_their_types(tmp_path: Path) -> None:
    options: dict[str, str | int | float | bool] = {
        "account": "atlas",
        "max_blocks": 4,
        "exclusive": False,
        "memory": 1.5,
        "walltime": "00:30:00",
    }
    ClusterSettings(tmp_path).remember("globus", Place(identifier=ENDPOINT, name="grid", options=options))
    settings = ClusterSettings(tmp_path)
    kept = settings.options("globus", ENDPOINT)
    assert kept == options
    assert [type(value) for value in kept.values()] == [str, int, bool, float, str]
    assert settings.last("globus") == Place(identifier=ENDPOINT, name="grid", options=options)
    assert settings.last("parsl") is None


def test_places_can_be_prepared_without_being_the_last_used(tmp_path: Path) -> None:
    settings = ClusterSettings(tmp_path)
    settings.remember("globus", Place(identifier=ENDPOINT, name="grid"))
    settings.remember("globus", Place(identifier=OTHER, name="other", options={"max_blocks": 2}), used=False)
    last = settings.last("globus")
    assert last is not None
    assert last.identifier == ENDPOINT
    settings.remember("globus", Place(identifier=OTHER, options={"max_blocks": 3}))
    assert settings.last("globus") == Place(identifier=OTHER, name="other", options={"max_blocks": 3})
    assert [place.identifier for place in settings.places("globus")] == [ENDPOINT, OTHER]


def test_favourites_keep_their_order(tmp_path: Path) -> None:
    settings = ClusterSettings(tmp_path)
    for identifier in (OTHER, ENDPOINT, OTHER):
        settings.set_favourite("globus", identifier, on=True)
    assert ClusterSettings(tmp_path).favourites("globus") == (OTHER, ENDPOINT)
    settings.set_favourite("globus", OTHER, on=False)
    settings.set_favourite("globus", OTHER, on=False)
    assert settings.favourites("globus") == (ENDPOINT,)


def test_a_client_id_is_a_uuid(tmp_path: Path) -> None:
    settings = ClusterSettings(tmp_path)
    settings.client_id = f"  {OTHER.upper()} "
    assert ClusterSettings(tmp_path).client_id == OTHER
    with pytest.raises(RunError, match="my-app is no client id: it is a UUID"):
        settings.client_id = "my-app"
    assert settings.client_id == OTHER
    settings.client_id = ""
    assert settings.client_id is None


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1, 2]", b"\xff\xfe", b'{"client_id": 7}', b'{"backends": {"globus": {"favourites": 1}}}'],
)
def test_a_damaged_file_is_set_aside_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    settings = ClusterSettings(tmp_path)
    assert settings.favourites("globus") == ()
    [notice] = settings.notices
    assert "was damaged" in notice
    [aside] = tmp_path.glob(f"{NAME}.damaged-*")
    assert aside.read_bytes() == content
    assert aside.name in notice
    settings.set_favourite("globus", ENDPOINT, on=True)
    assert ClusterSettings(tmp_path).favourites("globus") == (ENDPOINT,)
    assert settings.notices == (notice,)


def test_a_change_of_a_damaged_file_sets_it_aside_too(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"{")
    settings = ClusterSettings(tmp_path)
    settings.set_favourite("globus", ENDPOINT, on=True)
    assert len(settings.notices) == 1
    assert settings.favourites("globus") == (ENDPOINT,)


def test_what_a_newer_fitgui_adds_is_no_damage(tmp_path: Path) -> None:
    document = {"schema": 2, "colour": "blue", "backends": {"globus": {"favourites": [ENDPOINT], "new": 1}}}
    (tmp_path / NAME).write_text(json.dumps(document), encoding="utf-8")
    settings = ClusterSettings(tmp_path)
    assert settings.favourites("globus") == (ENDPOINT,)
    assert settings.notices == ()


def test_what_cannot_be_read_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()  # what no process can read as a file, whoever runs it
    settings = ClusterSettings(tmp_path)
    assert settings.last("globus") is None
    [notice] = settings.notices
    assert "cannot read" in notice
    with pytest.raises(RunError, match="cannot read"):
        settings.set_favourite("globus", ENDPOINT, on=True)
    assert (tmp_path / NAME).is_dir()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    settings = ClusterSettings(tmp_path / "file")
    with pytest.raises(RunError, match="cannot write"):
        settings.remember("globus", Place(identifier=ENDPOINT))


def test_several_processes_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=remember_many, args=(str(tmp_path), number)) for number in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    settings = ClusterSettings(tmp_path)
    expected = {f"place-{number}-{turn}" for number in range(3) for turn in range(10)}
    assert set(settings.favourites("globus")) == expected
    assert {place.identifier for place in settings.places("globus")} == expected
    assert settings.options("globus", "place-2-7") == {"max_blocks": 7}
    assert not list(tmp_path.glob(".*.part"))


def test_the_file_is_plain_json_for_a_reader(tmp_path: Path) -> None:
    settings = ClusterSettings(tmp_path)
    settings.remember("globus", Place(identifier=ENDPOINT, name="Zürich", options={"account": "x"}))
    path = tmp_path / NAME
    assert json.loads(path.read_text(encoding="utf-8"))["backends"]["globus"]["last"] == ENDPOINT
    assert "Zürich" in path.read_text(encoding="utf-8")
    assert stat.S_ISREG(path.stat().st_mode)
