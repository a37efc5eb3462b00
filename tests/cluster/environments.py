"""Virtual environments of the agent and of the workers: made once, used as long as what went in is the same.

They lie in the checkout (or in ``FITGUI_CLUSTER_CACHE``) and are ignored by git; ``make clean`` removes them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from filelock import FileLock

from tests.cluster.trouble import MissingPythonError, StackError

REPOSITORY = Path(__file__).resolve().parent.parent.parent
BACKENDS = REPOSITORY / "backends"
CONSTRAINTS = REPOSITORY / "packaging" / "constraints.txt"
AGENT = "globus-compute-endpoint==4.19.0"
PYHF = "pyhf==0.7.6"
SAME = (
    *("numpy", "scipy", "msgspec", "jsonschema_rs", "jsonpointer", "Pebble", "threadpoolctl"),
    *("parsl", "globus-sdk"),
)
"""Whose versions are those of the application; the agent itself wants other versions of much of the rest."""
PATIENCE = 900
"""Seconds that an installation may take."""


def cache() -> Path:
    """Where the environments lie."""
    return Path(os.environ.get("FITGUI_CLUSTER_CACHE") or REPOSITORY)


def agent_environment() -> Path:
    """The agent, and workers that have nothing but pyhf.

    Returns:
        The folder of the virtual environment.

    Raises:
        StackError: if it cannot be made.
    """
    return _make(cache() / ".venv-endpoint", sys.executable, [AGENT, PYHF])


def worker_environment(python: str | None = None) -> Path:
    """Workers that have fitgui-backends, as it is in this checkout now.

    Args:
        python: ``3.12`` for another Python than the tests'.

    Returns:
        The folder of the virtual environment.

    Raises:
        StackError: if it cannot be made.
        MissingPythonError: if that Python is not here.
    """
    if python is None or python == f"{sys.version_info[0]}.{sys.version_info[1]}":
        folder, interpreter = cache() / ".venv-worker", sys.executable
    else:
        folder, interpreter = cache() / f".venv-worker-{python}", find_python(python)
    return _make(folder, interpreter, [AGENT, PYHF], checkout=True)


def find_python(version: str) -> str:
    """The interpreter of another version, such as ``3.12``: on the path, or one that pyenv keeps.

    Raises:
        MissingPythonError: if there is none.
    """
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    beside = sorted(kept.glob(f"{version}.*/bin/python{version}"), reverse=True)
    on_path = shutil.which(f"python{version}")
    # pyenv puts a script on the path for versions that are not the chosen one; it only complains.
    for candidate in [*map(str, beside), *([on_path] if on_path else [])]:
        asked = subprocess.run([candidate, "-c", "import venv"], capture_output=True, check=False)
        if asked.returncode == 0:
            return candidate
    message = f"There is no Python {version} here: install it, for example by pyenv install {version}."
    raise MissingPythonError(message)


def _make(folder: Path, interpreter: str, packages: Sequence[str], *, checkout: bool = False) -> Path:
    """Make or refresh an environment; several test runs at once take turns."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    python = folder / "bin" / "python"
    with FileLock(f"{folder}.lock", timeout=PATIENCE):
        wanted = _digest([], interpreter, *packages, *_pinned(), *(_dependencies() if checkout else []))
        if not _is_marked(folder, "made", wanted):
            _remove(folder)
            _run([interpreter, "-m", "venv", str(folder)], "made")
            _install(python, *packages, *([str(BACKENDS)] if checkout else []))
            _mark(folder, "made", wanted)
            if checkout:
                _mark(folder, "checkout", _sources())
        elif checkout and not _is_marked(folder, "checkout", sources := _sources()):
            _install(python, "--no-deps", "--force-reinstall", str(BACKENDS))
            _mark(folder, "checkout", sources)
    return folder


def _install(python: Path, *what: str) -> None:
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write("\n".join(_pinned()) + "\n")
        constraints.flush()
        _run([*pip, "--constraint", constraints.name, *what], "filled")


def _run(command: Sequence[str], done: str) -> None:
    # What points a Python elsewhere must not reach the new one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        answer = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackError(f"The environment of the workers could not be {done}: {error}") from None
    if answer.returncode:
        said = (answer.stderr.strip() or answer.stdout.strip()).splitlines()
        errors = [line for line in said if line.startswith("ERROR")] or said[-5:]
        raise StackError(f"The environment of the workers could not be {done}: " + " ".join(errors))


def hold(folder: Path) -> TextIO:
    """Keep an environment as it is until the file is closed, because processes run in it."""
    held = Path(f"{folder}.used").open("w", encoding="ascii")  # noqa: SIM115 - the caller closes it
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


def _remove(folder: Path) -> None:
    """Remove an environment, when nobody uses it any more."""
    deadline = time.monotonic() + PATIENCE / 3
    with Path(f"{folder}.used").open("w", encoding="ascii") as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    message = (
                        f"{folder.name} has to be made anew, but another stack runs in it: end that first."
                    )
                    raise StackError(message) from None
                time.sleep(0.5)
        shutil.rmtree(folder, ignore_errors=True)


def _pinned() -> list[str]:
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition("==")[0] in SAME]


def _dependencies() -> list[str]:
    document = tomllib.loads((BACKENDS / "pyproject.toml").read_text(encoding="utf-8"))
    return list(map(str, document["project"]["dependencies"]))


def _sources() -> str:
    """Of everything that is installed from the checkout."""
    return _digest(sorted((BACKENDS / "fitgui_backends").rglob("*.py")))


def _digest(files: Iterable[Path], *texts: str) -> str:
    summed = hashlib.sha256("\0".join(texts).encode())
    for file in files:
        summed.update(f"\0{file.relative_to(REPOSITORY)}\0".encode())
        summed.update(file.read_bytes())
    return summed.hexdigest()


def _is_marked(folder: Path, name: str, value: str) -> bool:
    marker = folder / f".fitgui-{name}"
    return marker.is_file() and marker.read_text(encoding="ascii") == value


def _mark(folder: Path, name: str, value: str) -> None:
    (folder / f".fitgui-{name}").write_text(value, encoding="ascii")


def main() -> None:
    """Make what the tests use, before one waits for it; arguments are further Pythons, such as ``3.12``."""
    try:
        agent_environment()
        for python in (None, *sys.argv[1:]):
            worker_environment(python)
    except StackError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
