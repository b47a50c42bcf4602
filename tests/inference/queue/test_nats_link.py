"""The connection finds its servers whenever they come, shows who it is, and says no secret in the clear."""

import asyncio
import datetime as dt
import ipaddress
import shutil
from pathlib import Path

import nkeys  # type: ignore[import-untyped]
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from nats_servers import NatsServer, nats_server

from breedbot.ops.doctor_model import Level
from breedbot.ops.doctor_queue import queue_finding
from core.prediction import Box
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.dead_letters import DeadLetter, bury
from inference.queue.nats.heatmap_requests import NatsHeatmap, serve_evidence
from inference.queue.nats.jobs import NatsQueue
from inference.queue.nats.model_notices import hear_models_moved, keep_telling, tell_models_moved
from inference.queue.nats.url import NatsUrl
from inference.queue.protocol import Job, QueueAway, QueueRefused

pytestmark = pytest.mark.servers

PATIENCE_S = 60.0
JOB = Job(1, "ab" * 32, 0.0)


async def ready(url: str) -> None:
    async with NatsLink(NatsUrl.parse(url)) as link:
        await link.ready(PATIENCE_S)
        assert await link.health() is None


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that trusts itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nats")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(*form))
    return paths


async def test_user_and_password_open_the_door_and_wrong_ones_are_named(tmp_path: Path) -> None:
    with nats_server(tmp_path, 'authorization { user: ann, password: "p@ss" }') as server:
        await ready(f"nats://ann:p%40ss@127.0.0.1:{server.port}")
        async with NatsLink(NatsUrl.parse(f"nats://ann:hush@127.0.0.1:{server.port}")) as link:
            with pytest.raises(QueueRefused, match="Authorization") as refusal:
                await link.ready(PATIENCE_S)

    assert "hush" not in str(refusal.value)


async def test_a_token_opens_the_door(tmp_path: Path) -> None:
    with nats_server(tmp_path, "authorization { token: s3cret }") as server:
        await ready(f"nats://s3cret@127.0.0.1:{server.port}")


async def test_an_nkey_opens_the_door(tmp_path: Path) -> None:
    seed = nkeys.encode_seed(bytes(range(32)), nkeys.PREFIX_BYTE_USER)
    key = tmp_path / "user.nk"
    key.write_bytes(seed)
    public = nkeys.from_seed(bytearray(seed)).public_key.decode()
    with nats_server(tmp_path, f"authorization {{ users: [{{ nkey: {public} }}] }}") as server:
        await ready(f"{server.url}?nkey={key}")


async def test_encrypted_with_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with nats_server(tmp_path, f'tls {{ cert_file: "{cert}", key_file: "{key}" }}') as server:
        await ready(f"tls://127.0.0.1:{server.port}?ca={cert}")
        async with NatsLink(NatsUrl.parse(f"tls://127.0.0.1:{server.port}")) as distrustful:
            with pytest.raises(QueueRefused, match="certificate"):
                await distrustful.ready(PATIENCE_S)


async def test_a_password_is_not_said_to_a_server_that_takes_no_encrypted_connections(tmp_path: Path) -> None:
    said, hung_up = bytearray(), asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"server_id":"x","version":"2.15.0","max_payload":1048576,"auth_required":true}\r\n')
        said.extend(await reader.read(1000))
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, NatsLink(NatsUrl.parse(f"tls://ann:hush@127.0.0.1:{port}")) as link:
        with pytest.raises(QueueRefused, match="no encrypted connections"):
            await link.ready(PATIENCE_S)
        await hung_up.wait()

    assert b"hush" not in said


async def test_servers_may_be_started_later_than_we_are(tmp_path: Path) -> None:
    server = NatsServer(tmp_path)
    async with NatsLink(NatsUrl.parse(server.url)) as link, NatsQueue(link) as queue:
        with pytest.raises(QueueAway):
            await link.ready(0.3)
        submitting = asyncio.ensure_future(queue.submit(JOB))
        try:
            server.start()
            async with asyncio.timeout(PATIENCE_S):
                await submitting
                taken = await queue.take(1, 0)
        finally:
            server.kill()

    assert taken == [JOB]


@pytest.mark.parametrize("forgets", [False, True])
async def test_a_server_that_was_away_is_found_again_whatever_it_kept(tmp_path: Path, forgets: bool) -> None:
    with nats_server(tmp_path) as server:
        async with NatsLink(NatsUrl.parse(server.url)) as link, NatsQueue(link) as queue:
            await queue.submit(JOB)
            server.kill()
            taking = asyncio.ensure_future(queue.take(5, 0))
            if forgets:
                shutil.rmtree(tmp_path / "store")
            server.start()
            async with asyncio.timeout(PATIENCE_S):
                if forgets:
                    await queue.submit(Job(2, "cd" * 32, 0.0))
                taken = await taking

    assert [job.id for job in taken] == [2 if forgets else 1]


async def test_a_server_that_is_mute_for_a_while_costs_nothing_but_time(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        async with NatsLink(NatsUrl.parse(server.url)) as link, NatsQueue(link) as queue:
            await queue.submit(JOB)
            server.pause()
            submitting = asyncio.ensure_future(queue.submit(Job(2, "cd" * 32, 0.0)))
            done, _ = await asyncio.wait((submitting,), timeout=6)  # longer than one request may take
            server.resume()
            async with asyncio.timeout(PATIENCE_S):
                await submitting
                taken = [*await queue.take(1, 0), *await queue.take(1, 0)]

    assert not done
    assert [job.id for job in taken] == [1, 2]


async def test_a_connection_that_its_client_gave_up_is_opened_anew(nats_url: str) -> None:
    heard = asyncio.Event()
    async with NatsLink(NatsUrl.parse(nats_url)) as link, NatsQueue(link) as queue:
        await link.ready(PATIENCE_S)
        await hear_models_moved(link, heard.set)
        taking = asyncio.ensure_future(queue.take(1, 0))
        await asyncio.sleep(0.2)
        await link.client.close()  # as nats-py does when a server refuses it in mid-life

        async with asyncio.timeout(PATIENCE_S):
            await queue.submit(JOB)
            taken = await taking
            await tell_models_moved(link)
            await heard.wait()

    assert taken == [JOB]


async def test_everybody_hears_that_a_pointer_has_moved(nats_url: str) -> None:
    heard = [asyncio.Event(), asyncio.Event()]
    async with NatsLink(NatsUrl.parse(nats_url)) as teller, NatsLink(NatsUrl.parse(nats_url)) as hearer:
        for link in (teller, hearer):
            await link.ready(PATIENCE_S)
        ends = [await hear_models_moved(hearer, each.set) for each in heard]
        await hearer.js.account_info()  # in the order in which it is said: by now the server knows who listens

        await tell_models_moved(teller)

        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(each.wait() for each in heard))
        for end in ends:
            await end()


async def test_who_moves_a_pointer_need_not_tell(nats_url: str) -> None:
    stamp, heard = [1], asyncio.Event()
    async with NatsLink(NatsUrl.parse(nats_url)) as link, asyncio.TaskGroup() as group:
        await link.ready(PATIENCE_S)
        await hear_models_moved(link, heard.set)
        telling = group.create_task(keep_telling(link, lambda: stamp[0]))
        await asyncio.sleep(0)

        stamp[0] = 2

        async with asyncio.timeout(PATIENCE_S):
            await heard.wait()
        telling.cancel()


async def test_the_doctor_reaches_the_servers_and_changes_nothing(nats_url: str, tmp_path: Path) -> None:
    fresh = await queue_finding(nats_url)
    again = await queue_finding(nats_url)
    async with NatsLink(NatsUrl.parse(nats_url)) as link:
        await link.ready(PATIENCE_S)
        used = await queue_finding(nats_url)
        await bury(link, DeadLetter(JOB, "it died of it", 6, "host/1"))
        troubled = await queue_finding(nats_url)
    with nats_server(tmp_path, "authorization { token: s3cret }") as server:
        refused = await queue_finding(f"nats://wrong@127.0.0.1:{server.port}")
    away = await queue_finding("nats://127.0.0.1:1")

    assert "no line yet" in fresh.detail
    assert fresh == again
    assert "copies 1, 0 photos wait" in used.detail
    found = [(one.level, one.remedy != "") for one in (used, troubled, refused, away)]
    assert found == [(Level.OK, False), (Level.WARN, True), (Level.FAIL, True), (Level.FAIL, True)]
    assert "wrong" not in refused.detail


async def test_heat_maps_are_painted_by_a_worker(nats_url: str) -> None:
    async def paint(sha256: str, breed: str, box: Box, against: str | None = None) -> bytes | None:
        if breed == "broken":
            raise RuntimeError("the engine is gone")
        return f"{sha256} {breed} {box.left} {against}".encode() if breed == "beagle" else None

    async with NatsLink(NatsUrl.parse(nats_url)) as bot, NatsLink(NatsUrl.parse(nats_url)) as worker:
        for link in (bot, worker):
            await link.ready(PATIENCE_S)
        heatmap = NatsHeatmap(bot, 5)
        before = await heatmap("aa", "beagle")
        await serve_evidence(worker, paint)
        await worker.js.account_info()
        painted = [await heatmap("aa", breed) for breed in ("beagle", "no_such", "broken", "x" * 2000)]
        of_one_dog = await heatmap("aa", "beagle", Box(0.5, 0, 0.25, 1))
        against = await heatmap("aa", "beagle", Box(0.5, 0, 0.25, 1), "pug")

    assert before is None
    assert painted == [b"aa beagle 0.0 None", None, None, None]
    assert of_one_dog == b"aa beagle 0.5 None"
    assert against == b"aa beagle 0.5 pug"
