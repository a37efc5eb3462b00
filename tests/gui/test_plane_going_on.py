"""While a run goes on, the plane draws and says no more than fitted neighbours support."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from fitgui.exclusion.model import Surface
from fitgui.runs.snapshot import PointStatus
from tests.gui.planes import published, shown


def test_halfway_through_a_run_the_reading_is_one_so_far(qtbot: QtBot) -> None:
    data, fitted = published("1Lbb", "ins1755298")
    statuses = {name: PointStatus(name) for name in data.names}
    # All points of the lowest rows, and none of the others.
    low = [name for name, y in zip(data.names, data.y.values.tolist(), strict=True) if y <= 60]
    statuses.update({name: fitted[name] for name in low})
    view = shown(qtbot, data, statuses)
    assert view.exclusion is not None
    assert "excluded so far up to 740 GeV" in view.legend.text()
    assert "of the plane fitted so far" in view.legend.text()
    lines = view.exclusion.contours[Surface.OBSERVED]
    assert 0 < max(line.y.max() for line in lines) <= 60

    statuses.update(fitted)
    view.points_changed(set(fitted))
    qtbot.waitUntil(lambda: view.up_to_date)
    assert "excluded up to 740 GeV" in view.legend.text()
    assert "so far" not in view.legend.text()


def test_a_few_points_far_from_each_other_have_no_contour(qtbot: QtBot) -> None:
    data, fitted = published("1Lbb", "ins1755298")
    few = list(fitted)[::9]
    statuses = {name: fitted[name] if name in few else PointStatus(name) for name in data.names}
    view = shown(qtbot, data, statuses)
    assert view.exclusion is None
    assert "No contours yet" in view.legend.text()
