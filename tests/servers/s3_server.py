"""A real S3 server (SeaweedFS, from a wheel) on free ports in a temporary folder, for all tests of a session.

Fixtures of tests/conftest.py; `s3` also sets the variables that clients read.
"""

import atexit
import ctypes
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from obstore.store import S3Store
from ports import free_port

READY_S = 120
KEY, SECRET, BUCKET = "breedbot", "secret-of-the-tests", "tests"
WEED = Path(sys.executable).parent / "weed"
PORTS = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")
S3_PORTS = ("s3.port", "s3.port.grpc")


@dataclass(frozen=True)
class S3Server:
    """Where it listens, and with what a client gets in."""

    endpoint: str
    environment: dict[str, str] = field(repr=False)

    def new_place(self, kind: str = "things") -> str:
        """The URL of an empty prefix that nobody else uses, in a bucket that is there."""
        return f"s3://{BUCKET}/{kind}-{secrets.token_hex(6)}"

    def make_bucket(self) -> None:
        """The first upload makes it, and takes some seconds."""
        bucket = S3Store(
            BUCKET, endpoint=self.endpoint, region="us-east-1", access_key_id=KEY, secret_access_key=SECRET,
            client_options={"allow_http": True},
        )  # fmt: skip
        bucket.put("first", b"")


@pytest.fixture(scope="session")
def s3_server() -> S3Server:
    """One for all tests of all modules; it takes some seconds to start."""
    return shared()


@cache
def shared() -> S3Server:
    """Started by the first who asks; gone with this process, whatever ends it."""
    folder = Path(tempfile.mkdtemp(prefix="breedbot-s3-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ports = {name: free_port() for name in PORTS + S3_PORTS}
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(
            command(folder, ports), stdout=log, stderr=log, cwd=folder, env=os.environ | {"HOME": str(folder)},
            start_new_session=True, preexec_fn=die_with_parent,  # noqa: PLW1509 - it calls the kernel, nothing else
        )  # fmt: skip
    atexit.register(stop, process)
    endpoint = f"http://127.0.0.1:{ports['s3.port']}"
    wait_until_it_answers(endpoint, process, folder / "weed.log")
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    server = S3Server(endpoint, keys | {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1"})
    server.make_bucket()
    return server


def stop(process: "subprocess.Popen[bytes]") -> None:
    """At once: nothing of it is kept."""
    process.kill()
    process.wait()


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The server, with this process as its client."""
    for key in [key for key in os.environ if key.startswith(("AWS_", "GOOGLE_", "AZURE_"))]:
        monkeypatch.delenv(key)
    for key, value in s3_server.environment.items():
        monkeypatch.setenv(key, value)
    return s3_server


def command(folder: Path, ports: dict[str, int]) -> list[str]:
    """Everything in one process, on this machine only, with little disk and telling nobody."""
    identity = {"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    options = {
        "dir": folder / "data", "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "s3.config": folder / "s3.json",
        "s3.iam": "false", "s3.port.iceberg": 0, "s3.port.lance": 0, "master.telemetry": "false",
        "master.volumeSizeLimitMB": 64, "volume.max": 100, "volume.preStopSeconds": 0,
        "filer.localSocket": folder / "filer.sock", "s3.localSocket": folder / "s3.sock", **ports,
    }  # fmt: skip
    return [str(WEED), f"-logdir={folder}", "server", "-s3", *(f"-{key}={value}" for key, value in options.items())]


def wait_until_it_answers(endpoint: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """It refuses strangers as soon as it is up. Nothing tells us when, so we ask."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(endpoint, timeout=5):
                return
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the S3 server did not start: {log.read_text(errors='replace')[-2000:]}")


def die_with_parent() -> None:
    """Killed by the kernel when the tests are killed. https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html"""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
