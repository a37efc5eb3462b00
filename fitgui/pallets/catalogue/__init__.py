"""Published likelihoods that are known without asking: the bundled catalogue, and finding something in it."""
