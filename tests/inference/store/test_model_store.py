"""The champion pointer moves as a whole or not at all, whatever is refused, killed or damaged."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from checkout import ROOT
from made_models import LABELS, add_backbone, add_head, made_store, restate

from inference.model.artefact import ArtefactError
from inference.store.folder_store import ModelStore
from inference.store.pointer import POINTER, Pointer

DEEP = ["[" * 100_000, '{"model": ' + "[" * 950 + "]" * 950 + "}", f'{{"{"x" * 100_000}": 1}}']

# Runs one step in a process that is killed as soon as it is about to touch the n-th file system entry below the store:
# Python announces every open, mkdir and rename to its audit hooks before it does them.
KILLED = """
import os, signal, sys
from pathlib import Path
from inference.store.folder_store import ModelStore

def hook(event, arguments):
    global left
    opens = event == "open" and arguments[1] not in (None, "r", "rb")
    if (opens or event in ("os.rename", "os.mkdir", "os.remove")) and str(root) in str(arguments[0]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

def fill(folder):
    (folder / "one").write_text("1")
    (folder / "two").write_text("2")

root, left, step = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
store = ModelStore(root, root / "nothing-shipped")
sys.addaudithook(hook)
store.promote("second") if step == "promote" else store.add("heads", "third", fill)
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_store(tmp_path_factory.mktemp("whole")).root


@pytest.fixture
def store(whole: Path, tmp_path: Path) -> ModelStore:
    root = Path(shutil.copytree(whole, tmp_path / "models"))
    return ModelStore(root, root / "nothing-shipped")


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_the_first_model_is_promoted_into_an_empty_store(tmp_path: Path) -> None:
    store = ModelStore(tmp_path, tmp_path / "nothing-shipped")
    add_backbone(store, "bones")
    add_head(store, "first", "bones")

    assert store.promote("first") == Pointer("first")
    assert store.pointer() == Pointer("first")


def test_rolling_back_never_leads_to_the_model_just_left(store: ModelStore) -> None:
    assert store.promote("second") == store.pointer() == Pointer("second", "first")
    assert store.rollback() == store.pointer() == Pointer("first")
    with pytest.raises(ArtefactError, match="no model to go back to"):
        store.rollback()


def test_rolling_back_twice_leads_to_what_the_one_before_took_over_from(store: ModelStore) -> None:
    store.promote("second")
    restate(add_head(store, "third", "bones"), champion="second")
    restate(store.root / "heads" / "second", champion="first")
    store.promote("third")

    assert store.rollback() == Pointer("second", "first")
    assert store.rollback() == Pointer("first")


def test_promoting_the_champion_keeps_the_way_back(store: ModelStore) -> None:
    store.promote("second")

    assert store.promote("second") == Pointer("second", "first")


def test_the_first_champion_has_no_way_back(store: ModelStore) -> None:
    with pytest.raises(ArtefactError, match="no model to go back to"):
        store.rollback()


def test_a_store_without_champion_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="train one first"):
        ModelStore(tmp_path / "none", tmp_path / "nothing-shipped").pointer()


@pytest.mark.parametrize("model", ["unknown", "", "..", "../heads/first", "First", "x" * 99])
def test_an_unknown_model_is_answered_with_those_there_are(store: ModelStore, model: str) -> None:
    with pytest.raises(ArtefactError, match="there are: first, second"):
        store.promote(model)


def damage_head(root: Path) -> None:
    (root / "heads" / "second" / "head.npz").write_bytes(b"PK")


def lose_backbone(root: Path) -> None:
    restate(root / "heads" / "second", backbone="lost")


def damage_weights(root: Path) -> None:
    (root / "backbones" / "bones" / "weights.npz").write_bytes(b"PK")
    restate(root / "backbones" / "bones")


def promise_too_much(root: Path) -> None:
    store = ModelStore(root, root / "nothing-shipped")
    shutil.rmtree(root / "heads" / "second")
    add_head(store, "second", "bones", (*LABELS[1:3], LABELS[0], LABELS[3]))


@pytest.mark.parametrize("damage", [damage_head, lose_backbone, damage_weights, promise_too_much])
def test_a_refused_candidate_changes_nothing(store: ModelStore, damage: Callable[[Path], None]) -> None:
    damage(store.root)
    before = contents(store.root)

    with pytest.raises(ArtefactError):
        store.promote("second")
    assert contents(store.root) == before
    assert store.pointer() == Pointer("first")


def test_a_way_back_to_a_damaged_model_is_refused(store: ModelStore) -> None:
    store.promote("second")
    (store.root / "heads" / "first" / "head.npz").unlink()

    with pytest.raises(ArtefactError, match=r"head\.npz is missing"):
        store.rollback()
    assert store.pointer() == Pointer("second", "first")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"model": 5}', '{"model": null}', '{"model": "a", "b": 1}', "\xff", *DEEP]
)
def test_a_damaged_pointer_is_named(store: ModelStore, text: str) -> None:
    (store.root / POINTER).write_bytes(text.encode("latin-1"))

    with pytest.raises(ArtefactError, match=r"champion\.json: not a champion pointer") as wrong:
        store.pointer()
    assert len(str(wrong.value).removeprefix(str(store.root))) < 300


@pytest.mark.parametrize("text", ["{", *DEEP])
def test_beside_a_damaged_pointer_the_shipped_model_answers(
    whole: Path, tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = ModelStore(tmp_path, shipped=whole)
    (tmp_path / POINTER).write_text(text)

    assert store.candidates() == ["first"]
    [line] = caplog.messages
    assert "champion.json: not a champion pointer" in line
    assert "the shipped model answers" in line


def test_the_host_hides_what_is_shipped_and_lacks_nothing_of_it(whole: Path, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "own", shipped=whole)
    assert store.pointer() == Pointer("first")
    restate(add_head(store, "own", "bones"), created_at="2999-01-01T00:00:00+00:00")

    assert store.promote("own") == store.pointer() == Pointer("own", "first")
    assert store.candidates() == ["own", "first"]
    assert [head.id for head in store.heads()] == ["first", "second", "own"]
    assert not (store.root / "backbones").exists()
    assert ModelStore(tmp_path / "other", shipped=whole).pointer() == Pointer("first")
    assert store.rollback() == Pointer("first")


def test_what_is_not_shipped_any_more_is_replaced_by_what_is(whole: Path, tmp_path: Path) -> None:
    store, alone = ModelStore(tmp_path / "host", whole), ModelStore(whole, tmp_path / "nothing-shipped")

    assert store.base("second").id == "second"
    assert store.base("of-an-older-version").id == store.pointer().model
    with pytest.raises(ArtefactError, match="of-an-older-version"):
        alone.base("of-an-older-version")


def test_a_learned_model_whose_backbone_an_upgrade_took_away_gives_way_to_the_shipped_one(
    whole: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = ModelStore(tmp_path, shipped=whole)
    learned = add_head(store, "own", "bones")
    store.promote("own")

    restate(learned, backbone="of-the-version-before")

    assert store.pointer() == Pointer("first")
    assert store.candidates() == ["first"]
    assert "own reads features of a backbone that an upgrade took away: first answers" in caplog.text


def test_the_shipped_model_is_the_last_candidate(whole: Path, tmp_path: Path) -> None:
    store = ModelStore(tmp_path, shipped=whole)
    (tmp_path / POINTER).write_text('{"model": "lost", "previous": "second"}')

    assert store.candidates() == ["lost", "second", "first"]


def test_every_move_changes_the_stamp_even_within_one_tick_of_the_clock(store: ModelStore) -> None:
    stamps = []
    for model in ("second", "first", "second"):
        store.promote(model)
        _set_clock(store.root / POINTER)
        stamps.append(store.stamp())

    assert len({stamps[0], stamps[1]}) == 2
    assert len({stamps[1], stamps[2]}) == 2
    assert store.stamp() == stamps[2]


def _set_clock(path: Path) -> None:
    os.utime(path, ns=(10**18, 10**18))


@pytest.mark.parametrize("kind", ["heads", "backbones"])
def test_a_failed_addition_leaves_nothing_behind(store: ModelStore, kind: str) -> None:
    def fill(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise KeyboardInterrupt

    before = contents(store.root)

    with pytest.raises(KeyboardInterrupt):
        store.add(kind, "third", fill)
    assert contents(store.root) == before
    assert [path.name for path in (store.root / kind).iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "UPPER", "a/b", "x" * 81, "né"])
def test_an_id_that_is_no_folder_name_is_refused(store: ModelStore, name: str) -> None:
    with pytest.raises(ArtefactError, match="model id"):
        store.add("heads", name, lambda folder: None)


def test_an_addition_never_overwrites(store: ModelStore) -> None:
    with pytest.raises(ArtefactError, match="exists already"):
        store.add("heads", "first", lambda folder: None)


def run_until_killed(store: ModelStore, count: int, step: str) -> int:
    command = [sys.executable, "-c", KILLED, str(store.root), str(count), step]
    return subprocess.run(command, check=False, timeout=60, cwd=ROOT).returncode


@pytest.mark.slow
def test_a_kill_at_any_step_of_a_promotion_leaves_a_valid_pointer(store: ModelStore) -> None:
    pointers = []
    for count in range(1, 20):
        if run_until_killed(store, count, "promote") == 0:
            break
        pointers.append(store.pointer())

    before, after = Pointer("first"), Pointer("second", "first")
    assert pointers[:2] == [before, before], "the temporary file and its renaming are two steps at least"
    assert set(pointers[2:]) <= {before, after}
    assert store.pointer() == after


@pytest.mark.slow
def test_a_kill_at_any_step_of_an_addition_shows_no_half_model(store: ModelStore) -> None:
    for count in range(1, 20):
        if run_until_killed(store, count, "add") == 0:
            break
        assert [head.id for head in store.heads()] == ["first", "second"]

    assert count > 4, "a folder, two files and a renaming"
    assert sorted(path.name for path in (store.root / "heads" / "third").iterdir()) == ["one", "two"]


@pytest.mark.slow
def test_readers_see_a_valid_pointer_while_it_moves(store: ModelStore) -> None:
    done = threading.Event()
    seen: set[str] = set()

    def read() -> None:
        while not done.is_set():
            seen.add(store.pointer().model)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for model in ("second", "first") * 5:
            store.promote(model)
    finally:
        done.set()
        reader.join()

    assert seen <= {"first", "second"}
    assert store.pointer() == Pointer("first", "second")


def test_a_head_of_the_version_before_is_read_without_doubles(store: ModelStore) -> None:
    folder = store.head("first").folder
    assert store.head("first").head().calibration.doubles == ()

    restate(folder, doubles=dict.fromkeys(LABELS, 0.5), typical_from=3.0)
    calibration = store.head("first").head().calibration
    assert (calibration.typical_from, calibration.doubles) == (3.0, (0.5,) * len(LABELS))

    restate(folder, doubles={LABELS[0]: 0.5})
    with pytest.raises(ArtefactError, match="first"):
        store.head("first").head()
