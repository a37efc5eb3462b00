"""Figures for papers and talks as PDF, SVG and PNG: by matplotlib, without pyplot and without a window."""
