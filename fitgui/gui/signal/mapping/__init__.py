"""Assigning the regions of a file to bins."""
