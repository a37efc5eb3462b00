"""What is said of a file before it is fitted."""

from __future__ import annotations

from pathlib import Path

from fitgui.gui.signal.importing.import_checks import Normalisation, look_through
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.reading import read_signals
from tests.reinterpretation.targets import STAU, real_target

LEVELS = ("Low", "Med", "High")
OF_ONE_LEPTON = "# analysis: ATLAS-SUSY-2019-08\nregion,yield\n" + "".join(
    f"SR_{mass}_{level}_MCT,1\n" for mass in ("LM", "MM", "HM") for level in LEVELS
)


def test_the_other_analysis_is_named_where_no_region_has_a_bin(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    (imported,) = read_signals(("theirs.csv", OF_ONE_LEPTON), target=target)
    looked = look_through(imported, target, propose(imported, target), Normalisation())
    assert not looked.signals
    assert "other-analysis" in {finding.code for finding in looked.of_map if finding.severe}
    (named,) = (finding for finding in looked.of_signals if finding.code == "other-analysis")
    assert "1Lbb" in named.sentence


def test_cross_sections_that_nothing_uses_are_told_of_a_file_of_events(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    text = "mst,mn2,xsec [fb],SR1cut_cuts,SR2cut_cuts\n280,40,5,3,4\n"
    (imported,) = read_signals(("scan.csv", text), target=target)
    looked = look_through(imported, target, propose(imported, target), Normalisation())
    assert looked.signals
    told = [finding.sentence for finding in looked.of_signals if "cross sections" in finding.sentence]
    again = look_through(looked.imported, target, propose(imported, target), Normalisation())
    assert len(told) == 1
    assert [finding.sentence for finding in again.of_signals].count(told[0]) == 1
