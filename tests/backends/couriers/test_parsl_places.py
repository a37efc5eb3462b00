"""What Parsl offers where there is Slurm, where there is none, and where it does not answer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fitgui_backends.contract import Need, Place
from fitgui_backends.couriers import parsl_places

SINFO = "#!/bin/sh\n{commands}\n"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which commands are found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def put(folder: Path, name: str, commands: str = "exit 0") -> None:
    (folder / name).write_text(SINFO.format(commands=commands))
    (folder / name).chmod(0o755)


def slurm(**options: str) -> Place:
    return Place(identifier="slurm", options=options)


def test_without_slurm_there_is_this_machine(programs: Path) -> None:
    assert [place.identifier for place in parsl_places.places()] == ["local"]
    health = parsl_places.health(slurm())
    assert (health.ready, health.needs) == (False, Need.PLACE)
    assert "no sbatch on this machine" in health.remedy
    assert parsl_places.health(Place(identifier="local", options={"workers_per_node": 3})).ready
    assert parsl_places.health(None).needs is Need.PLACE


def test_partitions_are_told_and_wrong_ones_found(programs: Path) -> None:
    put(programs, "sbatch")
    put(programs, "sinfo", "echo 'short*'; echo long; echo long")
    place = parsl_places.places()[0]
    assert (place.identifier, place.status, place.description) == (
        "slurm",
        "online",
        "partitions: short*, long",
    )
    assert parsl_places.health(slurm(partition="short,long")).ready
    health = parsl_places.health(slurm(partition="short,huge"))
    assert (health.ready, health.summary) == (False, "Slurm has no partition huge")


def test_a_slurm_that_does_not_answer_is_offline_in_its_words(programs: Path) -> None:
    put(programs, "sbatch")
    put(programs, "sinfo", "echo 'slurm_load_partitions: Unable to contact slurm controller' >&2; exit 1")
    assert parsl_places.places()[0].status == "offline"
    health = parsl_places.health(slurm())
    assert (health.ready, health.needs) == (False, Need.ONLINE)
    assert "Unable to contact slurm controller." in health.remedy


def test_a_package_without_python_says_what_to_install(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    health = parsl_places.health(Place(identifier="local"))
    assert (health.ready, health.needs) == (False, Need.PACKAGE)
    assert "pip install" in health.remedy
