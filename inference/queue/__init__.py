"""The queue between bot and worker: in this process, or NATS."""
