"""Tests of the library of kept pallets."""
