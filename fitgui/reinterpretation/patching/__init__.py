"""From a signal to the patch of a workspace, and from patches to a pallet of one's own."""
