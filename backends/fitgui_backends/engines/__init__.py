"""How one signal point is fitted."""
