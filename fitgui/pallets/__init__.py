"""From an archive as published to analyses and their signal points; knows nothing of runs."""
