"""Fitting elsewhere: what the backends ``globus`` and ``parsl`` share.

``run`` and ``backend`` keep the books in the application, ``courier`` talks to the child process that holds
the library of the service, ``packing`` and ``worker`` travel to the workers.
"""
