"""The view of workers: what each did when, and where the wall time of a run went."""
