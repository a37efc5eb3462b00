"""One signal point from the inside: yields, pulls, impacts, correlations, CLs against mu; no Qt."""
