"""Names of downloads come from strangers."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.pallets.hepdata.file_names import LONGEST_BYTES, disposed_name, file_name, safe_name

URL = "https://www.hepdata.net/record/resource/1408476?view=true"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename=1Lbb-likelihoods-hepdata.tar.gz", "1Lbb-likelihoods-hepdata.tar.gz"),
        ('attachment; filename="a b.tar.gz"', "a b.tar.gz"),
        ("attachment; filename*=UTF-8''stau%CF%84.tgz", "stauτ.tgz"),
        ("attachment; filename=x.zip; filename*=UTF-8''y%20z.zip", "y z.zip"),
        ('attachment; filename="τ.json"'.encode().decode("latin-1"), "τ.json"),
        ("attachment; filename*=no-such-code''x.zip", "x.zip"),
        ("inline", ""),
        ("", ""),
        (";;;=", ""),
        (None, ""),
    ],
)
def test_the_header_is_understood(header: str | None, name: str) -> None:
    assert disposed_name(header) == name


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\likelihoods.zip", "likelihoods.zip"),
        ("/", ""),
        ("..", ""),
        (".hidden.tar.gz", "hidden.tar.gz"),
        ("con.tar.gz", "_con.tar.gz"),
        ("LPT1", "_LPT1"),
        ("a\x00b\x1b[31m.json", "ab[31m.json"),
        ("gpj.\u202efdp", "gpj.fdp"),
        ('a<b>:"|?*.zip', "a_b______.zip"),
        ("x.json. . ", "x.json"),
    ],
)
def test_names_are_made_safe(raw: str, name: str) -> None:
    assert safe_name(raw) == name


@given(st.text(st.characters(), max_size=400))
def test_any_text_makes_a_name_or_none(raw: str) -> None:
    name = safe_name(raw)
    assert len(name.encode("utf-8")) <= LONGEST_BYTES
    assert not set(name) & set('/\\<>:"|?*\0')
    assert not any(unicodedata.category(letter).startswith("C") for letter in name)
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert name.partition(".")[0].casefold() not in ("con", "nul", "aux", "prn", "com1", "lpt9")
    assert safe_name(name) == name


@given(st.text("aé漢", min_size=100, max_size=300), st.sampled_from([".tar.gz", ".tgz", ".json", ".ZIP"]))
def test_a_long_name_keeps_its_ending(stem: str, suffix: str) -> None:
    assert safe_name(stem + suffix).endswith(suffix)


def test_the_answer_counts_before_the_record_and_that_before_the_address() -> None:
    assert file_name("attachment; filename=a.zip", "b.zip", URL) == "a.zip"
    assert file_name(None, "b.zip", URL) == "b.zip"
    assert file_name(None, "", "https://x.example/files/c%20d.zip?x=1") == "c d.zip"
    assert file_name(None, "", URL) == "pallet"
