"""What goes wrong with a HistFactory document, in words."""

from __future__ import annotations


class HistFactoryError(Exception):
    """A document or a patch cannot be used; the text is one sentence: what is wrong and where."""
