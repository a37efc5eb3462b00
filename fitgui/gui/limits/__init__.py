"""Upper limits along a line through the plane."""
