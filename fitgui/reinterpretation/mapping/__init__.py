"""From the regions of a file to the bins of a target: what is proposed, changed, kept and shared."""
