"""What is asked of every point besides CLs: limits, a check with pyhf, and under *More* the rest."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.engine_choice import EngineChoice
from fitgui.gui.widgets import describe, text_label
from fitgui.runs.check import reference_engine
from fitgui_backends.contract import FitOptions

FEWEST_TOYS, USUAL_TOYS, MOST_TOYS = 1, 1000, 1_000_000
ENOUGH_TOYS = 100
"""With fewer of the background-only hypothesis, not even CLs = 0.05 is known to its own size."""
USUAL_CHECKED, MOST_CHECKED = 3, 100
LARGEST_SEED = 2**31 - 1
SPIN_WIDTH = 64
STATISTICS = (
    ("qtilde", "qtilde: a best fit below zero counts as zero signal (usual)"),
    ("q", "q: the signal strength may be negative where the measurement's bounds allow it"),
)


class FitOptionsBox(QWidget):
    """Check boxes; the advanced ones are folded away, and the fold says which of them are on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reference = "pyhf"
        self._explanations: dict[QCheckBox, str] = {}
        self._limits = self._check_box(
            "Upper limits on μ",
            "Also the upper limits on the signal strength μ at 95 % CL: observed, expected and its band",
        )
        self._check = self._check_box("Check", "")
        self._toys = self._check_box(
            "Pseudo-experiments",
            "Also CLs from so many pseudo-experiments (toys) of each hypothesis, without asymptotic formulae",
        )
        self._discovery = self._check_box(
            "Discovery p-value, p₀",
            "Also the p-value of the background-only hypothesis (test statistic q0)",
        )
        self._non_negative = self._check_box(
            "Second opinion, rates ≥ 0",
            "Where a sample's rate is negative at a minimum: CLs once more, with every rate at zero or above",
        )
        self._toys_number = _spin(FEWEST_TOYS, MOST_TOYS, USUAL_TOYS)
        self._toys_number.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
        describe(
            self._toys_number,
            "Pseudo-experiments per hypothesis",
            f"How many of each hypothesis; with fewer than {ENOUGH_TOYS} the error of CLs is too large to "
            "tell whether a signal is excluded",
        )
        self._few_toys = text_label("So few give CLs with a large error", role="warning", wrap=True)
        self._wishes: dict[QCheckBox, bool] = {}
        """What was ticked before an engine was chosen that lacks it."""
        self._check_number = _spin(1, MOST_CHECKED, USUAL_CHECKED)
        describe(self._check_number, "Points to check", "How many points are fitted again by another engine")
        self._seed = _spin(0, LARGEST_SEED, 0)
        describe(
            self._seed,
            "Seed",
            "Of pseudo-experiments, and of the choice of points to check: the same seed, the same numbers",
        )
        self._statistic = QComboBox()
        self._statistic.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._statistic.setMinimumContentsLength(7)
        for index, (name, explanation) in enumerate(STATISTICS):
            self._statistic.addItem(name, name)
            self._statistic.setItemData(index, explanation, Qt.ItemDataRole.ToolTipRole)
        describe(self._statistic, "Test statistic", "\n".join(explanation for _, explanation in STATISTICS))
        self._fold = QToolButton()
        self._fold.setCheckable(True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fold.toggled.connect(self._show)
        self._folded = self._make_folded()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        for widget in (self._limits, self._check, self._fold, self._folded):
            column.addWidget(widget)
        for spin in (self._toys_number, self._check_number, self._seed):
            spin.valueChanged.connect(self._show)
        self._statistic.currentIndexChanged.connect(self._show)
        self._check.setChecked(True)
        self._show()

    @property
    def check_points(self) -> int:
        """How many points are to be checked with pyhf after the run; 0 for none."""
        return self._check_number.value() if self._on(self._check) else 0

    @property
    def points_per_check(self) -> int:
        """How many points a check takes, whether or not one is asked for with the run."""
        return self._check_number.value()

    @property
    def seed(self) -> int:
        """Of pseudo-experiments and of the choice of points to check."""
        return self._seed.value()

    def of(self, engine: FitOptions) -> FitOptions:
        """The options of an engine together with what is asked for here."""
        return msgspec.structs.replace(
            engine,
            limits=self._on(self._limits),
            discovery=self._on(self._discovery),
            toys=self._toys_number.value() if self._on(self._toys) else 0,
            seed=self.seed,
            non_negative=self._on(self._non_negative),
            test_statistic=self._statistic.currentData(),
        )

    def offer(self, engine: EngineChoice) -> None:
        """Disable what the engine lacks, and say why."""
        self._reference = reference_engine(engine.options.engine)
        for box, field in (
            (self._toys, "toys"),
            (self._non_negative, "non_negative"),
            (self._limits, "limits"),
            (self._discovery, "discovery"),
        ):
            reason = engine.lacks.get(field, "")
            if reason and box not in self._wishes:
                # A tick in a grey box would look as if it were asked for.
                self._wishes[box] = box.isChecked()
                box.setChecked(False)
            elif not reason and box in self._wishes:
                box.setChecked(self._wishes.pop(box))
            box.setEnabled(not reason)
            explanation = self._explanations[box]
            describe(box, box.text(), f"Not with this engine: {reason}" if reason else explanation)
        self._show()

    def state(self) -> dict[str, int | str]:
        """What to remember until the next session."""
        return {
            "limits": int(self._limits.isChecked()),
            "check": int(self._check.isChecked()),
            "points": self._check_number.value(),
        }

    def restore(self, state: Mapping[str, object] | None) -> None:
        """Take up what was remembered, if anything was; what is strange in it is passed over."""
        if state is None:
            return
        for name, box in (("limits", self._limits), ("check", self._check)):
            box.setChecked(str(state.get(name)) == "1")
        points = str(state.get("points", ""))
        if points.isascii() and points.isdigit():
            self._check_number.setValue(int(points))

    def _make_folded(self) -> QWidget:
        inside = QWidget()
        form = QFormLayout(inside)
        form.setContentsMargins(theme.SPACING, 0, 0, 0)
        form.setSpacing(theme.SPACING)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self._toys, self._toys_number)
        form.addRow(self._few_toys)
        for title, field in (
            ("Seed", self._seed),
            ("Points to check", self._check_number),
        ):
            label = text_label(title)
            label.setBuddy(field)
            form.addRow(label, field)
        form.addRow(self._discovery)
        form.addRow(self._non_negative)
        label = text_label("Statistic")
        label.setBuddy(self._statistic)
        row = QHBoxLayout()  # its own: the labels above are wide
        row.addWidget(label)
        row.addWidget(self._statistic, stretch=1)
        form.addRow(row)
        return inside

    def _check_box(self, text: str, explanation: str) -> QCheckBox:
        box = QCheckBox(text)
        self._explanations[box] = explanation
        describe(box, text, explanation)
        box.toggled.connect(self._show)
        return box

    def _on(self, box: QCheckBox) -> bool:
        return box.isEnabledTo(self) and box.isChecked()

    def _show(self) -> None:
        """Bring texts and enabled states up to date."""
        points = words.count(self._check_number.value(), "point")
        self._check.setText(f"Check with {self._reference} ({points})")
        describe(
            self._check,
            f"Check with {self._reference}",
            f"After the run, in the background, fit a sample of points again with {self._reference} and show "
            "the largest difference",
        )
        self._toys_number.setEnabled(self._on(self._toys))
        few = self._toys_number.value() < ENOUGH_TOYS
        self._few_toys.setVisible(few and self._on(self._toys))
        self._seed.setEnabled(self._on(self._toys) or self._on(self._check))
        open_ = self._fold.isChecked()
        self._folded.setVisible(open_)
        self._fold.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        inside = (
            (self._on(self._toys), "toys"),
            (self._on(self._discovery), "p₀"),
            (self._on(self._non_negative), "rates ≥ 0"),
            (self._statistic.currentIndex() > 0, "q"),
        )
        on = ", ".join(word for active, word in inside if active)
        self._fold.setText(f"More: {on}" if on and not open_ else "More")
        describe(
            self._fold,
            "More options",
            "Pseudo-experiments, seed, points to check, discovery p-value, second opinion, test statistic",
        )


def _spin(least: int, most: int, value: int, *, step: int = 1) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(least, most)
    spin.setValue(value)
    spin.setSingleStep(step)
    # As wide as its largest number, a spin box would make the panel wider than anyone needs.
    spin.setMinimumWidth(SPIN_WIDTH)
    return spin
