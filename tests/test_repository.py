"""What every tracked file keeps to: length, docstrings, nothing of one machine, well-formed metadata."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 500
THIS_FILE = Path(__file__).resolve()

OF_ONE_MACHINE = re.compile(r"(?<![\w.~*-])/(?:root|work|home/[\w.-]+|Users/[\w.-]+)/")
OF_ONE_REGISTRY = re.compile(
    r"index-url|find-links|trusted-host|pythonhosted|pypi\.org/simple|(?:registry|resolved)\W.{0,20}https?://"
)


def tracked_files(suffix: str = "") -> list[Path]:
    """The files under version control, or that a commit would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in answer.stdout.split("\0") if name.endswith(suffix)]
    return [path for path in paths if path.is_file()]


def texts() -> dict[Path, str]:
    """The contents of every file that is text."""
    found = {}
    for path in tracked_files():
        try:
            found[path] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_no_file_is_too_long_to_be_read() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in tracked_files(".py")}
    assert lengths
    too_long = {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LONGEST_FILE}
    assert not too_long


def test_every_module_says_what_it_is() -> None:
    modules = [path for path in tracked_files(".py") if path.read_text(encoding="utf-8").strip()]
    silent = [
        str(path.relative_to(ROOT))
        for path in modules
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert modules
    assert not silent


@pytest.mark.parametrize("pattern", [OF_ONE_MACHINE, OF_ONE_REGISTRY], ids=["machine", "registry"])
def test_nothing_of_one_machine_is_tracked(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, text in texts().items()
        if path != THIS_FILE and (match := pattern.search(text))
    ]
    assert not found


def test_the_patterns_find_what_they_are_for() -> None:
    assert OF_ONE_MACHINE.search('open("/home/someone/pallet.json")')
    assert not OF_ONE_MACHINE.search("docs/work/plan.md or ~/home/x/")
    assert OF_ONE_REGISTRY.search("--index-url https://example.org/simple")


def test_the_two_distributions_agree() -> None:
    application = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    backends = tomllib.loads((ROOT / "backends" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert application["version"] == backends["version"]
    assert f"fitgui-backends=={backends['version']}" in application["dependencies"]
    assert application["requires-python"] == backends["requires-python"]
    assert application["license"] == backends["license"] == "Apache-2.0"


def test_both_distributions_bring_the_licence() -> None:
    licence = (ROOT / "LICENSE").read_bytes()
    assert (ROOT / "backends" / "LICENSE").read_bytes() == licence
    for folder in (ROOT, ROOT / "backends"):
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert project["license-files"] == ["LICENSE"]


def test_the_readme_of_the_backends_stands_alone() -> None:
    text = (ROOT / "backends" / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert all("://" in target for target in targets), "a package index shows it without the repository"


def test_the_wheel_brings_every_resource() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    included = build["targets"]["wheel"]["force-include"]
    folders = {
        path.relative_to(ROOT).parts[1] for path in tracked_files() if "resources" in path.parent.parts
    }
    folders = {name for name in folders if (ROOT / "resources" / name).is_dir()}
    assert folders
    # Of the catalogue only what is read: its source is for those who edit it.
    whole = {f"resources/{name}" for name in folders - {"catalogue"}}
    names = whole | {"resources/catalogue/catalogue.json"}
    assert included == {name: f"fitgui/_{name}" for name in names}
    assert all((ROOT / name).exists() for name in names)


@pytest.mark.parametrize(("python", "allowed"), [("3.11", False), ("3.12", True), ("3.13", True)])
def test_the_qt_that_crashes_on_3_11_is_excluded_there(python: str, allowed: bool) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = [Requirement(text) for text in project["dependencies"]]
    asked = [
        requirement.specifier
        for requirement in requirements
        if requirement.name == "PySide6-Essentials"
        and (requirement.marker is None or requirement.marker.evaluate({"python_version": python}))
    ]
    assert len(asked) == 1
    assert asked[0].contains("6.12.0") is allowed
    assert asked[0].contains("6.11.1")


def test_decisions_are_numbered_once_and_have_a_title() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    numbers = [path.name[:4] for path in decisions]
    assert numbers
    assert len(numbers) == len(set(numbers))
    assert all(path.read_text(encoding="utf-8").startswith("# ") for path in decisions)


def test_links_between_the_documents_lead_somewhere() -> None:
    broken = []
    for path in tracked_files(".md"):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if (
                "://" not in target
                and not target.startswith("mailto:")
                and not (path.parent / target).exists()
            ):
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert not broken


@pytest.mark.parametrize("suffix", [".svg", ".xml"])
def test_icons_and_metainfo_are_well_formed(suffix: str) -> None:
    files = tracked_files(suffix)
    assert files
    for path in files:
        assert ET.parse(path).getroot().tag


def test_the_desktop_entry_and_the_metainfo_name_each_other() -> None:
    identifier = "io.github.fitgui.fitgui"
    metainfo = ET.parse(ROOT / "packaging" / f"{identifier}.metainfo.xml").getroot()
    assert metainfo.findtext("id") == identifier
    assert metainfo.findtext("launchable") == f"{identifier}.desktop"
    desktop = (ROOT / "packaging" / f"{identifier}.desktop").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entries = dict(line.split("=", 1) for line in desktop.splitlines() if "=" in line)
    assert entries["Exec"].split()[0] in project["gui-scripts"]
    assert entries["Icon"] == identifier
    assert next(release.get("version") for release in metainfo.iter("release")) == project["version"]
