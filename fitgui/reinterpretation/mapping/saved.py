"""Region maps that were used before, by workspace and tool, in the data folder.

What is kept is what regions are called. What somebody said of one file is asked again of the next: that
regions without names are in the order of the workspace, that several may share a bin, that bins without a
region have no signal.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from fitgui.folders import default_data_folder
from fitgui.reinterpretation.mapping.documents import MapFile, encoded
from fitgui.reinterpretation.mapping.files import LARGEST, map_file_of, read_maps
from fitgui.reinterpretation.mapping.reasons import SAVED, is_of_positions
from fitgui.reinterpretation.model import RegionMap, SignalError, Target
from fitgui.whole_files import write_whole

FOLDER = "regions"
"""In the data folder."""


class SavedMaps:
    """Keeps one map for each workspace and tool; regions of earlier files stay known.

    A file that is damaged is passed over, and told of once (:attr:`troubles`): proposing goes on without it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Nothing is read or made here.

        Args:
            folder: the data folder; the usual one by default.
        """
        self._folder = (folder or default_data_folder()) / FOLDER
        self.troubles: list[str] = []

    def find(self, target: Target, tool: str) -> RegionMap | None:
        """The map that was used for a workspace and a tool; ``None`` where there is none.

        Regions that shared a bin do so again, without the leave that was given for it.
        """
        known = self._read(self._path(target, tool))
        return None if known is None else replace(known, zeros=(), doubled=False).for_target(target, SAVED)

    def save(self, region_map: RegionMap, target: Target) -> Path | None:
        """Keep a map. What is known of regions that it does not have stays.

        Args:
            region_map: that was used.
            target: whose bins they are.

        Returns:
            Where it is; ``None`` where there is nothing to keep, as its regions have numbers for names.

        Raises:
            OSError: if it cannot be written.
        """
        if is_of_positions(region_map):
            return None
        path = self._path(target, region_map.tool)
        new = replace(map_file_of(region_map, target), zeros=(), doubled=False)
        if (known := self._read(path)) is not None:
            here = {one.region for one in region_map.assignments} | region_map.ignored
            kept = {region: bins for region, bins in known.regions.items() if region not in here}
            taken = {text for bins in new.regions.values() for text in bins}
            if not region_map.doubled:
                kept = {region: bins for region, bins in kept.items() if taken.isdisjoint(bins)}
            ignored = {region for region in known.ignored if region not in here} | region_map.ignored
            new = replace(new, regions={**kept, **new.regions}, ignored=tuple(sorted(ignored)))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, encoded(new))
        return path

    def forget(self, target: Target, tool: str) -> None:
        """Remove the map of a workspace and a tool, where there is one."""
        with suppress(FileNotFoundError):
            self._path(target, tool).unlink()

    def _path(self, target: Target, tool: str) -> Path:
        safe = re.sub(r"[^a-z0-9]+", "-", tool.casefold()).strip("-") or "any"
        return self._folder / f"{target.analysis.digest[:32]}-{safe}.json"

    def _read(self, path: Path) -> MapFile | None:
        try:
            with path.open("rb") as stream:
                return read_maps(stream.read(LARGEST + 1), path.name)[0]
        except FileNotFoundError:
            return None
        except (OSError, SignalError) as error:
            sentence = f"The saved region map {path} cannot be used and is passed over: {error}."
            if sentence not in self.troubles:
                self.troubles.append(sentence)
            return None
