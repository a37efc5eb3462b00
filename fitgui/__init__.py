"""fitgui: fit published LHC likelihoods and watch every signal hypothesis come in."""

__version__ = "0.1.0"
