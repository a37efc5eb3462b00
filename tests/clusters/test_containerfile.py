"""The container of workers: what it names is there, and agrees with what the distributions say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from fitgui_backends.machine import SINGLE_THREADED

ROOT = Path(__file__).resolve().parents[2]
Instructions = list[tuple[str, str]]


@pytest.fixture(scope="module")
def instructions() -> Instructions:
    """Keyword and rest of every instruction, continued lines joined, comments left out."""
    text = (ROOT / "packaging" / "worker.Containerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    found = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(keyword, " ".join(rest.split())) for keyword, rest in found]


def arguments(instructions: Instructions) -> dict[str, str]:
    return dict(rest.split("=", 1) for keyword, rest in instructions if keyword == "ARG")


def project(path: str = "pyproject.toml") -> dict[str, object]:
    document = tomllib.loads((ROOT / path).read_text(encoding="utf-8"))
    found: dict[str, object] = document["project"]
    return found


def test_it_begins_with_a_base_and_ends_as_nobody_special(instructions: Instructions) -> None:
    keywords = [keyword for keyword, _ in instructions]
    assert set(keywords) <= {"ARG", "FROM", "COPY", "RUN", "LABEL", "ENV", "USER", "WORKDIR"}
    assert keywords.count("FROM") == 2
    user = [rest for keyword, rest in instructions if keyword == "USER"]
    assert user == ["1000:1000"]
    template = (ROOT / "resources/endpoints/kubernetes/user_config_template.yaml.j2").read_text()
    assert 'user_id: "1000"' in template
    assert 'group_id: "1000"' in template
    assert any("--uid 1000" in rest for keyword, rest in instructions if keyword == "RUN")


def test_versions_agree_with_the_distributions(instructions: Instructions) -> None:
    given = arguments(instructions)
    assert given["FITGUI_VERSION"] == project("backends/pyproject.toml")["version"]
    supported = re.findall(r"Python :: (3\.\d+)", str(project()["classifiers"]))
    assert given["PYTHON_VERSION"] in supported
    constraints = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8")
    assert f"globus-compute-sdk=={given['GLOBUS_COMPUTE_VERSION']}" in constraints
    comment = (ROOT / "packaging" / "worker.Containerfile").read_text(encoding="utf-8")
    assert f"fitgui-worker:{given['FITGUI_VERSION']}" in comment


def test_what_it_copies_is_there_and_can_be_built(instructions: Instructions) -> None:
    copied = [rest.split() for keyword, rest in instructions if keyword == "COPY"]
    sources = [word for words in copied for word in words[:-1] if not words[0].startswith("--from")]
    assert sources == ["backends", "packaging/constraints.txt"]
    assert all((ROOT / source).exists() for source in sources)
    assert (ROOT / "backends" / "pyproject.toml").is_file()


def test_the_versions_that_it_keeps_are_pinned(instructions: Instructions) -> None:
    names = next(
        re.findall(r"grep -E '\^\(([^)]+)\)=='", rest) for keyword, rest in instructions if "grep" in rest
    )
    constraints = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8")
    assert all(re.search(rf"^{name}==", constraints, re.MULTILINE) for name in names[0].split("|"))
    needed = [re.match(r"[\w-]+", text) for text in project("backends/pyproject.toml")["dependencies"]]  # type: ignore[attr-defined]
    kept = {name.lower().replace("_", "-") for name in names[0].split("|")}
    assert {match[0].lower() for match in needed if match} <= kept


def test_every_library_gets_one_thread(instructions: Instructions) -> None:
    (environment,) = [rest for keyword, rest in instructions if keyword == "ENV"]
    variables = dict(word.split("=", 1) for word in environment.split())
    assert variables.items() >= SINGLE_THREADED.items()
