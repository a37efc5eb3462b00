"""From the points of a scan to a pallet that is opened like any other; made on a thread."""

from __future__ import annotations

from dataclasses import dataclass

from fitgui import words
from fitgui.gui.signal.scanning.scan_page import Scan
from fitgui.pallets import Pallet, SignalPoint
from fitgui.reinterpretation.model import SignalError
from fitgui.reinterpretation.patching.own_pallet import keep_own, own_pallet
from fitgui.reinterpretation.patching.patch import signal_point


@dataclass(frozen=True, slots=True)
class ScanPallet:
    """A scan that was written."""

    pallet: Pallet
    left_out: str
    """Which points could not be made, and why the first of them; empty where all could."""


def scan_pallet(scan: Scan) -> ScanPallet:
    """Write the points of a scan as a pallet; a point that cannot be fitted costs nobody else a result.

    Args:
        scan: the signals.

    Raises:
        SignalError: if no point can be fitted, or the pallet cannot be written.
    """
    points: list[SignalPoint] = []
    bad: list[tuple[str, SignalError]] = []
    for signal in scan.signals:
        try:
            points.append(signal_point(scan.target, signal, scan.treatments))
        except SignalError as error:
            bad.append((signal.name, error))
    if bad and not points:
        raise bad[0][1]
    left_out = ""
    if bad:
        name, why = bad[0]
        left_out = f"{words.count(len(bad), 'point')} of {len(scan.signals)} left out, first {name}: {why}"
    return ScanPallet(keep_own(own_pallet(scan.target, scan.name, points, scan.labels)), left_out)
