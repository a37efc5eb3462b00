"""Why the stack cannot be had."""

from __future__ import annotations


class StackError(Exception):
    """A part of the stack is missing or did not start; the text says what, and what to do."""


class MissingPythonError(StackError):
    """That version of Python is not here; tests that want it may be skipped with this sentence."""
