"""The view of wall times: this run beside one core, earlier runs and published values."""
