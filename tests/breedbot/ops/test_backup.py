"""A backup is made while the bot goes on, brought up to date, and becomes an installation again, anywhere."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from s3_server import S3Server

from breedbot.ops.backup import DATABASE, FILE, BackupDamaged, back_up, file_sha256
from breedbot.ops.restore import NotEmpty, restore
from breedbot.ops.settings import Configuration
from breedbot.serve.data_lock import DataFolderInUse, data_lock
from db import migrate
from db.chat.chat_records import Holdings
from db.database import Database
from db.errors import CopyRefused
from db.photos.photo_store import PhotoFolder, open_photo_store
from inference.model.artefact import ArtefactError
from inference.store.folder_store import ModelStore, open_model_store
from inference.store.pointer import Pointer

ALICE, BEN = 1, 2

_NOTE_OF_WORDS = '{"created_at": "today", "database_sha256": "x", "photos": "many", "models": [[]]}'


class House:
    """An installation in a folder of its own."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.settings = Configuration(data_dir=folder, _env_file=None, **more)  # type: ignore[arg-type, call-arg]
        self.photos = open_photo_store(self.settings.photo_store)
        self.models = open_model_store(self.settings.model_store, self.settings.model_cache)

    async def photo(self, user_id: int, content: bytes) -> str:
        """Somebody sends a photo."""
        await migrate.upgrade(self.settings.database_url)
        database = await Database.open(self.settings.database_url)
        try:
            sha256 = await self.photos.put(content)
            async with database.unit() as unit:
                await unit.users.seen(user_id, "en")
                await unit.photos.add(sha256, size_bytes=len(content), mime="image/jpeg", width=8, height=6)
                await unit.jobs.add(photo_sha256=sha256, user_id=user_id, chat_id=user_id, message_id=1)
        finally:
            await database.close()
        return sha256

    async def forget(self, user_id: int) -> None:
        database = await Database.open(self.settings.database_url)
        try:
            async with database.unit() as unit:
                gone = await unit.users.forget(user_id)
            for sha256 in gone:
                await self.photos.delete(sha256)
        finally:
            await database.close()

    async def held(self, user_id: int) -> Holdings | None:
        database = await Database.open(self.settings.database_url)
        try:
            async with database.unit(read_only=True) as unit:
                return await unit.users.holdings(user_id)
        finally:
            await database.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "house")


def own_model(store: ModelStore) -> str:
    """A copy of the shipped model as a host's own: the same head, named by its folder; it answers."""
    head = store.head(store.pointer().model)
    store.add("heads", head.id, lambda folder: copy(head.folder, folder))
    store.add("backbones", head.backbone_id, lambda folder: copy(store.backbone(head.backbone_id).folder, folder))
    store._write_pointer(Pointer(head.id), None)
    return head.id


def copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)


async def test_what_is_backed_up_comes_back_elsewhere(house: House, tmp_path: Path) -> None:
    alices, bens = await house.photo(ALICE, b"alice's"), await house.photo(BEN, b"ben's")
    model = own_model(house.models)
    house.settings.own_breeds.write_text("{}")
    made = await back_up(house.settings, house.models, tmp_path / "backup")
    other = House(tmp_path / "other")

    done = await restore(other.settings, other.models, tmp_path / "backup")

    assert (made.photos, made.new_photos, made.missing_photos, made.models) == (2, 2, 0, 1)
    assert (done.photos, done.models) == (2, 2)
    assert [await other.photos.get(sha256) for sha256 in (alices, bens)] == [b"alice's", b"ben's"]
    assert await other.held(ALICE) == await house.held(ALICE)
    assert other.models.own_pointer() == Pointer(model)
    assert other.settings.own_breeds.read_text() == "{}"
    assert sorted(path.name for path in other.settings.data_dir.iterdir()) == [
        "breedbot.sqlite3", "breeds.json", "lock", "models", "photos",
    ]  # fmt: skip


async def test_a_second_backup_copies_what_is_new_and_takes_away_what_was_forgotten(
    house: House, tmp_path: Path
) -> None:
    alices = await house.photo(ALICE, b"alice's")
    await house.photo(BEN, b"ben's")
    await back_up(house.settings, house.models, tmp_path / "backup")
    await house.forget(ALICE)
    await house.photo(BEN, b"ben's second")

    again = await back_up(house.settings, house.models, tmp_path / "backup")

    assert (again.photos, again.new_photos) == (2, 1)
    assert not await PhotoFolder(tmp_path / "backup" / "photos").has(alices)
    assert str(ALICE).encode() * 8 not in (tmp_path / "backup" / DATABASE).read_bytes()
    other = House(tmp_path / "other")
    await restore(other.settings, other.models, tmp_path / "backup")
    assert await other.held(ALICE) is None
    assert await other.held(BEN) is not None


async def test_a_backup_waits_for_nobody_and_nobody_waits_for_it(house: House, tmp_path: Path) -> None:
    await house.photo(ALICE, b"photo")
    database = await Database.open(house.settings.database_url)
    with data_lock(house.settings.data_dir):  # the bot is at work
        async with database.unit() as unit:
            await unit.users.seen(BEN, "fr")
            made = await back_up(house.settings, house.models, tmp_path / "backup")
    await database.close()
    other = House(tmp_path / "other")
    await restore(other.settings, other.models, tmp_path / "backup")

    assert made.photos == 1
    assert await other.held(BEN) is None, "that unit was not committed yet"


async def test_photos_that_the_store_lacks_are_counted(house: House, tmp_path: Path) -> None:
    await house.photos.delete(await house.photo(ALICE, b"photo"))

    made = await back_up(house.settings, house.models, tmp_path / "backup")

    assert (made.photos, made.missing_photos) == (0, 1)


async def test_what_is_no_whole_backup_is_refused_and_changes_nothing(house: House, tmp_path: Path) -> None:
    await house.photo(ALICE, b"photo")
    backup, other = tmp_path / "backup", House(tmp_path / "other")
    await back_up(house.settings, house.models, backup)
    with (backup / DATABASE).open("ab") as file:
        file.write(b"x")
    with pytest.raises(BackupDamaged, match="not the one"):
        await restore(other.settings, other.models, backup)
    for text in ("{", "[]", "[" * 100_000, f'{{"{"x" * 100_000}": 1}}', _NOTE_OF_WORDS):
        (backup / FILE).write_text(text)
        with pytest.raises(BackupDamaged, match=r"backup\.json: cannot be read") as wrong:
            await restore(other.settings, other.models, backup)
        assert len(str(wrong.value).removeprefix(str(backup))) < 300
    (backup / FILE).unlink()
    with pytest.raises(BackupDamaged, match=r"holds no backup\.json"):
        await restore(other.settings, other.models, backup)

    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE TRIGGER spy AFTER INSERT ON users BEGIN DELETE FROM photos; END", "trigger 'spy'"),
        ("CREATE VIEW everybody AS SELECT * FROM users", "view 'everybody'"),
        ("CREATE VIRTUAL TABLE words USING fts5(word)", "table 'words'"),
    ],
)
async def test_what_would_act_by_itself_in_a_backup_is_refused(
    house: House, tmp_path: Path, statement: str, named: str
) -> None:
    await house.photo(ALICE, b"photo")
    backup, other = tmp_path / "backup", House(tmp_path / "other")
    await back_up(house.settings, house.models, backup)
    with closing(sqlite3.connect(backup / DATABASE)) as connection, connection:
        connection.execute(statement)
    note = json.loads((backup / FILE).read_text()) | {"database_sha256": file_sha256(backup / DATABASE)}
    (backup / FILE).write_text(json.dumps(note))

    with pytest.raises(BackupDamaged, match=named):
        await restore(other.settings, other.models, backup)
    assert not (tmp_path / "other").exists()


async def test_a_changed_photo_is_named_and_the_database_is_not_put_in_place(house: House, tmp_path: Path) -> None:
    sha256 = await house.photo(ALICE, b"photo")
    await back_up(house.settings, house.models, tmp_path / "backup")
    PhotoFolder(tmp_path / "backup" / "photos").path(sha256).write_bytes(b"another")
    other = House(tmp_path / "other")

    with pytest.raises(BackupDamaged, match=sha256):
        await restore(other.settings, other.models, tmp_path / "backup")
    assert not (tmp_path / "other" / DATABASE).exists()


async def test_nothing_is_overwritten(house: House, tmp_path: Path) -> None:
    await house.photo(ALICE, b"photo")
    await back_up(house.settings, house.models, tmp_path / "backup")

    with pytest.raises(NotEmpty, match=r"house/breedbot\.sqlite3 is there already"):
        await restore(house.settings, house.models, tmp_path / "backup")
    other = House(tmp_path / "other")
    with data_lock(other.settings.data_dir), pytest.raises(DataFolderInUse):
        await restore(other.settings, other.models, tmp_path / "backup")
    own_model(house.models)
    await back_up(house.settings, house.models, tmp_path / "backup")
    other.models._write_pointer(Pointer("another"), None)
    with pytest.raises(ArtefactError, match="another answers there"):
        await restore(other.settings, other.models, tmp_path / "backup")


async def test_a_backup_moves_a_bot_into_object_storage_and_back(house: House, tmp_path: Path, s3: S3Server) -> None:
    sha256 = await house.photo(ALICE, b"photo")
    model = own_model(house.models)
    await back_up(house.settings, house.models, tmp_path / "first")
    place = s3.new_place()
    cloud = House(tmp_path / "cloud", photo_store=f"{place}/photos", model_store=f"{place}/models")

    await restore(cloud.settings, cloud.models, tmp_path / "first")
    made = await back_up(cloud.settings, cloud.models, tmp_path / "second")
    other = House(tmp_path / "other")
    await restore(other.settings, other.models, tmp_path / "second")

    assert await cloud.photos.get(sha256) == await other.photos.get(sha256) == b"photo"
    assert cloud.models.pointer() == other.models.pointer() == Pointer(model)
    assert (made.photos, made.models) == (1, 1)
    assert not (tmp_path / "cloud" / "photos").exists()


async def test_a_backup_moves_a_bot_to_postgresql_and_back(
    house: House, tmp_path: Path, postgres: PostgresServer
) -> None:
    await house.photo(ALICE, b"photo")
    await back_up(house.settings, house.models, tmp_path / "first")
    large = House(tmp_path / "large", database_url=postgres.url(postgres.new_database()))

    await restore(large.settings, large.models, tmp_path / "first")
    made = await back_up(large.settings, large.models, tmp_path / "second")
    other = House(tmp_path / "other")
    await restore(other.settings, other.models, tmp_path / "second")

    assert await large.held(ALICE) == await other.held(ALICE) == await house.held(ALICE)
    assert made.photos == 1
    with pytest.raises(CopyRefused, match="has rows already"):
        await restore(large.settings, large.models, tmp_path / "first")
