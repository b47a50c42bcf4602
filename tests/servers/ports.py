"""Ports for servers that a test starts, kills and starts again: nobody else gets them meanwhile."""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

# Below those that the kernel gives to whoever asks for any (/proc/sys/net/ipv4/ip_local_port_range): one of them, let
# go for a moment, is soon somebody else's.
PORTS = range(20_000, 32_000)
_LOCKS = Path(tempfile.gettempdir()) / "breedbot-test-ports"


def free_port() -> int:
    """A port that nobody listens on, and that no other test run on this machine is given until this process ends."""
    _LOCKS.mkdir(exist_ok=True)
    for port in random.Random().sample(PORTS, 1000):  # ours alone: tests and fixtures may seed the shared generator
        lock = os.open(_LOCKS / str(port), os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            os.close(lock)
        else:
            return port  # the lock is held as long as this process lives
    raise RuntimeError(f"no free port in {PORTS}")
