"""Servers that several rooms are tested with: one of a kind for all tests of a process."""

import os
import re
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from chromium import browser
from nats_servers import nats_url, shared_nats
from postgres_server import postgres
from s3_server import s3, s3_server

__all__ = ["browser", "nats_url", "postgres", "s3", "s3_server", "shared_nats"]

SERVERS = frozenset(__all__) - {"browser"}
OF_KERAS = re.compile(r"^pytestmark = .*pytest\.mark\.keras", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where no test with TensorFlow is wanted, do not import it: that takes ten seconds, in every worker."""
    if collection_path.suffix == ".py" and "not keras" in config.getoption("markexpr"):
        return OF_KERAS.search(collection_path.read_text()) is not None or None
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for a server by name is marked as such."""
    for item in items:
        if isinstance(item, pytest.Function) and SERVERS & set(item.fixturenames):
            item.add_marker(pytest.mark.servers)


@pytest.fixture(autouse=True)
def _as_fast_as_before() -> Iterator[None]:
    """`breedbot retrain` gives way to others, for good: in this process it would slow down the tests to come."""
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    yield
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, niceness)


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may have more than 4 KB: writing more fails as on a full disk, and names no file."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
