"""Configurations of endpoints: complete, well-formed, and whatever is answered stays what it is."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fitgui.clusters.filling import fill
from fitgui.clusters.templates import KINDS, TemplateError, next_steps, questions, render, title_of
from fitgui_backends import __version__

FILES = {
    "config.yaml",
    "user_config_schema.json",
    "user_config_template.yaml.j2",
    "user_environment.yaml",
}
NEEDED: dict[str, dict[str, Any]] = {"kubernetes": {"image": "example/fitgui-worker:0.1.0"}}


def answers(kind: str, **more: Any) -> dict[str, Any]:
    return {**NEEDED.get(kind, {}), **more}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_every_kind_gives_all_files_with_nothing_left_open(kind: str) -> None:
    files = render(kind, answers(kind))
    assert set(files) == FILES
    assert not any("@@" in text for text in files.values())
    assert yaml.safe_load(files["config.yaml"]) == {"display_name": "fitgui", "public": False}
    assert yaml.safe_load(files["user_environment.yaml"]) is None
    assert title_of(kind) in questions(kind)["title"]


def test_questions_are_a_form_that_explains_itself(kind: str) -> None:
    schema = questions(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, field in schema["properties"].items():
        assert field["title"], name
        assert field["description"].endswith("."), name
        for usual in (field.get("default", ""), *field.get("examples", ())):
            if usual != "":
                jsonschema.validate(usual, field)


def test_users_may_ask_for_what_the_author_allows(kind: str) -> None:
    asked = answers(kind, max_blocks=3, most_blocks=7, cores_per_node="8")
    schema = json.loads(render(kind, asked)["user_config_schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["max_blocks"]["default"] == 3
    assert schema["properties"]["cores_per_node"]["default"] == 8
    jsonschema.validate({}, schema)
    jsonschema.validate({"max_blocks": 7, "worker_init": "module load python"}, schema)
    for wrong in ({"max_blocks": 8}, {"command": "x"}, {"cores_per_node": "8"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
    closed = json.loads(render(kind, {**asked, "allow_worker_init": "no"})["user_config_schema.json"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"worker_init": "module load python"}, closed)


def test_what_users_ask_for_reaches_the_template(kind: str) -> None:
    files = render(kind, answers(kind))
    template = files["user_config_template.yaml.j2"]
    for name in json.loads(files["user_config_schema.json"])["properties"]:
        assert re.search(rf"\b{name} \| default\(", template), name


def test_what_fitgui_relies_on_is_set(kind: str) -> None:
    template = render(kind, answers(kind))["user_config_template.yaml.j2"]
    assert "max_retries_on_system_failure: 0" in template
    assert "max_idletime: 120.0" in template
    assert "heartbeat_threshold: 60" in template
    assert "OMP_NUM_THREADS=1" in template


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"walltime": "2 hours"}, "Walltime is '2 hours', which does not fit: write it as 01:00:00."),
        ({"max_blocks": "lots"}, "Blocks at most is 'lots', which does not fit: give a whole number"),
        (
            {"max_blocks": 0},
            "Blocks at most is 0, which does not fit: give a whole number from 1 to 10000.",
        ),
        ({"max_blocks": 30}, "Blocks at most is 30, above the limit of blocks (20)"),
        ({"exclusive": "perhaps"}, "Nodes of its own is 'perhaps', which does not fit: answer yes or no."),
        ({"partion": "debug"}, "There is no option partion: did you mean partition?"),
        ({"partition": "debug\n#SBATCH --wrap=x"}, "Partition is"),
        ({"name": "../elsewhere"}, "Name is '../elsewhere', which does not fit: write it as fitgui."),
        ({"package": "a\nb"}, "Package of the workers is"),
        ({"scheduler_options": "rm -rf x"}, "Further options of the scheduler is"),
        ({"environment_variables": "no equals sign"}, "Environment variables is"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render("slurm", wrong)
    assert str(caught.value).startswith(sentence)
    assert str(caught.value)[-1] in ".?"
    assert "\n" not in str(caught.value)


def test_what_is_needed_and_what_there_is_none_of() -> None:
    with pytest.raises(TemplateError, match=r"^Image is missing: write it as "):
        render("kubernetes", {})
    with pytest.raises(TemplateError, match="There is no template for lsf: choose one of slurm"):
        questions("lsf")


def test_environment_variables_become_texts() -> None:
    text = 'SLURM_CONF=/etc/slurm.conf\nTOKEN_FILE="a b" # no comment\n'
    files = render("slurm", {"environment_variables": text, "display_name": 'Ann\'s "best": one'})
    assert yaml.safe_load(files["user_environment.yaml"]) == {
        "SLURM_CONF": "/etc/slurm.conf",
        "TOKEN_FILE": '"a b" # no comment',
    }
    assert yaml.safe_load(files["config.yaml"])["display_name"] == 'Ann\'s "best": one'


def test_environments_with_other_packages_have_other_folders() -> None:
    def folder(**given: str) -> str:
        template = render("slurm", given)["user_config_template.yaml.j2"]
        return next(line for line in template.splitlines() if line.startswith("fitgui_environment="))

    assert folder() == folder(partition="debug", package=f"fitgui-backends=={__version__}")
    assert folder() != folder(package="fitgui-backends==9.9")
    assert folder() != folder(python="python3.13")


def test_only_pods_go_without_encryption(kind: str) -> None:
    template = render(kind, answers(kind))["user_config_template.yaml.j2"]
    assert ("encrypted: true" in template) is (kind != "kubernetes")


def test_workers_in_a_container_need_no_environment() -> None:
    template = render("slurm", {"container_image": "/images/worker.sif"})["user_config_template.yaml.j2"]
    assert 'container_uri: "/images/worker.sif"' in template
    assert "pip install" not in template


def test_the_next_steps_name_folder_and_endpoint(kind: str) -> None:
    steps = next_steps(kind, answers(kind, name="mine"), "a folder")
    assert "scp -r 'a folder' LOGIN:.globus_compute/mine" in steps[0]
    assert any("globus-compute-endpoint start mine" in step for step in steps)


@given(st.text())
def test_no_answer_can_mean_anything_to_the_template(text: str) -> None:
    jinja = fill("@@jinja:x@@", {"x": text}, str)
    assert jinja[0] == jinja[-1] == "'"
    assert not re.search(r"(?<!\\)(?:\\\\)*'", jinja[1:-1])
    # As Jinja reads its literals.
    assert (
        jinja[1:-1]
        .encode("ascii")
        .decode("unicode-escape")
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "surrogatepass")
        == text
    )
    for mark in ("shell", "raw", "path"):
        filled = fill(f"@@{mark}:x@@", {"x": text}, str)
        assert "{" not in text or filled.startswith(("{{ '", '"$HOME"/'))
