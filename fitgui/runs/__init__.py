"""From a plan to a run: events, journal, snapshot, results file."""
