"""A stand-in for HEPData and doi.org on this machine; tests use :class:`tests.hepdata.standin.StandIn`."""
