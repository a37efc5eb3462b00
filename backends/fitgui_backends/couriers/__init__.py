"""What runs in the process of a courier: a service and its library. The application imports none of it."""
