"""Write the pictures by driving the real window: ``make screenshots``, ``make screenshots KINDS=gallery``.

``example``: the bundled example, half way and at the end. ``cluster``: the same at a cluster that this
machine plays. ``browser``: the browser of pallets, with a stand-in for HEPData. With the published pallets at
hand also ``gallery``: every view of the results of three of them, at 100 % and 200 % scaling; ``walltime``:
one of them at the cluster, too; ``check``: one with a check by pyhf; ``signal``: a signal of one's own on
another. All light and dark, at 1280 x 720.

Pictures that a document shows go to ``docs/pictures``, the others to ``build/pictures``. Each is looked over
by :mod:`tests.gui.pictures.faults`; anything found there makes the exit status 1. A person has to look, too.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from fitgui.gui import theme
from tests.gui.pictures.browser import picture_browser
from tests.gui.pictures.check import picture_check
from tests.gui.pictures.cluster import picture_cluster, picture_walltime
from tests.gui.pictures.example import picture_example
from tests.gui.pictures.gallery import (
    PALLETS,
    missing_pallets,
    pallets_folder,
    picture_gallery,
)
from tests.gui.pictures.own_signal import picture_own_signal
from tests.gui.pictures.stage import faults
from tests.hepdata.standin import StandIn

KINDS = ("example", "cluster", "browser", "gallery", "walltime", "check", "signal")
LOOKS = (theme.LIGHT, theme.DARK)


def main(kinds: tuple[str, ...]) -> int:
    """Write the pictures of these kinds; the exit status."""
    unknown = set(kinds) - set(KINDS)
    if unknown:
        print(
            f"There are no pictures called {', '.join(sorted(unknown))}: {', '.join(KINDS)}", file=sys.stderr
        )
        return 2
    missing = missing_pallets()
    if missing:
        print(f"Without {', '.join(missing)} most pictures are left as they are", file=sys.stderr)
        kinds = tuple(kind for kind in kinds if kind in ("example", "cluster"))
    one_lepton, stau, three_leptons = (pallets_folder() / pallet.file for pallet in PALLETS)
    whole = True
    for kind in kinds:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            if kind == "gallery":
                whole &= picture_gallery()
            elif kind == "browser":
                with StandIn() as standin:
                    standin.populate()
                    os.environ["FITGUI_HEPDATA_TEST_SERVICE"] = standin.url
                    for look in LOOKS:
                        picture_browser(standin, look, Path(folder) / look.name)
            else:
                for look in LOOKS:
                    there = Path(folder) / look.name
                    match kind:
                        case "example":
                            picture_example(look, there)
                        case "cluster":
                            picture_cluster(look, there)
                        case "walltime":
                            picture_walltime(one_lepton, look, there)
                        case "signal":
                            picture_own_signal(stau, look, there)
                        case _:
                            picture_check(three_leptons, look, there)
        print(f"{kind}: {time.monotonic() - begun:.0f} s", flush=True)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 0 if whole and not faults else 1


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or KINDS))
