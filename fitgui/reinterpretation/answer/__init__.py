"""What a fit says of a signal: while it is typed, in words, and beside other analyses."""
