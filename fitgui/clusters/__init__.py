"""Clusters that the user sets up: configurations of Globus Compute endpoints."""
