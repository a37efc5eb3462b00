"""A cluster on this machine: real Globus Compute agent, RabbitMQ, Slurm; a stand-in for the Globus cloud."""
