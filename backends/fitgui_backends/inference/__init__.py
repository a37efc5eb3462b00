"""Fits and hypothesis tests with exact derivatives."""
