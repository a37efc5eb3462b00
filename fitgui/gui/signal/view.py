"""The tab in which somebody types a signal of his own and reads whether it is excluded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QFocusEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.analysis_choice import Shown
from fitgui.gui.result_view import ResultView, ViewContext
from fitgui.gui.signal.answering.answers import Answers, Judgement
from fitgui.gui.signal.answering.wording import (
    EMPTY,
    FITTING,
    NO_PALLET,
    NOT_YET,
    PREPARING,
    READING,
    brought_along,
    kept_there,
    standing,
    told_of,
    unusable,
)
from fitgui.gui.signal.drafting.draft import (
    Draft,
    carried_over,
    draft_of,
    is_untouched,
    problems,
    signal_of,
    treatments_of,
)
from fitgui.gui.signal.drafting.edits import Sheet
from fitgui.gui.signal.drafting.remembering import Begun, Drafts, begin
from fitgui.gui.signal.form.form import SignalForm
from fitgui.gui.signal.form.published_choice import choose_published
from fitgui.pallets import Analysis, SignalPoint
from fitgui.reinterpretation.findings import by_importance
from fitgui.reinterpretation.model import Finding, Signal, SignalError, Target, Treatment
from fitgui.reinterpretation.target.published import signal_of_point, treatments_of_point

LOOK_AGAIN_MILLISECONDS: Final = 200
KEEP_MILLISECONDS: Final = 500
"""After the last change, before a draft is written down."""
NOTHING_YET: Final = "There is nothing to fit yet: type or paste the yields of your signal."
CONFIRM_FIRST: Final = "If it is right as it is, press “Fit it anyway” first."
MEND_FIRST: Final = "Nothing is fitted before that."
FORM: Final = "form"
"""The page on which yields are typed."""


class SignalView(ResultView):
    """A stack of pages: the form, and what leads to it or from it (mapping regions, comparing analyses)."""

    title = "Your signal"
    tip = "Type, paste or import the yields of your own signal: whether this analysis excludes it"
    about_run = False
    import_wanted = QtSignal(object)
    """Yields under names of their own are to be mapped: pasted text (``str``) or a path (``Path``)."""
    file_wanted = QtSignal()
    """A file of yields is to be chosen."""
    template_wanted = QtSignal()
    """An empty file of yields for the target is to be written."""
    run_wanted = QtSignal(object)
    """These signals (a tuple of :class:`Signal`) are to be fitted as a plan."""
    compare_wanted = QtSignal()
    """The signal is to be fitted against several analyses."""

    def __init__(self, context: ViewContext) -> None:
        super().__init__(context)
        self._shown: Shown | None = None
        self._target: Target | None = None
        self._selected: set[str] = set()
        self._drafts = Drafts(context.settings)
        self._judged: tuple[Draft, Judgement] | None = None
        """What is known, and of which draft: while somebody types it is an earlier one."""
        self._wanted: Analysis | None = None
        """Whose target is being made, or is made."""
        self._left: tuple[Target, Draft] | None = None
        """What stood in the form before another analysis was chosen."""
        self._waiting: tuple[Analysis, Signal, tuple[Finding, ...], Mapping[str, Treatment] | None] | None
        self._waiting = None
        """That was to be shown for an analysis before its target was made."""
        self._asked: Draft | None = None
        """The draft that was asked about last."""
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(KEEP_MILLISECONDS)
        self._keeping.timeout.connect(self._drafts.keep)
        bench = context.workbench
        self._answers = Answers(bench.bridge, lambda: bench.live_answers, self)
        self.form = SignalForm(context.look)
        self.stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACING, 0, 0)
        column.addWidget(self.stack)
        self.add_page(FORM, self.form)
        self._connect()
        self.form.show_sheet(None, Sheet())

    @property
    def target(self) -> Target | None:
        """The analysis on show as a signal sees it; ``None`` until it is known, or where it takes none."""
        return self._target

    @property
    def signal(self) -> Signal | None:
        """What stands in the form, scaled; ``None`` where nothing does, or something is no number."""
        target, draft = self._target, self.form.sheet.live
        if target is None or draft.is_empty or problems(draft, target):
            return None
        return signal_of(draft, target)

    @property
    def treatments(self) -> Mapping[str, Treatment]:
        """What was chosen for channels for which no yields stand in the form."""
        return {} if self._target is None else treatments_of(self.form.sheet.live, self._target)

    @property
    def judgement(self) -> Judgement | None:
        """What is known of that signal; ``None`` until something is."""
        judged = self._judged
        return judged[1] if judged is not None and judged[0] == self.form.sheet.live else None

    @property
    def page(self) -> str:
        """The name of the page in front."""
        return next((name for name, page in self._pages.items() if page is self.stack.currentWidget()), FORM)

    def add_page(self, name: str, page: QWidget) -> None:
        """Put another page into the stack."""
        self._pages[name] = page
        self.stack.addWidget(page)

    def show_page(self, name: str) -> None:
        """Bring a page to the front, ready for the keyboard."""
        page = self._pages[name]
        self.stack.setCurrentWidget(page)
        page.setFocus()

    def show_points(self, shown: Shown) -> None:
        """Another analysis is on show."""
        self._selected = set()
        self._shown = shown
        if self._wanted is not None and self._wanted is not shown.analysis:
            self._put_away()
        self._catch_up()

    def show_selection(self, names: Collection[str]) -> None:
        """The points that are offered first to start from."""
        self._selected = set(names)

    def show_signal(
        self,
        signal: Signal,
        findings: Sequence[Finding] = (),
        treatments: Mapping[str, Treatment] | None = None,
        *,
        of: Analysis | None = None,
    ) -> None:
        """Fill the form with a signal, as one edit that can be undone.

        Args:
            signal: its yields by channel and bin of the analysis.
            findings: what was noticed when it was imported; told with the caveats until the yields change.
            treatments: what becomes of channels without yields.
            of: the analysis that the signal is for; the one on show if not given. Where that is another one
                by now, the signal waits until its own is on show again.
        """
        self.show_page(FORM)
        target, shown = self._target, self._shown
        analysis = of if of is not None or shown is None else shown.analysis
        if analysis is None:
            return
        if target is None or target.analysis is not analysis:
            self._waiting = (analysis, signal, tuple(findings), treatments)
            return
        draft = draft_of(signal, target, treatments=treatments, findings=tuple(findings))
        self.form.sheet.put(draft)

    def start_from(self, point: SignalPoint) -> None:
        """Fill the form with a published signal; it is read on a thread."""
        target = self._target
        if target is None:
            return

        def work() -> Draft:
            return draft_of(
                signal_of_point(target, point),
                target,
                treatments=treatments_of_point(target, point),
                published=point.name,
            )

        def done(draft: Draft) -> None:
            if target is self._target:
                self.form.sheet.put(draft)
                self.form.table.setFocus()

        self.context.workbench.bridge.run(work, done, self._fail)

    def take_over(self, other: SignalView) -> None:
        """The same drafts with their edits, and the same page."""
        self._drafts.take_over(other._drafts)
        self.form.take_over(other.form)
        self._waiting = other._waiting
        self._put_away()
        self._catch_up()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._catch_up()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is for the page in front; a focus proxy would hide the rest of it from the Tab key."""
        super().focusInEvent(event)
        self._pages[self.page].setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """What nobody sees is not worth a core."""
        super().hideEvent(event)
        self._rest()
        self._drafts.keep()

    def _connect(self) -> None:
        form = self.form
        form.changed.connect(self._draft_changed)
        form.import_wanted.connect(self._import)
        form.file_wanted.connect(self.file_wanted)
        form.published_wanted.connect(self._choose_published)
        form.tools.insert("Save a template to fill in…", self.template_wanted.emit)
        form.tools.insert("Compare with other analyses…", self.compare_wanted.emit)
        form.tools.insert("Fit as a run…", self._run)
        form.strip.insisted.connect(self._insist)
        self.stack.currentChanged.connect(lambda _page: self._turned())
        self._answers.judged.connect(self._judge)
        self._answers.background_known.connect(form.show_background)

    def _catch_up(self) -> None:
        """Make the target of the analysis on show, once somebody looks; ask about what stands in the form."""
        shown, pallet = self._shown, self.context.workbench.pallet
        if not self.isVisible():
            return
        if shown is None or pallet is None:
            self.form.strip.tell(NO_PALLET)
            return
        analysis = shown.analysis
        if self._target is not None and self._target.analysis is analysis:
            self._draft_changed()
        elif self._wanted is not analysis:
            self._wanted = analysis
            self.form.strip.tell(PREPARING)
            kept = self._drafts.kept(analysis)
            self.context.workbench.bridge.run(
                lambda: begin(pallet, analysis, kept),
                lambda begun: self._begin(analysis, begun),
                lambda error: self._cannot(analysis, error),
            )

    def _put_away(self) -> None:
        """What stands in the form is about an analysis that is not on show any more."""
        self.form.finish_typing()
        if self._target is not None:
            self._left = (self._target, self.form.sheet.draft)
        self._wanted = self._target = self._judged = None
        self._rest()
        self.form.show_sheet(None, Sheet())
        self.form.findings.show_findings(())
        self.form.strip.tell(PREPARING)

    def _rest(self) -> None:
        """Nobody waits for an answer; who comes back asks again, as others may have asked meanwhile."""
        self._answers.forget()
        self._asked = None

    def _turned(self) -> None:
        """Another page is in front."""
        if self.page == FORM:
            self._draft_changed()
        else:
            self._rest()

    def _begin(self, analysis: Analysis, begun: Begun) -> None:
        """The target is made."""
        if analysis is not self._wanted:
            return
        self._target = begun.target
        self._answers.ask_background(begun.target)
        self.form.show_sheet(begun.target, self._drafts.sheet(begun))
        left, self._left = self._left, None
        if self._waiting is not None and self._waiting[0] is analysis:
            _, signal, findings, treatments = self._waiting
            self._waiting = None
            self.show_signal(signal, findings, treatments, of=analysis)
        elif left is not None and left[0].pallet == begun.target.pallet:
            self._bring_along(*left)

    def _bring_along(self, before: Target, draft: Draft) -> None:
        """Yields of regions that this analysis has, too; what stood here before comes first."""
        target = self._target
        if target is None or draft.is_empty:
            return
        if not self.form.sheet.draft.is_empty:
            self.form.say(f"These yields stood here before. {kept_there(before)}")
            return
        carried, left = carried_over(draft, before, target)
        if not carried.is_empty:
            self.form.sheet.put(carried)
        self.form.say(brought_along(carried, left, before))

    def _cannot(self, analysis: Analysis, error: Exception) -> None:
        if analysis is self._wanted:
            known = isinstance(error, SignalError)
            self.form.strip.tell(unusable(str(error) if known else f"The analysis cannot be used: {error}"))

    def _draft_changed(self) -> None:
        """Ask about it, or say why not; the last answer stays, dimmed, until there is a newer one."""
        target, draft = self._target, self.form.sheet.live
        if target is None:
            return
        self._drafts.changed(target)
        self._keeping.start()
        if not self.form.isVisible():
            return
        self.form.stand(standing(draft, untouched=is_untouched(draft)))
        wrong = next(iter(self.form.model.wrong.values()), "")
        if draft.is_empty or wrong:
            self._rest()
            self._judged = None
            self.form.findings.show_findings(())
            self.form.strip.tell(unusable(wrong, NOT_YET) if wrong else EMPTY)
        elif draft != self._asked:
            self._asked = draft
            if self._judged is None:
                self.form.strip.tell(FITTING)
            self.form.strip.dim()
            self._answers.ask(target, draft, None if self._shown is None else self._shown.bound)

    def _judge(self, judgement: Judgement) -> None:
        """More is known of what stands in the form."""
        if self._asked is None:
            return
        self._judged = self._asked, judgement
        # What the strip says is not said twice.
        self.form.findings.show_findings(
            by_importance(one for one in judgement.findings if one.sentence != judgement.refusal)
        )
        told = told_of(judgement, self.form.sheet.live)
        if told is not None:
            self.form.strip.tell(told)

    def _import(self, text: str) -> None:
        """Say that it is being read until it has been: what comes of it is told elsewhere."""
        self.form.say(READING)
        self.import_wanted.emit(text)
        self._until_read()

    def _until_read(self) -> None:
        if not self.context.workbench.bridge.idle:
            QTimer.singleShot(LOOK_AGAIN_MILLISECONDS, self, self._until_read)
        elif self.form.note.text() == READING:
            self.form.say("")

    def _insist(self) -> None:
        if (judgement := self.judgement) is not None:
            self.form.sheet.confirm(judgement.to_confirm)

    def _choose_published(self) -> None:
        shown = self._shown
        if shown is not None and self._target is not None:
            choose_published(self.window(), shown, self._selected, self.start_from)

    def _run(self) -> None:
        signal, judgement = self.signal, self.judgement
        if signal is None:
            wrong = next(iter(self.form.model.wrong.values()), "")
            self._fail(SignalError(wrong or NOTHING_YET))
        elif judgement is None:
            self._fail(SignalError("Your signal is still being looked over: try again in a moment."))
        elif judgement.refusal:
            advice = CONFIRM_FIRST if judgement.to_confirm else MEND_FIRST
            self._fail(SignalError(f"{words.capital(judgement.refusal)} {advice}"))
        else:
            self.run_wanted.emit((signal,))

    def _fail(self, error: Exception) -> None:
        self.context.say("warning", str(error))
