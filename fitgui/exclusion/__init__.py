"""Where in the plane of a model a search excludes it: interpolation, contours, limits along a line; no Qt."""
