"""The colours of the band: green and yellow as in the field, and told apart by every colour vision."""

from __future__ import annotations

from dataclasses import dataclass

from fitgui.gui.theme import Theme


@dataclass(frozen=True, slots=True)
class BandColours:
    """What the parts of the plot look like."""

    one_sigma: str
    two_sigma: str
    line: str
    """Observed and expected."""
    casing: str
    """Around lines, where they would be lost on the band; empty where they are not."""
    compared: str
    """What the values are compared with."""


def band_colours(look: Theme) -> BandColours:
    """On a dark ground the band is darker, too, for the lines on it are bright."""
    if look.name == "dark":
        return BandColours("#00795a", "#b3a125", look.text, look.panel, look.bad)
    return BandColours("#2fae86", "#f0e442", look.text, "", look.bad)
