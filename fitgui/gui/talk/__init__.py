"""Talk mode: runs on the whole screen, in large type, one idea per screen, by keyboard or presenter."""
