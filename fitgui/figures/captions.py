"""What stands in the corner of the figures of a run."""

from __future__ import annotations

from fitgui.figures.header import Caption
from fitgui.figures.text import Text, plain
from fitgui.pallets.published import Entry
from fitgui.runs.plan import RunPlan

CONFIDENCE = Text("All limits at 95 % CL")


def caption_of(plan: RunPlan, entry: Entry | None, *lines: Text) -> Caption:
    """Whose likelihood it is, at which energy and luminosity, which analysis, and further lines.

    Args:
        plan: of the run.
        entry: the published likelihood that it is of.
        lines: below.
    """
    if entry is None or plan.analysis.own_signal:
        about = Text("pyhf likelihood, own signal" if plan.analysis.own_signal else "pyhf likelihood")
        return Caption(about, (plain(plan.pallet.name), *_workspace(plan), *lines))
    by = f" published by {entry.collaboration}" if entry.collaboration else ""
    about = plain(f"pyhf likelihood{by}")
    name = entry.nickname or entry.analysis or plan.pallet.name
    return Caption(about, (*_conditions(entry), plain(name), *_workspace(plan), *lines))


def _conditions(entry: Entry) -> list[Text]:
    parts = []
    if entry.energy_tev is not None:
        parts.append(rf"$\sqrt{{s}}$ = {entry.energy_tev:g} TeV")
    if entry.luminosity_fb is not None:
        parts.append(rf"{entry.luminosity_fb:g} fb$^{{-1}}$")
    return [Text(", ".join(parts), mathematics=True)] if parts else []


def _workspace(plan: RunPlan) -> list[Text]:
    """The analysis of the pallet, where its name tells something."""
    name = plan.analysis.name
    usual = {"bkgonly", "workspace", "background", "bkg"}
    return [] if name.casefold() in usual or name == plan.pallet.name else [plain(name)]
