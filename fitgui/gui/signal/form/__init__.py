"""The form of a signal: table, chart, scale and tools, put together."""
