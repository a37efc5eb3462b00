"""Tests that take minutes or need real servers."""
