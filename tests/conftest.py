"""Servers that several rooms are tested with: one of a kind for all tests of a process."""

from nats_servers import nats_url, shared_nats
from postgres_server import postgres
from s3_server import s3, s3_server

__all__ = ["nats_url", "postgres", "s3", "s3_server", "shared_nats"]
