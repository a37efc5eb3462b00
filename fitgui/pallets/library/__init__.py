"""Pallets that are kept on this machine, by the digest of their content."""
