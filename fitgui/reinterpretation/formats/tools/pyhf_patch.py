"""A pyhf patch (a list of operations) or a patch set: somebody's signal in the form of published ones.

A patch says what becomes of a workspace, so it can only be understood together with that workspace: the
yields of its regions (``channel`` or ``channel[bin]``) are read off the patched one. The operations
themselves are kept, and fitted as they are as long as nothing is changed.

After the specification of patch sets (pyhf.readthedocs.io, "Fundamentals of the HistFactory";
``patchset.json`` of its schema 1.0.0) and RFC 6902.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fitgui.pallets.coordinates import coordinates_from_names, from_published
from fitgui.pallets.documents import (
    NotJson,
    NotUsable,
    OperationsDocument,
    PatchSetDocument,
    RawPoint,
    Unrelated,
    WorkspaceDocument,
    recognise_document,
)
from fitgui.pallets.jsontext import DocumentError, as_utf8
from fitgui.pallets.model import SignalPoint
from fitgui.pallets.pairing import patched
from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.texts import listed, stem
from fitgui.reinterpretation.formats.tools.patch_origin import changed_finding, facts_of, origin_finding
from fitgui.reinterpretation.model import (
    Finding,
    Imported,
    ImportedPoint,
    Quantity,
    RegionYield,
    Signal,
    SignalError,
    Target,
)
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui_backends.histfactory.canonical import digest
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.size import Allowance

TOOL = "pyhf"
_SIGNS = (
    (b'"op"', b'"path"'),
    (b'"patches"',),
    (b'"patch"', b'"metadata"'),
    (b'"channels"', b'"observations"'),
    (b'"channels"', b'"measurements"'),
    (b'"distributions"', b'"likelihoods"'),
)
"""Keys that occur together in patches, patch sets and workspaces (the last ones in HS3)."""
_HEAD = 1 << 20
_SET = "patches"


def looks_like(text: str | bytes, name: str) -> bool:  # noqa: ARG001  # the form that all readers have
    """Whether it is JSON with the keys of a patch, a patch set or a workspace."""
    data = _bytes(text)
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"[", b"{"):
        return False
    start = data[:_HEAD]
    return any(all(key in start for key in keys) for keys in _SIGNS)


def read(text: str | bytes, name: str, target: Target | None = None) -> tuple[Imported, ...]:
    """Read the points of a patch, or of a patch set.

    Args:
        text: The content of the file.
        name: Of the file; a patch without a name of its own is called after it.
        target: The analysis that the patches are for.

    Returns:
        One, with a point for each patch; points whose patch does not fit are left out, and a note tells.

    Raises:
        SignalError: if it is no patch, no patch fits to the target, or there is no target.
    """
    document = _document(_bytes(text), name, target)
    labels, points = _points(document, name)
    if target is None:
        raise SignalError(
            f"{name} is a pyhf patch, and only together with its workspace a patch says what its numbers "
            "are: open the "
            "analysis that it was made for first."
        )
    # A digest that was compared says for which workspace the patches are; else only they themselves do.
    doubted = not (isinstance(document, PatchSetDocument) and document.digests)
    found: list[ImportedPoint] = []
    failed: list[str] = []
    reason = ""
    strange: dict[str, str] = {}
    changed: dict[str, None] = {}
    for point in points:
        try:
            signal = _signal(target, point, checked=not found and not failed)
            facts = facts_of(target, point, doubted=doubted)
        except SignalError as error:
            reason = reason or str(error)
            failed.append(point.name)
            continue
        found.append(
            ImportedPoint(
                name=point.name,
                values=point.values,
                regions=regions_of(target, signal),
                quantity=Quantity.EVENTS,
                patch=point.operations,
                dropped=facts.dropped,
                with_luminosity=signal.with_luminosity,
            )
        )
        if facts.origin:
            strange[point.name] = facts.origin
        changed |= dict.fromkeys(facts.changed)
    if not found:
        raise SignalError(
            f"{name} does not fit to analysis {target.analysis.name}, so it was made for another "
            f"workspace: {reason}"
        )
    notes = (
        (f"{len(failed)} patches do not fit and were left out ({listed(failed)}): {reason}",)
        if failed
        else ()
    )
    return (
        Imported(
            tool=TOOL,
            source=name,
            analysis=target.analysis.name,
            labels=labels,
            points=tuple(found),
            luminosity_fb=target.luminosity_fb,
            notes=notes,
            findings=_findings(target, name, strange, changed),
        ),
    )


def _findings(
    target: Target, name: str, strange: Mapping[str, str], changed: Mapping[str, None]
) -> tuple[Finding, ...]:
    """What is odd about the patches; of several that seem to be for another workspace the first is told."""
    found = []
    if strange:
        first, clause = next(iter(strange.items()))
        what = f"in {first} and {len(strange) - 1} more, {clause}" if len(strange) > 1 else clause
        found.append(origin_finding(target, name, what))
    if changed:
        found.append(changed_finding(name, changed))
    return tuple(found)


def _signal(target: Target, point: SignalPoint, *, checked: bool) -> Signal:
    """A patch as a signal; the patched workspace is looked over where that is asked, or something is odd."""
    try:
        if checked:
            patched(target.analysis.workspace, point.operations)
        return signal_of_point(target, point)
    except HistFactoryError as error:
        raise SignalError(f"the patch of point {point.name} cannot be applied: {error}.") from error
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        if not checked:
            return _signal(target, point, checked=True)
        raise SignalError(f"the patch of point {point.name} adds no valid sample.") from error


def regions_of(target: Target, signal: Signal) -> tuple[RegionYield, ...]:
    """A signal as regions that are called as the bins of its target are."""
    regions = []
    for channel in target.channels:
        for index, value in enumerate(signal.yields.get(channel.name, ())):
            systematics = {}
            uncorrelated = set()
            for one in signal.systematics:
                up, down = one.up.get(channel.name), one.down.get(channel.name)
                change = (down[index] if down else 0.0, up[index] if up else 0.0)
                if change == (0.0, 0.0):
                    continue
                systematics[one.name] = change
                if not one.correlated:
                    uncorrelated.add(one.name)
            statistical = signal.statistical.get(channel.name)
            simulated = signal.simulated.get(channel.name)
            regions.append(
                RegionYield(
                    region=channel.name if channel.bins == 1 else f"{channel.name}[{index}]",
                    value=value,
                    statistical=statistical[index] if statistical else None,
                    systematics=systematics,
                    uncorrelated=frozenset(uncorrelated),
                    simulated=simulated[index] if simulated else None,
                )
            )
    return tuple(regions)


def _bytes(text: str | bytes) -> bytes:
    """The text in UTF-8; bytes that are no text stay as they are."""
    if isinstance(text, str):
        return text.encode("utf-8", "replace")
    try:
        return as_utf8(text) if text.startswith((b"\xff\xfe", b"\xfe\xff")) else text
    except DocumentError:
        return text


def _document(data: bytes, name: str, target: Target | None) -> PatchSetDocument | OperationsDocument:
    try:
        documents = recognise_document(name, data, Allowance())
    except NotUsable as error:
        raise SignalError(f"{name} {error}.") from error
    except (Unrelated, NotJson) as error:
        raise SignalError(f"{name} is no pyhf patch and no patch set.") from error
    document = documents[0] if len(documents) == 1 else None
    if document is None or isinstance(document, WorkspaceDocument):
        raise SignalError(
            f"{name} is a whole workspace, not a signal: open it as a pallet, or choose its patch or "
            "patch set."
        )
    if isinstance(document, PatchSetDocument) and target is not None:
        _check_digests(document, name, target)
    return document


def _check_digests(document: PatchSetDocument, name: str, target: Target) -> None:
    """Refuse a patch set that names another workspace."""
    for algorithm, value in document.digests.items():
        own = target.analysis.digest
        if algorithm != "sha256":
            own = digest(target.analysis.workspace, algorithm)
        if own != value:
            raise SignalError(
                f"{name} was made for another workspace than that of analysis {target.analysis.name}: it "
                "names the digest "
                f"{value[:8]}…, and this one has {own[:8]}…; open the analysis that it belongs to."
            )


def _points(
    document: PatchSetDocument | OperationsDocument, name: str
) -> tuple[tuple[str, ...], list[SignalPoint]]:
    if isinstance(document, OperationsDocument):
        raw = [document.point or RawPoint(stem(name), None, document.operations)]
        labels: Sequence[str] = ()
    else:
        raw, labels = list(document.points), document.labels
    names, values, _wrong = from_published(labels, [point.values or () for point in raw])
    if not names and len(raw) > 1 and all(point.named for point in raw):
        names, values = coordinates_from_names([point.name for point in raw])
    called: dict[str, int] = {}
    points = []
    for point, where in zip(raw, values, strict=True):
        own = shown(point.name, 200)
        called[own] = called.get(own, 0) + 1
        points.append(
            SignalPoint(
                name=own if called[own] == 1 else f"{own}_{called[own]}",
                values=where,
                operations=point.operations,
                patch_set=_SET,
            )
        )
    return names, points
