"""What a run is asked to do, and what of it is kept in the journal.

The journal keeps a plan without the workspace and the patches: they stand in the pallet, and their digests
tell whether a pallet that is opened again still holds the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from fitgui.pallets.model import Analysis, Coordinate, Pallet, SignalPoint
from fitgui.pallets.poi import poi_problem
from fitgui_backends.contract import FitOptions, FitPoint, Place, Plan
from fitgui_backends.histfactory.summary import poi_name


class RunError(Exception):
    """A run cannot be started, resumed or read; the text is one sentence: what is wrong, what to do."""


class PalletReference(msgspec.Struct, frozen=True, kw_only=True):
    """Which pallet a run belongs to."""

    name: str
    source: str
    """The absolute path, the DOI or the bundled name that it can be opened from again."""
    digest: str


class AnalysisReference(msgspec.Struct, frozen=True, kw_only=True):
    """Which analysis of the pallet, and what a reader wants to know about it."""

    name: str
    digest: str
    """sha256 of the workspace's canonical JSON."""
    labels: tuple[str, ...]
    """The coordinates' names."""
    channels: tuple[str, ...]
    bins: int
    parameters: int
    poi: str | None
    """Of the measurement that is fitted."""
    measurements: tuple[str, ...] = ()
    """All there are; empty for a run of fitgui 0.1.0 before they were recorded."""
    references: tuple[str, ...] = ()
    """The records that its patch sets name; empty for a run before they were recorded."""
    own_signal: str = ""
    """What the signals are, where they are the user's own rather than published ones."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to have a sample of the points fitted again by the other engine."""

    points: int = 3
    """How many; fewer where the run has fewer results."""
    seed: int = 0
    """Chooses them: the same points of the same run for the same seed."""


class RunPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A backend's plan together with where it comes from."""

    pallet: PalletReference
    analysis: AnalysisReference
    values: dict[str, dict[str, float | str]]
    """Coordinates by label, by point."""
    backend: str
    plan: Plan
    points_digest: str
    """sha256 over the names and patches of the points, in their order."""
    check: Check | None = None
    """Which sample of the results is compared with the other engine, once all points are final."""

    @property
    def points(self) -> tuple[str, ...]:
        """The names of the points, in order."""
        return tuple(point.name for point in self.plan.points)

    def places(self, names: Iterable[str] | None = None) -> list[SignalPoint]:
        """Points with their coordinates; their patches stay in the pallet.

        Args:
            names: of some of them; all of them without.
        """
        chosen = self.points if names is None else names
        return [SignalPoint(name, self.values.get(name, {}), b"", "") for name in chosen]

    @property
    def measurement(self) -> str | None:
        """The measurement that is fitted: the one that was chosen, else the first."""
        return self.plan.measurement or next(iter(self.analysis.measurements), None)

    def adapted(self, *, workers: int | None, timeout_seconds: float | None) -> RunPlan:
        """The plan for another machine; what decides the numbers stays.

        Args:
            workers: how many points at once; ``None`` leaves it.
            timeout_seconds: for each point; zero waits for ever, ``None`` leaves it.
        """
        plan = self.plan
        if workers is not None:
            plan = msgspec.structs.replace(plan, workers=workers)
        if timeout_seconds is not None:
            options = msgspec.structs.replace(plan.options, timeout_seconds=timeout_seconds or None)
            plan = msgspec.structs.replace(plan, options=options)
        return msgspec.structs.replace(self, plan=plan)

    def without_documents(self) -> RunPlan:
        """The plan as the journal keeps it: names, digests and options, no workspace, no patches."""
        points = tuple(FitPoint(name=point.name, operations=b"") for point in self.plan.points)
        return msgspec.structs.replace(
            self, plan=msgspec.structs.replace(self.plan, workspace=b"", points=points)
        )

    def analysis_in(self, pallet: Pallet) -> Analysis | None:
        """The analysis of the run in a pallet that was opened again, by its workspace; ``None`` without.

        Of several with the same workspace it is the one of that name, or else the first.
        """
        same = [analysis for analysis in pallet.analyses if analysis.digest == self.analysis.digest]
        return next((found for found in same if found.name == self.analysis.name), next(iter(same), None))

    def with_documents(self, pallet: Pallet) -> RunPlan:
        """The plan complete again, from a pallet that was opened again.

        Raises:
            RunError: if the pallet no longer holds the same workspace and patches.
        """
        changed = f"{pallet.source} is not the pallet that this run was started with: "
        remedy = "; open the original, or start a new run"
        analysis = self.analysis_in(pallet)
        if analysis is None:
            raise RunError(f"{changed}the workspace of analysis {self.analysis.name} is another one{remedy}")
        by_name = {point.name: point for point in analysis.points}
        missing = [name for name in self.points if name not in by_name]
        if missing:
            raise RunError(f"{changed}it lacks {_some(missing)}{remedy}")
        chosen = [by_name[name] for name in self.points]
        # A pallet that was merely packed again has another digest; what counts is what is fitted.
        if pallet.digest != self.pallet.digest and digest_of_points(chosen) != self.points_digest:
            raise RunError(f"{changed}the patches of its points differ{remedy}")
        plan = msgspec.structs.replace(
            self.plan, workspace=analysis.workspace_json, points=tuple(_fit_point(point) for point in chosen)
        )
        return msgspec.structs.replace(self, plan=plan)

    def only(self, names: Iterable[str]) -> Plan:
        """The backend's plan for some of the points, in the order of the run."""
        wanted = set(names)
        points = tuple(point for point in self.plan.points if point.name in wanted)
        return msgspec.structs.replace(self.plan, points=points)


def make_plan(
    pallet: Pallet,
    analysis: Analysis,
    points: Sequence[SignalPoint],
    options: FitOptions,
    *,
    backend: str = "local",
    workers: int | None = None,
    place: Place | None = None,
    measurement: str | None = None,
    check: Check | None = None,
) -> RunPlan:
    """Plan the fits of some points of an analysis.

    Args:
        pallet: where the analysis comes from; its source is kept as an absolute path if it is a path.
        analysis: the workspace.
        points: which points, in which order; names must be unique.
        options: how each is fitted.
        backend: the name of the backend.
        workers: how many points at once; ``None`` leaves it to the backend.
        place: where, for a backend that has several places.
        measurement: the measurement that defines the POI; ``None`` takes the first.
        check: compare a sample of the results with the other engine; ``None`` does not.

    Raises:
        RunError: if there is nothing to fit, a name stands twice, there is no such measurement, nothing
            depends on its parameter of interest, or the check has no points.
    """
    if check is not None and check.points < 1:
        raise RunError(f"a check needs at least one point, not {check.points}")
    if not points:
        raise RunError(
            f"analysis {analysis.name} of {pallet.name} has no signal points to fit: choose another"
        )
    if measurement is not None and measurement not in analysis.measurements:
        raise RunError(
            f"analysis {analysis.name} has no measurement {measurement}: choose one of "
            f"{', '.join(analysis.measurements)}"
        )
    if (problem := poi_problem(analysis, points, measurement)) is not None:
        raise RunError(problem.rstrip("."))
    names = [point.name for point in points]
    if len(set(names)) != len(names):
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        raise RunError(f"{_some(twice)} chosen more than once: choose each point once")
    try:
        "".join(names).encode()
    except UnicodeEncodeError as error:
        raise RunError(
            f"{pallet.name} names points with characters that no file can hold: rename them"
        ) from error
    source = pallet.source
    if source != "example" and Path(source).exists():
        source = str(Path(source).absolute())
    # A path may hold bytes that are no text; the journal can only keep text.
    source = source.encode("utf-8", "backslashreplace").decode()
    return RunPlan(
        pallet=PalletReference(name=pallet.name, source=source, digest=pallet.digest),
        analysis=AnalysisReference(
            name=analysis.name,
            digest=analysis.digest,
            labels=analysis.labels,
            channels=tuple(channel.name for channel in analysis.channels),
            bins=analysis.bins,
            parameters=analysis.parameters,
            poi=analysis.poi if measurement is None else poi_name(analysis.workspace, measurement),
            measurements=analysis.measurements,
            references=analysis.references,
            own_signal=analysis.own_signal,
        ),
        values={
            point.name: {label: _plain(value) for label, value in point.values.items()} for point in points
        },
        backend=backend,
        plan=Plan(
            workspace=analysis.workspace_json,
            workspace_digest=analysis.digest,
            measurement=measurement,
            points=tuple(_fit_point(point) for point in points),
            options=options,
            workers=workers,
            place=place,
        ),
        points_digest=digest_of_points(points),
        check=check,
    )


def digest_of_points(points: Iterable[SignalPoint]) -> str:
    """sha256 over the names and patches of the points, in their order; hexadecimal."""
    digest = hashlib.sha256()
    for point in points:
        digest.update(f"{len(point.name)}:{point.name}:{len(point.operations)}:".encode())
        digest.update(point.operations)
    return digest.hexdigest()


def _fit_point(point: SignalPoint) -> FitPoint:
    return FitPoint(name=point.name, operations=point.operations)


def _plain(value: Coordinate) -> float | str:
    return value if isinstance(value, str) else float(value)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"point {shown}" if len(names) == 1 else f"points {shown}" + (" ..." if len(names) > 3 else "")
