"""``fitgui backends template``: a complete configuration of a Globus Compute endpoint, in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from fitgui.cli.backends_options import split_settings
from fitgui.cli.errors import CommandError, CommandUsageError, unknown
from fitgui.cli.output import print_json, print_line
from fitgui.clusters.templates import KINDS, TemplateError, next_steps, questions, render, title_of


@click.command("template")
@click.argument("kind", metavar=f"[{'|'.join(KINDS)}]")
@click.option(
    "--set",
    "given",
    metavar="NAME=VALUE",
    multiple=True,
    help="An answer, such as partition=standard; @FILE reads it from a file. As often as needed.",
)
@click.option("--questions", "asked", is_flag=True, help="List what can be answered, and write nothing.")
@click.option(
    "--output",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write [default: a folder with the endpoint's name, here].",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def template(kind: str, given: tuple[str, ...], asked: bool, output: Path | None, as_json: bool) -> None:
    """Write the configuration of a Globus Compute endpoint for a cluster.

    Copied to the login node of the cluster and started there, it takes what fitgui sends. Nothing is
    installed or started here, and nothing is asked of any server.
    """
    if kind not in KINDS:
        raise unknown("kind of cluster", kind, KINDS)
    answers = {name: _read(name, value) for name, value in split_settings(given).items()}
    if asked:
        _list_questions(kind, as_json=as_json)
        return
    try:
        files = render(kind, answers)
        name = str(answers.get("name") or questions(kind)["properties"]["name"]["default"])
        folder = output or Path(name)
        steps = next_steps(kind, answers, str(folder))
    except TemplateError as error:
        raise CommandUsageError(str(error)) from None
    _write(folder, files)
    if as_json:
        print_json(
            {"kind": kind, "folder": str(folder.absolute()), "files": sorted(files), "next": list(steps)}
        )
        return
    print_line(f"Configuration of an endpoint on {title_of(kind)}, written to {folder}:")
    for file in sorted(files):
        print_line(f"  {file}")
    print_line("Next:")
    for number, step in enumerate(steps, start=1):
        print_line(f"  {number}. {step}")


def _read(name: str, value: str) -> str:
    if not value.startswith("@"):
        return value
    try:
        return Path(value[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise CommandUsageError(f"the file {value[1:]} for {name} cannot be read: {reason}") from None


def _list_questions(kind: str, *, as_json: bool) -> None:
    schema = questions(kind)
    if as_json:
        print_json(schema)
        return
    for name, field in schema["properties"].items():
        usual = field.get("default", "")
        needed = ", needed" if name in schema["required"] else ""
        print_line(f"{name}  {field['title']}{needed}" + (f" [{_typed(usual)}]" if usual != "" else ""))
        print_line(f"    {field['description']}")


def _typed(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """All files or none: what is there already may have been edited by hand, and is kept.

    Raises:
        CommandError: if the folder holds something, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise CommandError(f"the folder {folder} holds files already: name another with --output")
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"the folder {folder} cannot be written: {error.strerror}") from error
