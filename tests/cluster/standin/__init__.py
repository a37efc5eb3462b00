"""A stand-in for the Globus cloud: the Compute web service, Auth, and the service's end of the queues.

What it does not model is listed in ``docs/testing-clusters.md``.
"""
