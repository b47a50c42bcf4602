"""Several bots and workers around NATS and PostgreSQL: `breedbot bench load --scale`."""
