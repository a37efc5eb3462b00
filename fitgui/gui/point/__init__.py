"""The tab of one point: yields, pulls, impacts, correlations, CLs against mu, and the fit in words."""
