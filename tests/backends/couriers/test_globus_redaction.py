"""No secret gets into a log, whoever logs it and how."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from fitgui_backends.couriers.globus_redaction import HIDDEN, Redactor

TOKEN = "Ag7x9-not-a-real-token_Zq2"


@pytest.fixture
def written() -> Iterator[tuple[Redactor, io.StringIO]]:
    """A redactor that guards logging, and what a handler of the root logger writes."""
    redactor = Redactor()
    undo = redactor.guard_logging()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield redactor, stream
    root.removeHandler(handler)
    root.setLevel(before)
    undo()


def test_known_secrets_are_hidden_in_messages_arguments_and_tracebacks(
    written: tuple[Redactor, io.StringIO],
) -> None:
    redactor, stream = written
    redactor.hide(TOKEN, None, "", "short")
    log = logging.getLogger("some.library")
    log.info("plain %s", TOKEN)
    log.debug("mapped %(token)s", {"token": TOKEN})
    log.warning(f"joined {TOKEN}")
    log.info("object %r", {"token": [TOKEN]})
    try:
        raise ValueError(f"it was {TOKEN}")
    except ValueError:
        log.exception("failed with %s", TOKEN)
    text = stream.getvalue()
    assert TOKEN not in text
    assert text.count(HIDDEN) == 6
    assert "ValueError: it was" in text
    assert redactor.clean("short") == "short"


def test_a_message_that_does_not_fit_its_arguments_ends_no_thread(
    written: tuple[Redactor, io.StringIO],
) -> None:
    _, stream = written
    logging.getLogger("some.library").info("%d", "one")
    assert "could not be read" in stream.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {TOKEN}",
        f"Authorization: Basic {TOKEN}==",
        f'{{"access_token": "{TOKEN}"}}',
        f"refresh_token={TOKEN}&grant_type=refresh_token",
        f"{{'client_secret': '{TOKEN}'}}",
        f"amqps://user:{TOKEN}@broker.example.org:5671/x",
        f"http://127.0.0.1:1234/?code={TOKEN}&state=s",
        f"code_verifier: {TOKEN}",
    ],
)
def test_what_looks_like_a_secret_is_hidden_though_it_is_not_known(text: str) -> None:
    cleaned = Redactor().clean(text)
    assert TOKEN not in cleaned
    assert HIDDEN in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "The basic assumption is that a bearer of bad news is heard.",
        "code: ENDPOINT_NOT_FOUND, status 404",
        "sbatch: error: Batch job submission failed: Invalid account specified",
        "The endpoint 4b116d3c-1703-4f8f-9f6f-39921e5864df could not be resolved",
    ],
)
def test_sentences_stay_as_they_are(text: str) -> None:
    assert Redactor().clean(text) == text


def test_the_longest_of_two_secrets_is_hidden_whole() -> None:
    redactor = Redactor()
    redactor.hide(TOKEN, f"{TOKEN}-and-more")
    assert redactor.clean(f"<{TOKEN}-and-more>") == f"<{HIDDEN}>"
