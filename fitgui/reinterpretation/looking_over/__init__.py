"""What is noticed of a signal before it is fitted, and why its answer may be less certain than it looks."""
