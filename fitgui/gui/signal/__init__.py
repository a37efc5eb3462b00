"""The tab of a signal of one's own: yields typed, pasted or imported, and the answer that follows them."""
