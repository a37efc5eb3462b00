"""Yields as JSON documents."""
