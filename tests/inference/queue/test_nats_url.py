"""An address that cannot work is refused with a reason, and no reason repeats a password."""

import subprocess
import sys
from pathlib import Path

import pytest

from inference.queue.nats.url import BadNatsUrl, NatsUrl
from inference.queue.protocol import UnknownQueueUrl, check_queue_url, is_shared


def test_servers_credentials_and_options_are_read() -> None:
    url = NatsUrl.parse(
        "nats://ann:p%40ss@one,nats://two:5222?prefix=dogs&replicas=3&max_age=90m&limit=7&ack_wait=500ms"
    )

    assert url.servers == ("nats://one:4222", "nats://two:5222")
    assert (url.user, url.password, url.token) == ("ann", "p@ss", None)
    assert (url.prefix, url.replicas, url.max_age_s, url.limit_jobs, url.ack_wait_s) == ("dogs", 3, 5400.0, 7, 0.5)


def test_a_name_alone_is_a_token() -> None:
    url = NatsUrl.parse("tls://s3cret@[::1]:4000?ca=/etc/ca.pem")

    assert (url.user, url.token, url.servers, url.ca) == (None, "s3cret", ("tls://[::1]:4000",), Path("/etc/ca.pem"))
    assert url.encrypted
    assert "s3cret" not in repr(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nats://", "give servers like"),
        ("nats://host/path", "give servers like"),
        ("nats://host:port", "not a number"),
        ("nats://one,redis://two", "give servers like"),
        ("nats://one,tls://two", "all by tls://"),
        ("nats://ann:hush@one,nats://bob:hush@two", "same user"),
        ("nats://one?replicas=2", "expected 1, 3 or 5"),
        ("nats://one?replica=3", "there are prefix"),
        ("nats://one?max_age=1w", "not a duration"),
        ("nats://one?ack_wait=0s", "not a duration"),
        ("nats://one?prefix=a.b", "prefix=a.b"),
        ("nats://one?limit=0", "from 1"),
        ("nats://one?creds=a&nkey=b", "exclude each other"),
    ],
)
def test_an_address_that_cannot_work_is_refused(url: str, reason: str) -> None:
    with pytest.raises(BadNatsUrl, match=reason) as refusal:
        NatsUrl.parse(url)

    assert "hush" not in str(refusal.value)


def test_settings_take_nats_and_name_what_is_wrong_with_it() -> None:
    assert is_shared(check_queue_url("nats://localhost:4222"))
    assert not is_shared(check_queue_url("local:"))
    with pytest.raises(UnknownQueueUrl, match="expected 1, 3 or 5"):
        check_queue_url("nats://localhost?replicas=two")


@pytest.mark.slow
def test_one_process_loads_nothing_of_nats() -> None:
    rooms = "bot.app, breedbot.ops.settings, breedbot.ops.doctor, inference.queue.local, inference.worker.worker"
    code = f"import sys, {rooms}; sys.exit(', '.join(m for m in sys.modules if m.split('.')[0] == 'nats') or 0)"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (loaded.returncode, loaded.stderr) == (0, "")
