"""Folders with one output for each model point, read as a scan."""
