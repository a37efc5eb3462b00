"""The Pallet step: catalogue, library and files, and what is known of the one that is chosen."""
