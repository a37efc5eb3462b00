"""Where points are fitted: this machine, or a cluster; login, endpoints, their options, setting one up."""
