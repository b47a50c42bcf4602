"""NATS JetStream between bots and workers: the line of photos, their results, and what was given up."""
