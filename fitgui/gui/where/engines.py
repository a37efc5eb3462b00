"""Which engines can be chosen where the next run goes."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox

from fitgui.gui.engine_choice import EngineChoice
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.where.comparison import OURS, engines_there, lacks
from fitgui_backends.contract import Health

NEEDS = {"jax": "jax", "minuit": "iminuit"}
"""What options of pyhf need to be installed."""


def why_not(choice: EngineChoice, engines: Collection[str] | None, worker: Health | None) -> str:
    """Why an engine cannot be used at a place, in a sentence; empty where it can, or nothing is known.

    Args:
        choice: the engine.
        engines: that the backend can use.
        worker: what a worker of the place reported.
    """
    options = choice.options
    if engines is not None and options.engine not in engines:
        return f"{options.engine} cannot be used there."
    there = engines_there(worker)
    if there is None or worker is None:
        return ""
    if options.engine not in there:
        library = OURS if options.engine == "newton" else "pyhf"
        return f"{options.engine} cannot run there: its workers have no {library}."
    if options.engine == "pyhf":
        for wanted in (options.tensor_backend, options.optimizer):
            if wanted in NEEDS and lacks(worker.details, NEEDS[wanted]):
                return f"It cannot run there: its workers have no {NEEDS[wanted]}."
    return ""


def offer_engines(box: QComboBox, wish: str, engines: Collection[str] | None, worker: Health | None) -> None:
    """Let only those be chosen that can run; the user's wish is chosen whenever it can.

    Args:
        box: holds an :class:`EngineChoice` in each entry.
        wish: the title of the one that the user wants.
        engines: that the backend can use.
        worker: what a worker of the place reported.
    """
    model = box.model()
    assert isinstance(model, QStandardItemModel)  # a combo box makes one unless it is given another
    able: list[int] = []
    for index in range(box.count()):
        choice = box.itemData(index)
        assert isinstance(choice, EngineChoice)  # the box holds nothing else
        reason = why_not(choice, engines, worker)
        model.item(index).setEnabled(not reason)
        box.setItemData(index, plain_tip(reason or choice.title), Qt.ItemDataRole.ToolTipRole)
        if not reason:
            able.append(index)
    wished = box.findText(wish)
    chosen = wished if wished in able else next(iter(able), box.currentIndex())
    if chosen != box.currentIndex():
        box.setCurrentIndex(chosen)
