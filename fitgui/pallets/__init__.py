"""From an archive as published to analyses and their signal points; knows nothing of runs."""

from fitgui.pallets.model import Analysis, Channel, Pallet, PalletError, PatchSet, SignalPoint
from fitgui.pallets.opening import open_pallet

__all__ = ["Analysis", "Channel", "Pallet", "PalletError", "PatchSet", "SignalPoint", "open_pallet"]
