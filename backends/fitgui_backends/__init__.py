"""What fits a signal point, and where: the likelihood, the engines and the backends of fitgui.

Importing this package imports no numerical library, so that a worker can set the number of BLAS threads
before numpy loads.
"""

__version__ = "0.1.0"
