"""Files of yields for tests of ``fitgui reinterpret``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

BINS = {"SR[0]": 3.0, "SR[1]": 8.0, "SR[2]": 9.0}
"""A signal on the bundled example that is excluded."""


def table(path: Path, rows: Mapping[str, object]) -> Path:
    """A CSV file of regions and their yields."""
    lines = [f"{region},{value}" for region, value in rows.items()]
    path.write_text("\n".join(["region,yield", *lines]) + "\n", encoding="utf-8")
    return path


def fill(path: Path, rows: Mapping[str, float]) -> None:
    """Write yields into a template that fitgui wrote, as somebody does it in an editor."""
    text = path.read_text(encoding="utf-8")
    for region, value in rows.items():
        text, found = re.subn(rf"^{re.escape(region)},,", f"{region},{value},", text, flags=re.MULTILINE)
        assert found == 1, region
    path.write_text(text, encoding="utf-8")
