"""What the headings of a table of signal yields mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.tables.directions import directions_in, side_of
from fitgui.reinterpretation.model import Quantity, SignalError
from fitgui.reinterpretation.units import femtobarns


class Role(StrEnum):
    """What a column holds."""

    POINT = "name of the model point"
    REGION = "region"
    CHANNEL = "channel"
    BIN = "bin"
    YIELD = "yield"
    STATISTICAL = "statistical uncertainty"
    SYSTEMATIC = "systematic uncertainty"
    SIMULATED = "simulated events"
    CROSS_SECTION = "cross section"
    PARAMETER = "parameter"
    IGNORED = "not used"
    OTHER = "not known"
    """A parameter, or the yields of a region."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    at: int
    """Its place, counted from 0."""
    heading: str
    """As it stands in the file."""
    role: Role
    name: str = ""
    """The label of a parameter, the region of yields, or the name of a systematic uncertainty."""
    side: str = ""
    """``up``, ``down``, or empty for both: of a systematic uncertainty."""
    correlated: bool = True
    region: str = ""
    """That an uncertainty is for, in a table of one line for each point; empty for all."""
    factor: float = 1.0
    """To GeV, fb, or a fraction of one."""
    unit: str = ""
    """In the brackets of the heading."""
    quantity: Quantity | None = None
    """Of yields, where the heading says so."""

    @property
    def relative(self) -> bool:
        """Whether the heading says that the numbers are in percent."""
        return self.unit.lower() in ("%", "percent")


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known from elsewhere: comments of the file, the target."""

    parameters: Collection[str] = ()
    """Columns that the file says are parameters."""
    regions: Collection[str] = ()
    """Columns that the file says are regions."""
    known_regions: frozenset[str] = field(default_factory=frozenset)
    """Of the target: channels, and bins as they are written."""
    labels: Collection[str] = ()
    """Of the parameters of the target."""


_WORDS = {
    Role.POINT: "name point model modelpoint pointname modelname signalpoint benchmark",
    Role.REGION: "region regions sr signalregion regionname srname searchregion",
    Role.CHANNEL: "channel channelname",
    Role.BIN: "bin binnumber binindex ibin",
    Role.YIELD: "yield yields events event nevents signal signalyield signalyields signalevents"
    " expectedsignal nsig nsignal s n efficiency eff acceptance acc axe ae a*e accxeff acc*eff axeff "
    "acceptancexefficiency acceptance*efficiency acceptancetimesefficiency visiblecrosssection sigmavis "
    "visiblexsec xsecvis σvis",
    Role.STATISTICAL: "stat stats statistical statunc staterr staterror statuncertainty mcstat mcstatunc"
    " statisticaluncertainty statisticalerror error err unc uncertainty yielderr yieldunc yieldstat ± +/- +-",
    Role.SIMULATED: "simulated simulatedevents raw rawevents unweighted unweightedevents mcevents nmc nraw"
    " rawcount",
    Role.CROSS_SECTION: "xsec xs crosssection sigma σ xsection sigmaprod",
    Role.SYSTEMATIC: "syst sys systematic systunc systematicuncertainty",
    Role.IGNORED: "kind observed obs data background bkg backgrounduncertainty comment note id index no"
    " nr row",
}
"""Headings in lower case without spaces, underscores, points and hyphens."""
_MEANING = {word: role for role, words in _WORDS.items() for word in words.split()}
_EFFICIENCIES = ("eff", "acc", "axe", "ae", "a*e")
_DOUBTFUL = ("error", "err", "unc", "uncertainty", "±", "+/-", "+-", "yielderr", "yieldunc")
"""Headings of uncertainties that do not say of what."""
_UNIT = re.compile(r"\s*[\[(]\s*([^\[\]()]*?)\s*[\])]\s*$")
_UNITS = re.compile(
    r"[numpfaµμ]?b|[kmgt]?ev|%|percent|events?|ns|ps|mm|cm|m|fb-?1|1/fb|[numpfaµ]?b\s*\^?\{?[-−]1\}?",
    re.IGNORECASE,
)
_UNIT_WORD = re.compile(r"(.*?)[\s_]+([npfa]b)$", re.IGNORECASE)
_MASSES = {"ev": 1e-9, "kev": 1e-6, "mev": 1e-3, "gev": 1.0, "tev": 1e3}
_SYSTEMATIC = re.compile(r"(syst|sys|systematic|uncorrelated|uncorr)\s*:\s*(.+)", re.IGNORECASE)
_OF_REGION = re.compile(r"(stat|simulated|raw|yield|events)\s*:\s*(.+)", re.IGNORECASE)
_PARAMETER = re.compile(r"(?:param|parameter|par)\s*:\s*(.+)", re.IGNORECASE)
_LUMINOSITY = re.compile(r"(?:int\w*)?lumi(?:nosity)?")


def columns_of(headings: Sequence[str], hints: Hints, line: int, name: str) -> list[Column]:
    """What the headings say by themselves.

    Args:
        headings: of all columns.
        hints: names that are known count more than what a word usually means.
        line: where they stand.
        name: of the file.

    Raises:
        SignalError: if two are the same, or one cannot be understood.
    """
    columns = []
    for at, heading in enumerate(headings):
        text = heading.strip()
        if text in hints.parameters or text in hints.labels:
            columns.append(parameter_column(at, heading, text, ""))
        elif text in hints.regions or text in hints.known_regions:
            columns.append(Column(at, heading, Role.OTHER, name=text))
        else:
            columns.append(_column(at, heading, f"{name}, line {line}"))
    columns = _with_directions(columns)
    seen: dict[tuple[object, ...], Column] = {}
    for column in columns:
        key: tuple[object, ...] = (
            (column.role, column.name, column.side, column.correlated, column.region)
            if column.role not in (Role.IGNORED, Role.YIELD)
            else (
                column.role,
                column.heading if column.role is Role.IGNORED else column.quantity,
                "",
                True,
                "",
            )
        )
        if key in seen:
            raise SignalError(
                f"{name}, line {line}: columns {seen[key].at + 1} and {column.at + 1} are both headed "
                f"'{shown(column.heading, 60)}'"
                + ("" if seen[key].heading == column.heading else f" (or '{shown(seen[key].heading, 60)}')")
                + ": rename or remove one"
            )
        seen[key] = column
    return columns


def is_heading(text: str) -> bool:
    """Whether a text is a heading that tells by itself what its column is."""
    try:
        return _column(0, text, "").role not in (Role.OTHER, Role.IGNORED)
    except SignalError:
        return True


def is_doubtful(column: Column) -> bool:
    """Whether an uncertainty is only taken as a statistical one."""
    return (
        column.role is Role.STATISTICAL
        and not column.region
        and _key(_unit_apart(column.heading)[0]) in _DOUBTFUL
    )


def is_acceptance(column: Column) -> bool:
    """Whether the heading speaks of acceptance alone."""
    words = ("acceptance", "acc")
    return column.quantity is Quantity.EFFICIENCY and _key(_unit_apart(column.heading)[0]) in words


def _column(at: int, heading: str, where: str) -> Column:
    text, unit = _unit_apart(heading)
    return _prefixed(at, heading, text, unit) or _worded(at, heading, text, unit, where)


def _unit_apart(heading: str) -> tuple[str, str]:
    text = heading.strip()
    if (bracket := _UNIT.search(text)) and _UNITS.fullmatch(bracket.group(1)):
        return text[: bracket.start()].strip(), bracket.group(1)
    return text, ""


def _prefixed(at: int, heading: str, text: str, unit: str) -> Column | None:
    """``param:m1``, ``syst:JES:up``, ``stat:SR1``."""
    if found := _PARAMETER.fullmatch(text):
        return parameter_column(at, heading, found.group(1).strip(), unit)
    if found := _SYSTEMATIC.fullmatch(text):
        column = Column(at, heading, Role.SYSTEMATIC, unit=unit)
        return _systematic(column, found.group(2), correlated=not found.group(1).lower().startswith("uncorr"))
    if found := _OF_REGION.fullmatch(text):
        word = found.group(1).lower()
        role = {"stat": Role.STATISTICAL, "simulated": Role.SIMULATED, "raw": Role.SIMULATED}.get(
            word, Role.OTHER
        )
        region = found.group(2).strip()
        return Column(at, heading, role, name=region if role is Role.OTHER else "", region=region, unit=unit)
    return None


def _worded(at: int, heading: str, text: str, unit: str, where: str) -> Column:
    """A heading that is a word with a meaning, or any other."""
    key = _key(text)
    role: Role | None = _MEANING.get(key)
    if role is None and not unit and (word := _UNIT_WORD.fullmatch(text)):
        key, unit = _key(word.group(1)), word.group(2)
        role = _MEANING.get(key)
    if _LUMINOSITY.fullmatch(key):
        raise SignalError(
            f"{where}: the luminosity stands in column {at + 1}: write it into a line of its own above the "
            "table instead, as '# luminosity: 139 fb-1'"
        )
    if role is Role.YIELD:
        return _yield(at, heading, key, unit, where)
    if role is not None:
        return Column(at, heading, role, name="syst" if role is Role.SYSTEMATIC else "", unit=unit)
    if unit.lower() in _MASSES or (
        unit and not femtobarns(unit) and unit.lower() not in ("events", "event", "%")
    ):
        return parameter_column(at, heading, text.strip(), unit)
    return Column(at, heading, Role.OTHER, name=text.strip(), unit=unit)


def fraction_of(unit: str) -> float:
    """What a number of this unit is times, to be a fraction: 0.01 of percent, else 1."""
    return 0.01 if unit.lower() in ("%", "percent") else 1.0


def _key(text: str) -> str:
    plain = re.sub(r"[\s_.\-]+", "", text.lower())
    return plain.replace("×", "x").replace("ε", "e").replace("#", "n")


def parameter_column(at: int, heading: str, label: str, unit: str) -> Column:
    """A column of a parameter; masses become GeV."""
    return Column(at, heading, Role.PARAMETER, name=label, factor=_MASSES.get(unit.lower(), 1.0), unit=unit)


def _systematic(column: Column, rest: str, *, correlated: bool) -> Column:
    parts = [part.strip() for part in rest.split(":")]
    sides = [at for at, part in enumerate(parts) if at and side_of(part)]
    if not sides:
        return replace(column, name=":".join(parts), side="", correlated=correlated)
    at = sides[0]
    return replace(
        column,
        name=":".join(parts[:at]),
        side=side_of(parts[at]),
        region=":".join(parts[at + 1 :]),
        correlated=correlated,
    )


def _with_directions(columns: Sequence[Column]) -> list[Column]:
    """Uncertainties with directions in their names, ``JES_up`` beside ``JES_down``, as what they are."""
    names = {c.at: c.name for c in columns if c.role is Role.SYSTEMATIC and not c.side}
    paired = directions_in(names)
    return [
        replace(column, name=found.name, side=found.side, region=found.region)
        if (found := paired.get(column.at)) is not None
        else column
        for column in columns
    ]


def is_count(column: Column) -> bool:
    """Whether the heading of yields is a bare ``N``, which may be a number of simulated events."""
    return column.role is Role.YIELD and _key(_unit_apart(column.heading)[0]) == "n"


def _yield(at: int, heading: str, key: str, unit: str, where: str) -> Column:
    factor = femtobarns(unit)
    if factor is not None:
        return Column(at, heading, Role.YIELD, factor=factor, unit=unit, quantity=Quantity.CROSS_SECTION)
    if "vis" in key:
        raise SignalError(
            f"{where}: column {at + 1}, '{shown(heading, 60)}', has no unit: write it into the heading, as "
            "'sigma_vis [fb]'"
        )
    if key.startswith(_EFFICIENCIES):
        return Column(
            at, heading, Role.YIELD, factor=fraction_of(unit), unit=unit, quantity=Quantity.EFFICIENCY
        )
    if unit and unit.lower() not in ("events", "event"):
        raise SignalError(
            f"{where}: column {at + 1}, '{shown(heading, 60)}', has a unit that yields cannot have: events, "
            "fb and pb can be read, or an efficiency under the heading 'efficiency'"
        )
    return Column(at, heading, Role.YIELD, unit=unit, quantity=Quantity.EVENTS if unit else None)
