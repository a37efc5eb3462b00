"""From a path to the files in it: folders, archives, archives in archives; in memory, with limits."""

from fitgui.pallets.reading.source import Source, read_source
from fitgui.pallets.reading.unpacking import Found

__all__ = ["Found", "Source", "read_source"]
