"""What is named may be a table of a record, which nobody can fit."""

from __future__ import annotations

import re

from fitgui.cli.output import say
from fitgui.pallets.hepdata.references import parse_reference
from fitgui.pallets.reading.names import shown

_TABLE = re.compile(r"hepdata\.\d+\.v\d+/t\d+|/download/table/|/record/data/", re.ASCII | re.IGNORECASE)


def tell_table(typed: str) -> None:
    """Say that the likelihood of a record is taken where one of its tables was named.

    Args:
        typed: What was understood as a reference.
    """
    if _TABLE.search(typed) and (reference := parse_reference(typed)) is not None:
        say(f"{shown(typed, 80)} is a table: taking the likelihood of its record, {reference.shown}")
