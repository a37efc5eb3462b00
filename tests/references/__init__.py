"""Answers of pyhf on published pallets, computed once and kept: what fitgui is compared with."""
