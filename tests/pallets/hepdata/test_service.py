"""Which addresses are asked, and that nothing else is."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.service import TEST_VARIABLE, Service, service_from_environment

REAL = Service()
STAND_IN = service_from_environment({TEST_VARIABLE: "http://127.0.0.1:8123"})


@pytest.mark.parametrize(
    "url",
    [
        "https://www.hepdata.net",
        "https://www.hepdata.net/record/90607?format=json",
        "https://www.hepdata.net:443/",
        "HTTPS://WWW.HepData.Net/record/1",
        "https://hepdata.net/",
        "https://doi.org/10.17182/hepdata.90607.v3/r3",
        "https://dx.doi.org/10.17182/hepdata.90607",
        "https://data.crosscite.org/10.17182%2Fhepdata.90607",
        "https://www.hepdata.net?x=@evil.example",
    ],
)
def test_known_hosts_are_asked_by_https(url: str) -> None:
    assert REAL.allows(url)
    assert REAL.check(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/record/90607",
        "//www.hepdata.net/",
        "http://www.hepdata.net/",
        "http://doi.org/x",
        "ftp://www.hepdata.net/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://evil.example/",
        "https://www.hepdata.net@evil.example/",
        "https://www.hepdata.net:pw@evil.example/",
        "https://user@www.hepdata.net/",
        "https://evil.example\\@www.hepdata.net/",
        "https://www.hepdata.net\\.evil.example/",
        "https://www.hepdata.net.evil.example/",
        "https://evilhepdata.net/",
        "https://www.hepdata.net./",
        "https://www.hepdata.net:8443/",
        "https://www.hepdata.net:80/",
        "https://www.hepdata.net:0443x/",
        "https://www.hеpdata.net/",  # a Cyrillic letter
        "https://www。hepdata。net/",
        "https://xn--www-hepdata.net/",
        "https://[::1]/",
        "https://127.0.0.1/",
        "http://127.0.0.1:8123/",
        "http://localhost:8123/",
        "https://2130706433/",
        " https://www.hepdata.net/",
        "https://www.hepdata.net/\n",
        "https://www.hepdata.net/\r\nHost: evil.example",
        "https://www.hepdata.net\t/",
        "https://www.hepdata.net/\x00",
        "https://",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    assert not REAL.allows(url)
    with pytest.raises(HepDataError, match=r"is not asked: fitgui only talks to .*by https") as caught:
        REAL.check(url)
    assert caught.value.kind is ErrorKind.FORBIDDEN_ADDRESS
    assert str(caught.value).isprintable()
    assert "pw@" not in str(caught.value)


@given(st.text(st.characters(max_codepoint=0x2FF), max_size=30))
def test_what_stands_before_the_path_alone_decides(text: str) -> None:
    if REAL.allows(f"https://{text}"):
        assert text.lower().startswith(tuple(REAL.hosts))
        assert text[:20].isascii()
    assert not REAL.allows(f"http://{text}")
    assert not STAND_IN.allows(f"https://{text}")


def test_a_stand_in_is_asked_and_nobody_else() -> None:
    assert STAND_IN.hepdata == "http://127.0.0.1:8123"
    assert (
        STAND_IN.doi_url("10.17182/hepdata.1.v1/r1") == "http://127.0.0.1:8123/doi/10.17182/hepdata.1.v1/r1"
    )
    assert STAND_IN.allows("http://127.0.0.1:8123/record/1?format=json")
    for url in (
        "http://127.0.0.1:8124/",
        "http://127.0.0.1/",
        "http://localhost:8123/",
        "https://127.0.0.1:8123/",
        "http://127.0.0.1:8123@evil.example/",
        "http://127.0.0.1:81234/",
        "https://www.hepdata.net/",
    ):
        assert not STAND_IN.allows(url), url


@pytest.mark.parametrize(
    "value",
    [
        "http://evil.example:80",
        "http://127.0.0.1",
        "https://127.0.0.1:8123",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:8123/elsewhere",
        "http://127.0.0.1:8123@evil.example:80",
        "http://localhost:8123",
        "127.0.0.1:8123",
        "on",
    ],
)
def test_a_stand_in_elsewhere_is_refused(value: str) -> None:
    with pytest.raises(HepDataError, match=r"must be http://127\.0\.0\.1:<port>") as caught:
        service_from_environment({TEST_VARIABLE: value})
    assert caught.value.kind is ErrorKind.FORBIDDEN_ADDRESS


def test_without_the_variable_it_is_the_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TEST_VARIABLE, raising=False)
    assert service_from_environment() == Service()
    monkeypatch.setenv(TEST_VARIABLE, "http://127.0.0.1:99/")
    assert service_from_environment().hepdata == "http://127.0.0.1:99"


def test_an_error_goes_from_process_to_process() -> None:
    error = HepDataError(ErrorKind.BUSY, "HEPData is busy.", retry_after=5.0)
    again = pickle.loads(pickle.dumps(error))
    assert (again.kind, str(again), again.retry_after) == (ErrorKind.BUSY, "HEPData is busy.", 5.0)


def test_no_library_for_http_is_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, fitgui.pallets\n"
        "from fitgui.pallets.hepdata import errors, references, service\n"
        "print(*(name for name in ('requests', 'urllib3') if name in sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == []
