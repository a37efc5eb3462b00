"""The commands that make the environment of workers, run as nodes run them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fitgui.clusters.filling import fill
from fitgui.resources import resource_path

COMMANDS = "endpoints/common/worker_init.sh"
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "flock", "hostname"))), reason="NO bash, flock or hostname HERE"
)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two packages that need nothing, so that no network is asked."""
    folder = tmp_path_factory.mktemp("wheels")
    made = []
    for name in ("fitgui_toy_a", "fitgui_toy_b"):
        made.append(folder / f"{name}-1.0-py3-none-any.whl")
        info = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(made[-1], "w") as wheel:
            wheel.writestr(f"{name}.py", f"NAME = {name!r}\n")
            wheel.writestr(f"{info}/METADATA", METADATA.format(name=name))
            wheel.writestr(f"{info}/WHEEL", WHEEL)
            wheel.writestr(
                f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
            )
    return made


def commands(folder: str, wheels: list[Path], **more: str) -> str:
    values = {
        "setup": "echo site >&2",
        "python": sys.executable,
        "environment_folder": folder,
        "endpoint_package": str(wheels[0]),
        "package": str(wheels[1]),
        "key": "abc",
        **more,
    }
    text = fill(resource_path(COMMANDS).read_text(encoding="utf-8"), values, str)
    return (
        text
        + "python -c 'import fitgui_toy_a, fitgui_toy_b, sys; print(sys.prefix)'\necho $OMP_NUM_THREADS\n"
    )


def start(script: str, home: Path, path: str = "/usr/local/bin:/usr/bin:/bin") -> subprocess.Popen[str]:
    # Without any way to an index of packages: what is not a file here cannot be installed.
    environment = {"HOME": str(home), "PATH": path, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}
    return subprocess.Popen(
        ["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def test_many_nodes_at_once_make_one_environment_and_later_ones_use_it(
    tmp_path: Path, wheels: list[Path]
) -> None:
    script = commands("$HOME/a folder/workers", wheels)
    nodes = [start(script, tmp_path) for _ in range(3)]
    told = [node.communicate(timeout=200) for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0, 0], told
    lines = [out.split("\n") for out, _ in told]
    assert len({line[0] for line in lines}) == 1, "one environment for all"
    assert {line[1] for line in lines} == {"1"}
    folder = tmp_path / "a folder" / "workers"
    assert (folder / "abc").is_symlink()
    assert sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.is_symlink()) == [
        Path(lines[0][0]).name
    ]

    # The packages are gone, and so is the Python that made it: it is used as it is.
    later = start(
        script.replace(str(wheels[0]), "/gone.whl").replace(sys.executable, "/gone/python"), tmp_path
    )
    out, errors = later.communicate(timeout=60)
    assert later.returncode == 0, errors
    assert out == told[0][0]


def test_a_node_that_cannot_make_it_ends_with_a_sentence_and_leaves_nothing(
    tmp_path: Path, wheels: list[Path]
) -> None:
    node = start(commands("~/workers", wheels, package="no-such-package==1.0"), tmp_path)
    out, errors = node.communicate(timeout=200)
    assert node.returncode == 1
    assert out == ""
    assert errors.splitlines()[-1].startswith("fitgui: the environment of the workers could not be made in ")
    assert [path.name for path in (tmp_path / "workers").iterdir()] == ["abc.lock"]


def test_words_that_mean_something_to_the_shell_stay_words(tmp_path: Path, wheels: list[Path]) -> None:
    harm = tmp_path / "harm"
    node = start(
        commands("~/workers", wheels, package=f"x; touch {harm} $(touch {harm}) `touch {harm}`'"), tmp_path
    )
    node.communicate(timeout=200)
    assert node.returncode == 1
    assert not harm.exists()
