"""Commands for the terminal; nothing here imports Qt."""
