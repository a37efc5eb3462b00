"""Tables of yields: taken apart, headings and comments understood, long and wide ones read."""
