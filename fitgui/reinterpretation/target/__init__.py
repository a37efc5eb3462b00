"""What a signal is put on: channels and bins of an analysis, and what its published signals look like."""
