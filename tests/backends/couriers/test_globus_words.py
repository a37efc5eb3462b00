"""What failed tasks are said to have died of; the texts are those that a real agent sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from globus_compute_common.tasks.constants import TaskState

from fitgui_backends.couriers.globus_words import LONGEST, is_of_specification, phase_of, trouble_of

TEXTS: dict[str, str] = json.loads(Path(__file__).with_name("agent_texts.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("process raises", "error", "ValueError: no such thing: 1"),
        ("process syntax", "error", "ModuleNotFoundError: No module named 'fitgui_no_such'"),
        ("process set", "error", "All strategies failed."),
        ("process large", "too_large", "12.0 MB, and Globus Compute takes 10.5 MB"),
        ("slurm large", "too_large", "12.0 MB"),
        ("process exit", "lost", "terminated abruptly"),
        ("slurm exit", "lost", "loss of worker 0"),
        ("slurm oom", "lost", "loss of worker 0"),
        ("slurm scancel", "lost", "loss of manager"),
        (
            "bad partition",
            "start",
            "sbatch: error: Batch job submission failed: Invalid partition name specified",
        ),
        ("bad account", "start", "sbatch: error: Invalid directive found in batch script: such"),
        ("sbatch hangs", "start", "timed out after 10 seconds"),
        ("bad walltime", "start", "'abc' does not match '^[0-9]{2}:[0-9]{2}:[0-9]{2}$' (option walltime)"),
        ("unknown option", "start", "'nonsense' was unexpected"),
        ("bad engine", "start", "'NoLauncher' is not a valid launcher"),
    ],
)
def test_a_failure_is_told_by_what_is_to_be_done_and_in_its_own_words(
    text: str, kind: str, said: str
) -> None:
    trouble = trouble_of(TEXTS[text])
    assert trouble.kind == kind
    assert said in trouble.error
    assert "\n" not in trouble.error
    assert "Traceback" not in trouble.error


@pytest.mark.parametrize("text", ["process priority", "slurm bad spec"])
def test_an_engine_without_priorities_is_noticed(text: str) -> None:
    assert is_of_specification(trouble_of(TEXTS[text]).error)


@pytest.mark.parametrize("text", ["process raises", "slurm scancel", "bad partition"])
def test_other_failures_have_nothing_to_do_with_priorities(text: str) -> None:
    assert not is_of_specification(trouble_of(TEXTS[text]).error)


def test_a_function_that_quotes_a_scheduler_does_not_stop_the_others() -> None:
    text = (
        'Traceback (most recent call last):\n  File "<string>", line 1, in f\nRuntimeError: sbatch: error: no'
    )
    assert trouble_of(text).kind == "error"


def test_after_several_attempts_the_last_counts() -> None:
    lost = TEXTS["slurm scancel"]
    raised = '++++\nTraceback (most recent call last):\n  File "f", line 1, in f\nValueError: no\n----'
    assert trouble_of(f"{lost}\n{raised}").kind == "error"
    assert trouble_of(f"{raised}\n{lost}").kind == "lost"


@pytest.mark.parametrize("text", ["", "\n\n", "---", "x" * 5000, "ValueError", "\x00\ud800"])
def test_texts_of_no_known_form_become_one_short_sentence(text: str) -> None:
    trouble = trouble_of(text)
    assert trouble.kind == "error"
    assert trouble.error
    assert len(trouble.error) < LONGEST + 100


def test_secrets_in_a_text_are_taken_out_first() -> None:
    assert "hush" not in trouble_of("ValueError: hush", lambda text: text.replace("hush", "[hidden]")).error


def test_every_state_of_the_service_is_one_that_users_know() -> None:
    known = {"waiting for endpoint", "waiting for nodes", "running"}
    assert {phase_of(state.value) for state in TaskState} <= known
    assert phase_of("WAITING-FOR-NODES") == "waiting for nodes"
    assert phase_of("something new") == "waiting for endpoint"
