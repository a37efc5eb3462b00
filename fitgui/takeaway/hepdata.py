"""Writing a folder that HEPData takes: ``submission.yaml``, a YAML file for each table, the results as JSON.

The layout is that of schema 1.1.1 (https://hepdata-submission.readthedocs.io), as ``hepdata-validator``
checks it.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fitgui.runs.export import results_document, to_json
from fitgui.runs.journal import RunRecord
from fitgui.runs.plan import RunError
from fitgui.runs.snapshot import RunSnapshot
from fitgui.takeaway.provenance import Provenance
from fitgui.takeaway.submission import Submission, make_submission
from fitgui.takeaway.tables import Column, Table

RESULTS = "results.json"
NO_NUMBER = "-"
"""What HEPData shows where a cell has no number."""
_RANGE = re.compile(r"(?<=\d)\s*-\s*(?=[+-]?\d)")
"""A text such as ``100-200`` counts as a range, which is not allowed among coordinates."""


def save_submission(folder: Path, record: RunRecord, snapshot: RunSnapshot, origin: Provenance) -> int:
    """Write the submission of a run.

    Args:
        folder: is made; one that is there must be empty.
        record: of the run.
        snapshot: how it stands.
        origin: what is known of its pallet.

    Returns:
        How many tables there are.

    Raises:
        RunError: if the folder holds something, cannot be written, or there is nothing to publish.
    """
    check_folder(folder)
    submission = make_submission(record, snapshot, origin)
    files = submission_files(submission)
    files[RESULTS] = to_json(_for_others(results_document(record.plan, snapshot), origin)) + "\n"
    _write_folder(folder, files)
    return len(submission.tables)


def check_folder(folder: Path) -> None:
    """Find out whether a folder can be made there.

    Raises:
        RunError: if something is there already, other than an empty folder, or the place has no folder.
    """
    try:
        if folder.is_dir():
            if any(folder.iterdir()):
                raise RunError(f"{folder} is not empty: name a new folder, so that nothing is overwritten")
        elif folder.exists() or folder.is_symlink():
            raise RunError(f"{folder} is not a folder: name a new folder")
        elif not folder.absolute().parent.is_dir():
            raise RunError(
                f"there is no folder {folder.absolute().parent}: create it, or choose another place"
            )
    except OSError as error:
        raise RunError(f"cannot write {folder}: {error.strerror or error}; choose another place") from error


def submission_files(submission: Submission) -> dict[str, str]:
    """The text of every file but the results, by name."""
    import yaml  # noqa: PLC0415 -- only who submits pays for it

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    options: dict[str, Any] = {"Dumper": dumper, "sort_keys": False, "default_flow_style": None, "width": 100}
    about: dict[str, Any] = {"comment": submission.comment}
    about["additional_resources"] = [
        *({"location": place, "description": words} for place, words in submission.resources),
        {
            "location": RESULTS,
            "description": "All results with the health of their fits, as fitgui writes them",
        },
    ]
    listed = [_listed(table, submission) for table in submission.tables]
    files = {"submission.yaml": yaml.dump_all([about, *listed], **options)}
    for table in submission.tables:
        files[f"{table.file_name}.yaml"] = yaml.dump(_data(table, submission), **options)
    return files


def _for_others(document: dict[str, Any], origin: Provenance) -> dict[str, Any]:
    """The results without what is nobody's business: folders, hosts and the names of clusters."""
    pallet, backend = document["pallet"], document["backend"]
    if origin.doi or Path(pallet["source"]).is_absolute():
        pallet = {**pallet, "source": origin.doi or pallet["name"]}
    points = [{**point, "worker": "", "block": ""} for point in document["points"]]
    return {
        **document,
        "pallet": pallet,
        "backend": {**backend, "place": None, "blocks": []},
        "points": points,
    }


def _listed(table: Table, submission: Submission) -> dict[str, Any]:
    keywords: list[dict[str, Any]] = [{"name": "observables", "values": [table.observable]}]
    if submission.energy_gev is not None:
        keywords.append({"name": "cmenergies", "values": [submission.energy_gev]})
    keywords.append({"name": "phrases", "values": list(submission.phrases)})
    return {
        "name": table.name,
        "description": table.description,
        "keywords": keywords,
        "data_file": f"{table.file_name}.yaml",
    }


def _data(table: Table, submission: Submission) -> dict[str, Any]:
    common: list[dict[str, Any]] = [
        *({"name": name, "value": value, "units": unit} for name, value, unit in submission.qualifiers),
        *({"name": name, "value": value} for name, value in table.qualifiers),
    ]
    return {
        "independent_variables": [
            {"header": _header(column), "values": [{"value": _coordinate(value)} for value in column.values]}
            for column in table.independent
        ],
        "dependent_variables": [
            {
                "header": _header(column),
                "qualifiers": [
                    *(dict(item) for item in common),
                    *({"name": name, "value": value} for name, value in column.qualifiers),
                ],
                "values": [{"value": NO_NUMBER if value is None else value} for value in column.values],
            }
            for column in table.dependent
        ],
    }


def _header(column: Column) -> Mapping[str, str]:
    return {"name": column.name, "units": column.unit} if column.unit else {"name": column.name}


def _coordinate(value: float | str | None) -> float | int | str:
    if value is None:
        return NO_NUMBER
    if isinstance(value, str):
        return _RANGE.sub(" to ", value)
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write beside the folder, then rename: it is there whole, or not at all."""
    target = folder.absolute()
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        part.mkdir()
        try:
            for name, text in files.items():
                (part / name).write_text(text, encoding="utf-8", newline="\n")
            if target.is_dir():
                target.rmdir()  # it is empty; a folder cannot be renamed over another one everywhere
            part.rename(target)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    except OSError as error:
        raise RunError(f"cannot write {folder}: {error.strerror or error}; choose another place") from error
