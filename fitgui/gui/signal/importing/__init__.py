"""From a file, a folder or a paste to yields of a target: recognised, read, looked through, normalised."""
