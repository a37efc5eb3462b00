"""Programs that the benchmarks start: fresh processes that print their figures as one line of JSON."""
