"""The parts of the page, each measured by itself."""
