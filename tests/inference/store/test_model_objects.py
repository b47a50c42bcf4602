"""Models in object storage: fetched once, verified, promoted by one at a time, and used while the bucket is away."""

import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from made_models import add_backbone, add_head, made_store, restate
from s3_server import S3Server

from core.object_storage import open_objects
from inference.model.artefact import ArtefactError
from inference.model.classifier import Champion
from inference.serving.shadow import Shadow
from inference.store.bucket_pointer import PointerMoved, PointerObject
from inference.store.bucket_store import ModelObjects
from inference.store.folder_store import LEFTOVER_AFTER_S, ModelStore, open_model_store
from inference.store.pinned_store import PinnedStore
from inference.store.pointer import POINTER, SHADOW, Pointer
from inference.store.transfer import StoreUnavailable, stated_files, upload


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_store(tmp_path_factory.mktemp("whole")).root


@pytest.fixture
def url(s3: S3Server, whole: Path) -> str:
    """A bucket with the champion "first" and the candidate "second" on the backbone "bones"."""
    url = f"{s3.new_place('models')}/all"
    objects = open_objects(url, 20)
    for folder in (whole / "backbones" / "bones", whole / "heads" / "first", whole / "heads" / "second"):
        upload(objects, url, folder.relative_to(whole).as_posix(), folder)
    objects.put(POINTER, (whole / POINTER).read_bytes())
    return url


Machine = Callable[[str], ModelObjects]


@pytest.fixture
def machine(url: str, tmp_path: Path) -> Machine:
    """The store as a machine of this name sees it; the same name has the same cache."""
    return lambda name: ModelObjects(url, tmp_path / name, tmp_path / "nothing-shipped")


def until(true: Callable[[], bool]) -> None:
    """Looks in the background are over in milliseconds; nothing tells when."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_url_opens_a_bucket_and_a_path_a_folder(tmp_path: Path, url: str) -> None:
    assert isinstance(open_model_store(url, tmp_path), ModelObjects)
    assert type(open_model_store(tmp_path, tmp_path)) is ModelStore


def test_models_are_found_fetched_and_listed(machine: Machine, url: str) -> None:
    store = machine("here")

    assert store.place == url
    assert store.pointer() == Pointer("first")
    assert store.backbone(store.head("first").backbone_id).network().input_px == 224
    assert [head.id for head in store.heads()] == ["first", "second"]
    assert store.has("heads", "second")
    assert not store.has("heads", "third")
    with pytest.raises(ArtefactError, match="there are: first, second"):
        store.head("third")
    with pytest.raises(ArtefactError, match="there are: first, second"):
        store.head("../heads/first")


def test_what_was_fetched_is_not_fetched_again(machine: Machine) -> None:
    folder = machine("here").head("first").folder
    written = (folder / "head.npz").stat().st_mtime_ns

    assert machine("here").head("first").folder == folder
    assert (folder / "head.npz").stat().st_mtime_ns == written


def test_a_damaged_cache_is_mended_and_a_damaged_bucket_refused(machine: Machine, url: str) -> None:
    folder = machine("here").head("first").folder
    (folder / "head.npz").write_bytes(b"PK")

    assert machine("here").head("first").head().model == "first"
    open_objects(url, 20).put("heads/first/head.npz", b"PK")
    with pytest.raises(ArtefactError, match=r"first/head\.npz: damaged"):
        machine("elsewhere").head("first")
    assert machine("here").head("first").head().model == "first"


@pytest.mark.parametrize("name", ["../../outside", "/etc/outside", "a/../../b", "a\\b"])
def test_a_manifest_that_leads_out_of_its_folder_is_refused(name: str) -> None:
    with pytest.raises(ArtefactError, match="outside"):
        stated_files(b'{"files": {"' + name.replace("\\", "\\\\").encode() + b'": "0"}}', "s3://bucket/heads/first")


def test_promotion_and_rollback_are_seen_by_all_machines(machine: Machine) -> None:
    here, there = machine("here"), machine("there")
    assert there.pointer() == Pointer("first")
    before = there.stamp()

    assert here.promote("second") == here.pointer() == Pointer("second", "first")
    there.nudge()
    until(lambda: there.stamp() != before)
    assert there.pointer() == Pointer("second", "first")
    assert there.rollback() == Pointer("first")
    assert there.candidates() == ["first"]


def test_the_stamp_is_what_was_last_seen_and_asks_for_the_next_look(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = machine("here"), machine("there")
    there.pointer()
    stamps = {there.stamp() for _ in range(1000)}
    here.promote("second")
    stamps.add(there.stamp())
    monkeypatch.setattr("inference.store.bucket_pointer.LOOK_S", 0.0)
    monkeypatch.setattr("inference.store.bucket_pointer.PointerObject._look_soon.__defaults__", (0.0,))

    assert len(stamps) == 1
    until(lambda: there.stamp() not in stamps)


def test_two_promoters_cannot_overwrite_each_other(machine: Machine) -> None:
    stores = [machine(f"machine-{number}") for number in range(4)]
    for store in stores:
        store.head("second"), store.backbone("bones")
    seen = threading.Barrier(len(stores))

    def promote(store: ModelObjects) -> str:
        current, version = store._fresh()
        assert current == Pointer("first")
        seen.wait(60)
        try:
            store._point(Pointer("second", store.root.parent.name), version)
        except PointerMoved as moved:
            return str(moved)
        return ""

    with ThreadPoolExecutor(len(stores)) as threads:
        refused = list(threads.map(promote, stores))

    winner = refused.index("")
    assert [bool(words) for words in refused].count(False) == 1
    assert all("moved by somebody else" in words for words in refused if words)
    for store in stores:
        assert store._fresh()[0] == Pointer("second", stores[winner].root.parent.name)


def test_the_answer_to_our_own_write_may_be_lost(machine: Machine) -> None:
    store = machine("here")
    _, version = store._fresh()
    machine("there").promote("second")

    assert store._point(Pointer("second", "first"), version) == Pointer("second", "first")


def test_the_first_pointer_of_a_bucket_follows_the_shipped_one(s3: S3Server, whole: Path, tmp_path: Path) -> None:
    store = ModelObjects(s3.new_place(), tmp_path, shipped=whole)
    assert store.pointer() == Pointer("first")
    assert store.stamp() == 0

    assert store.promote("second") == Pointer("second", "first")
    assert [head.id for head in store.heads()] == ["first", "second"]
    assert store.head("first").folder == whole / "heads" / "first"


def test_a_model_is_added_as_a_whole_and_never_overwritten(machine: Machine, url: str) -> None:
    restate(add_head(machine("here"), "third", "bones"), created_at="2999-01-01T00:00:00+00:00")

    assert machine("there").head("third").head().labels
    with pytest.raises(ArtefactError, match="exists already"):
        add_head(machine("elsewhere"), "third", "bones")
    with pytest.raises(KeyboardInterrupt):
        machine("here").add("heads", "fourth", interrupted)
    assert not [meta for page in open_objects(url, 20).list("heads/fourth") for meta in page]


def interrupted(_folder: Path) -> None:
    raise KeyboardInterrupt


def test_a_model_without_a_manifest_is_not_there_and_goes_when_it_is_old(
    machine: Machine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, objects = machine("here"), open_objects(url, 20)
    objects.put("heads/half/head.npz", b"half")

    assert [head.id for head in store.heads()] == ["first", "second"]
    with pytest.raises(ArtefactError, match="exists already, with other contents"):
        add_head(store, "half", "bones")
    store.remove_leftovers()
    assert objects.head("heads/half/head.npz")["size"] == 4
    monkeypatch.setattr("inference.store.bucket_store.LEFTOVER_AFTER_S", -LEFTOVER_AFTER_S)
    store.remove_leftovers()
    assert add_head(store, "half", "bones").is_dir()
    assert {head.id for head in machine("there").heads()} == {"first", "half", "second"}


def test_a_removed_model_is_gone_everywhere(machine: Machine) -> None:
    here, there = machine("here"), machine("there")
    there.head("second")

    here.remove("heads", "second")
    with pytest.raises(ArtefactError, match="no head 'second'"):
        there.head("second")


def test_a_candidate_is_named_and_taken_back(machine: Machine) -> None:
    here, there = machine("here"), machine("there")
    assert (here.shadow(), here.stamp(SHADOW)) == (None, 0)

    here.set_shadow("second")
    assert (here.shadow(), there.shadow()) == ("second", "second")
    assert here.stamp(SHADOW) != 0
    here.set_shadow(None)
    assert (here.shadow(), here.stamp(SHADOW)) == (None, 0)


@pytest.mark.parametrize("text", ["", "[]", '{"model": 5}', '{"model": "a", "b": 1}'])
def test_a_damaged_pointer_is_named(machine: Machine, url: str, text: str) -> None:
    open_objects(url, 20).put(POINTER, text.encode())

    with pytest.raises(ArtefactError, match=f"{url}/champion.json: not a champion pointer"):
        machine("here").pointer()


def away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("core.object_storage.RETRY_S", 0.1)


def test_a_worker_starts_without_the_bucket_from_what_it_has_seen(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine("here")
    here.promote("second")
    away(monkeypatch)

    again = machine("here")
    assert again.pointer() == Pointer("second", "first")
    assert again.head("second").head().model == "second"
    assert again.backbone("bones").network().input_px == 224
    with pytest.raises(StoreUnavailable):
        again.promote("first")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        machine("fresh").pointer()


def test_a_bucket_that_is_not_there_is_named(s3: S3Server, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"s3://nowhere-at-all.*create it"):
        ModelObjects("s3://nowhere-at-all", tmp_path).pointer()


def test_the_champion_follows_a_pointer_that_another_machine_moves(machine: Machine) -> None:
    here, there = machine("here"), machine("there")
    champion = Champion(there)
    try:
        assert champion().model_id == "first"
        here.promote("second")
        there.nudge()

        until(lambda: champion().model_id == "second")
    finally:
        champion.close()


def test_a_candidate_is_followed_and_a_model_can_be_pinned(machine: Machine) -> None:
    store = machine("here")
    pinned = PinnedStore(store, "second")
    shadow = Shadow(store)
    try:
        store.set_shadow("second")
        until(lambda: not shadow.scores([]) and shadow._follower() is not None)
    finally:
        shadow.close()

    assert pinned.pointer() == Pointer("second")
    assert pinned.head("second").folder == store.head("second").folder
    assert pinned.shadow() is None


def test_caches_of_two_buckets_do_not_mix(s3: S3Server, machine: Machine, tmp_path: Path) -> None:
    machine("here").head("first")
    other = ModelObjects(s3.new_place(), tmp_path / "here", tmp_path / "nothing-shipped")
    other_heads = other.root / "heads"

    assert not other_heads.exists()
    add_backbone(other, "bones")
    add_head(other, "own", "bones")
    assert [path.name for path in other_heads.iterdir()] == ["own"]


def test_a_cache_may_be_deleted_at_any_time(machine: Machine) -> None:
    store = machine("here")
    store.head("first")
    shutil.rmtree(store.root)

    assert store.head("first").head().model == "first"


def test_the_doctor_sees_that_conditions_are_kept(machine: Machine, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cannot overwrite each other" in machine("here").examine()
    assert not [meta for page in open_objects(url, 20).list(".doctor") for meta in page]

    monkeypatch.setattr(PointerObject, "write", lambda self, data, _version: self.overwrite(data))
    with pytest.raises(StoreUnavailable, match="ignores If-None-Match"):
        machine("here").examine()
    assert not [meta for page in open_objects(url, 20).list(".doctor") for meta in page]
