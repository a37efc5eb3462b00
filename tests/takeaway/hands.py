"""What is done with what was taken away: run the script, have the submission checked and read."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import yaml
from hepdata_validator.full_submission_validator import FullSubmissionValidator

ROW = re.compile(r"(observed|expected at [+-]\d sigma) +(\S+) +(\S+) +(\S+)")


def run_script(text: str, folder: Path, *arguments: str) -> tuple[list[float], list[float], str]:
    """What pyhf found, what the script says that the run found, and all that was printed."""
    file = folder / "point.py"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-X", "utf8", file.name, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = ROW.findall(done.stdout)
    assert len(rows) == 6, done.stdout
    return [float(row[1]) for row in rows], [float(row[2]) for row in rows], done.stdout


def complaints(folder: Path) -> list[str]:
    """What HEPData's own validator says about a folder; nothing where it takes it."""
    validator = FullSubmissionValidator(schema_version="1.1.1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its files open
        if validator.validate(directory=str(folder)):
            return []
    found = [f"{file}: {message}" for file, all_ in validator.get_messages().items() for message in all_]
    return found or ["refused without a word"]


def tables(folder: Path) -> dict[str, Any]:
    """The data of every table, by the name of the table."""
    with (folder / "submission.yaml").open(encoding="utf-8") as stream:
        _, *listed = yaml.safe_load_all(stream)
    return {item["name"]: yaml.safe_load((folder / item["data_file"]).read_text("utf-8")) for item in listed}
