"""Asking HEPData, and downloading from it."""
