"""The plane of the signal points: points, contours, colours, axes, comparisons."""
