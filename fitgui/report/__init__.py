"""A report of a run that stands alone: one HTML file, or a PDF."""
