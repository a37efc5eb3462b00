"""One signal on several analyses side by side."""
