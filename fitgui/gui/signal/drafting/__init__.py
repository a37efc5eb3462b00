"""A signal as it is typed: a draft that is replaced, pasting, undo, its table, what is kept of it."""
