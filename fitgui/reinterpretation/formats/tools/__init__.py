"""What other tools write: one module for each, of the form that ``formats`` describes."""
