"""The options of a place: the form that its schema makes, kept for the next time."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from fitgui.gui.where.cluster import Cluster
from fitgui.gui.where.panel_dialog import PanelDialog, scrolled
from fitgui.gui.where.schema_fields import SCALARS
from fitgui.gui.where.schema_form import SchemaForm
from fitgui.gui.widgets import push_button, text_label


class OptionsDialog(PanelDialog):
    """Options of the place that is chosen when it opens."""

    def __init__(self, cluster: Cluster, parent: QWidget | None = None) -> None:
        place, form = cluster.place, cluster.form
        assert place is not None  # whoever opens this has looked
        assert form is not None
        named = place.name or place.identifier
        super().__init__(f"Options of {named}", f"Options of {named}", parent)
        self._cluster, self._place = cluster, place
        self.form = SchemaForm(form)
        self.form.show_values(place.options)
        about = str(form.get("description") or "What is left open is decided by the " + cluster.word + ".")
        self.body.addWidget(text_label(about, role="muted", wrap=True))
        self.body.addWidget(
            scrolled(self.form, "Options", f"Options of the {cluster.word} {named}"), stretch=1
        )
        self.buttons.addWidget(
            push_button("Reset to defaults", "Leave every option open", self.form.reset, role="link")
        )
        self.buttons.addStretch(1)
        self.buttons.addWidget(push_button("Cancel", "Keep the options as they were", self.reject))
        self.save = push_button("Save", "Use these options from now on", self._save, role="action")
        self.save.setDefault(True)
        self.buttons.addWidget(self.save)

    def begin(self) -> None:
        """Show it."""
        self.open_at(460, 560)

    def _save(self) -> None:
        if self.form.complain():
            return
        values = self.form.values
        options = {name: value for name, value in values.items() if isinstance(value, SCALARS)}
        if self._cluster.place is not None and self._cluster.place.identifier == self._place.identifier:
            self._cluster.set_options(options)
        self.accept()
