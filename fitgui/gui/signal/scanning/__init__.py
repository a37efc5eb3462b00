"""Signals of many model points, fitted as a pallet."""
