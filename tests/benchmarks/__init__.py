"""What speed costs and brings, measured: `make benchmark`. Nothing here asserts a time."""
