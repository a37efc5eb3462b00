"""Configurations of endpoints as the endpoint itself reads them, offline: rendered, checked, made objects."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fitgui.clusters.templates import KINDS, render
from tests.cluster.environments import agent_environment

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PROVIDERS = {
    "slurm": "SlurmProvider",
    "pbspro": "PBSProProvider",
    "htcondor": "CondorProvider",
    "kubernetes": "KubernetesProvider",
}
ASKED: dict[str, dict[str, Any]] = {
    "slurm": {
        "partition": "long",
        "account": "atlas",
        "qos": "high",
        "walltime": "02:30:00",
        "max_blocks": 7,
        "nodes_per_block": 2,
        "cores_per_node": 8,
        "workers_per_node": 16,
        "exclusive": True,
        "scheduler_options": "--constraint=haswell\n#SBATCH --mem=4G",
        "worker_init": "module load python\necho \"a 'b' {{ c }}\" $HOME",
    },
    "pbspro": {
        "queue": "long",
        "nodes_per_block": 2,
        "select_options": "mem=8gb",
        "scheduler_options": "-l place=free",
    },
    "htcondor": {
        "walltime": "01:30:00",
        "memory_per_node": 8,
        "scheduler_options": '+JobFlavour = "longlunch"',
    },
    "kubernetes": {"max_blocks": 3, "cores_per_node": 2, "memory_per_node": 6},
}
ANSWERS: dict[str, dict[str, Any]] = {
    "slurm": {"setup": 'module load "{{gcc}}" ${X#a}', "address": "10.0.0.1"},
    "kubernetes": {"image": "example/worker:1"},
}

# In the environment of the endpoint: what its own loader makes of the file, with the provider told apart.
LOADING = """
import json, sys
from globus_compute_endpoint.endpoint.config.utils import load_config_yaml
config = load_config_yaml(open(sys.argv[1]).read())
engine, provider = config.engine, config.engine.executor.provider
names = ("walltime", "max_blocks", "min_blocks", "init_blocks", "nodes_per_block", "cores_per_node",
         "cpus_per_node", "exclusive", "worker_init", "scheduler_options", "partition", "account", "qos",
         "queue", "select_options", "mem_per_slot", "requirements", "image", "namespace", "max_mem")
told = {name: getattr(provider, name) for name in names if hasattr(provider, name)}
told["type"] = type(provider).__name__
told["launcher"] = type(getattr(provider, "launcher", None)).__name__
told["workers"] = engine.executor.max_workers_per_node
told["cores_per_worker"] = engine.executor.cores_per_worker
told["encrypted"] = engine.executor.encrypted
told["heartbeat_threshold"] = engine.executor.heartbeat_threshold
told["retries"] = engine.max_retries_on_system_failure
told["addresses"] = sorted(engine.executor.all_addresses)
engine.shutdown()
print(json.dumps(told))
"""

# The provider for Kubernetes wants a package and a cluster: this stands in for both, and for nothing else.
KUBERNETES = """
import sys, types
package, client, config = (types.ModuleType(name) for name in
                           ("kubernetes", "kubernetes.client", "kubernetes.config"))
client.CoreV1Api = lambda: None
config.load_kube_config = lambda: None
config.config_exception = types.SimpleNamespace(ConfigException=Exception)
package.client, package.config = client, config
sys.modules.update({"kubernetes": package, "kubernetes.client": client, "kubernetes.config": config})
"""


@pytest.fixture(scope="module")
def endpoint() -> Path:
    """The folder of programs of an environment that has the endpoint."""
    return agent_environment() / "bin"


def written(folder: Path, kind: str) -> Path:
    for name, text in render(kind, ANSWERS.get(kind, {})).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def rendered(endpoint: Path, folder: Path, options: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """What the endpoint makes of a user's options."""
    asked = folder / "options.json"
    asked.write_text(json.dumps(options))
    command = [endpoint / "globus-compute-endpoint", "render-user-config"]
    command += [
        "-t",
        folder / "user_config_template.yaml.j2",
        "-s",
        folder / "user_config_schema.json",
        "-o",
        asked,
    ]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "HOME": str(folder), "COLUMNS": "200"},
    )


def loaded(endpoint: Path, folder: Path, kind: str, text: str) -> dict[str, Any]:
    """What the endpoint makes of the rendered file, as plain data."""
    (folder / "rendered.yaml").write_text(text)
    program = (KUBERNETES if kind == "kubernetes" else "") + LOADING
    answer = subprocess.run(
        [endpoint / "python", "-c", program, folder / "rendered.yaml"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=folder,
        env={**os.environ, "HOME": str(folder)},
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    told: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_usual_becomes_an_engine(kind: str, endpoint: Path, tmp_path: Path) -> None:
    answer = rendered(endpoint, written(tmp_path, kind), {})
    assert answer.returncode == 0, answer.stderr[-2000:]
    told = loaded(endpoint, tmp_path, kind, answer.stdout)
    assert told["type"] == PROVIDERS[kind]
    assert (told["init_blocks"], told["min_blocks"], told["max_blocks"]) == (1, 0, 4)
    assert (told["workers"], told["retries"], told["heartbeat_threshold"]) == (4, 0, 60)
    assert told["encrypted"] is (kind != "kubernetes")
    assert told["worker_init"].count("OMP_NUM_THREADS=1") == 1
    if kind != "kubernetes":
        assert told["walltime"] == "01:00:00"


@pytest.mark.parametrize("kind", KINDS)
def test_what_users_ask_for_arrives_as_it_was_typed(kind: str, endpoint: Path, tmp_path: Path) -> None:
    asked = ASKED[kind]
    answer = rendered(endpoint, written(tmp_path, kind), asked)
    assert answer.returncode == 0, answer.stderr[-2000:]
    told = loaded(endpoint, tmp_path, kind, answer.stdout)
    for name in (
        "partition",
        "account",
        "qos",
        "queue",
        "walltime",
        "max_blocks",
        "nodes_per_block",
        "exclusive",
    ):
        if name in asked:
            assert told[name] == asked[name], name
    if kind == "slurm":
        assert told["worker_init"].rstrip().endswith(asked["worker_init"])
        assert 'module load "{{gcc}}" ${X#a}\n' in told["worker_init"]
        lines = told["scheduler_options"].splitlines()
        assert lines[:2] == ["#SBATCH --constraint=haswell", "#SBATCH --mem=4G"]
        assert (told["workers"], told["cores_per_worker"], told["launcher"]) == (16, 0.5, "SrunLauncher")
        assert told["addresses"] == ["10.0.0.1"]
    if kind == "pbspro":
        assert told["select_options"] == "mem=8gb"
        assert told["scheduler_options"].strip() == "#PBS -l place=free"
        assert told["launcher"] == "MpiExecLauncher"
    if kind == "htcondor":
        assert told["mem_per_slot"] == 8
        assert told["scheduler_options"].splitlines()[:2] == [
            "allowed_job_duration = 5400",
            '+JobFlavour = "longlunch"',
        ]
    if kind == "kubernetes":
        assert (told["image"], told["namespace"], told["max_mem"]) == ("example/worker:1", "default", "6Gi")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_blocks": 21}, "21 is greater than the maximum of 20"),
        ({"walltime": "2h"}, "'2h' does not match"),
        ({"partition": "debug\n#SBATCH --wrap=x"}, "does not match"),
        ({"command": "rm"}, "'command' was unexpected"),
    ],
)
def test_the_endpoint_refuses_what_the_author_did_not_allow(
    options: dict[str, Any], words: str, endpoint: Path, tmp_path: Path
) -> None:
    answer = rendered(endpoint, written(tmp_path, "slurm"), options)
    assert answer.returncode != 0
    assert words in " ".join((answer.stdout + answer.stderr).split())


def test_the_endpoint_takes_its_own_configuration(endpoint: Path, tmp_path: Path) -> None:
    folder = written(tmp_path, "slurm")
    program = (
        "import sys, pathlib; from globus_compute_endpoint.endpoint.config.utils import get_config;"
        "config = get_config(pathlib.Path(sys.argv[1])); print(type(config).__name__, config.display_name)"
    )
    told = subprocess.run(
        [endpoint / "python", "-c", program, folder], capture_output=True, text=True, check=True, timeout=120
    )
    assert told.stdout.split() == ["CoreEndpointConfig", "fitgui"]
    assert yaml.safe_load((folder / "user_environment.yaml").read_text()) is None
