"""The templates of endpoints as the dialog uses them, and writing what they render; no Qt."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fitgui.gui.where.schema_words import problems_of


@dataclass(frozen=True, slots=True)
class Templates:
    """What can be set up."""

    titles: Mapping[str, str]
    """For people, by the name of the kind."""
    questions: Mapping[str, Mapping[str, Any]]
    """JSON schema of the questions, by the name of the kind."""
    render: Callable[[str, Mapping[str, Any]], dict[str, str]]
    """The files by name, from the kind and its answers; raises ``ValueError`` with a sentence."""
    next_steps: Callable[[str, Mapping[str, Any], str], str]
    """What to do with the files, from the kind, its answers, and the folder (empty before they are saved)."""


def load_templates() -> Templates:
    """Everything that the dialog needs; takes some tenths of a second, once."""
    from fitgui.clusters import templates  # noqa: PLC0415  (needed by those only who set up an endpoint)

    questions = {kind: templates.questions(kind) for kind in templates.KINDS}
    for schema in questions.values():
        problems_of(schema, {})  # what checks answers is imported here, not while the user types

    def next_steps(kind: str, answers: Mapping[str, Any], folder: str) -> str:
        steps = templates.next_steps(kind, answers, folder or str(answers.get("name") or "FOLDER"))
        return "\n\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))

    titles = {kind: templates.title_of(kind) for kind in questions}
    return Templates(titles, questions, templates.render, next_steps)


def save_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files into the folder, each whole or not at all; scripts can be run.

    Raises:
        OSError: if that cannot be done.
    """
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.part")
        partial.write_text(text, encoding="utf-8", newline="\n")
        if text.startswith("#!"):
            partial.chmod(0o755)
        os.replace(partial, target)  # noqa: PTH105  (atomic on every system)
