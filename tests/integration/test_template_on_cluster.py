"""The template for Slurm under a real agent: its form, its environment of workers, a job that answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fitgui.clusters.templates import render
from fitgui.runs.backends import create_backend
from fitgui_backends.contract import BackendError, ClusterBackend, Place
from tests.cluster.agent import NAME
from tests.cluster.environments import worker_environment
from tests.cluster.slurm import PARTITIONS
from tests.cluster.stack import Stack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
READ = ("user_config_template.yaml.j2", "user_config_schema.json")
"""By the agent, whenever it starts a user endpoint."""


@pytest.fixture
def place(on_stack: Stack, tmp_path: Path) -> Iterator[Place]:
    """The stack's endpoint, with what fitgui writes in place of its own template.

    The environment of the workers is there already, as from the second job on: no index of packages is asked.
    """
    folder = on_stack.folder / "agent" / "endpoints" / NAME
    before = {name: (folder / name).read_text(encoding="utf-8") for name in READ}
    workers = tmp_path / "workers"
    answers = {
        "partition": PARTITIONS[0],
        "walltime": "00:10:00",
        "max_blocks": 1,
        "cores_per_node": 1,
        "address": "127.0.0.1",
        "environment_folder": str(workers),
    }
    files = render("slurm", answers)
    marker = f"fitgui_environment={workers}/"
    (line,) = [line for line in files[READ[0]].splitlines() if line.startswith(marker)]
    workers.mkdir()
    (workers / line.removeprefix(marker)).symlink_to(worker_environment())
    for name in READ:
        (folder / name).write_text(files[name], encoding="utf-8")
    yield Place(identifier=on_stack.endpoint_id, name="from a template", options={})
    for name, text in before.items():
        (folder / name).write_text(text, encoding="utf-8")


def test_a_worker_of_the_template_answers_from_a_job(place: Place, tmp_path: Path) -> None:
    backend = create_backend("globus", folder=tmp_path / "data")
    assert isinstance(backend, ClusterBackend)
    try:
        options = {"workers_per_node": 2, "worker_init": "export FITGUI_CACHE=$PWD/'a folder'"}
        health = backend.try_out(Place(identifier=place.identifier, name=place.name, options=dict(options)))
        assert health.ready
        assert health.details["block"].startswith("Slurm ")
        assert health.details["partition"] == PARTITIONS[0]
        assert health.details["BLAS threads"] == "1"
        assert health.details["cache folder"].endswith("/a folder")
        assert health.details["fitgui-backends"] != "not installed"
        with pytest.raises(BackendError, match="999"):
            backend.try_out(Place(identifier=place.identifier, name=place.name, options={"max_blocks": 999}))
    finally:
        backend.close()
