"""Features are computed once: kept by network and photo, whole or not at all, whatever kills or damages what."""

import errno
import io
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checkout import ROOT
from numpy.typing import NDArray
from PIL import Image

from inference.photo.preprocess import Preprocessing
from training.data.read.dataset import DatasetError, LabelledPhoto
from training.features import feature_cache
from training.features.feature_cache import CacheError, FeatureCache
from training.features.feature_shards import FeatureShards

WIDTH = 5
FIT = Preprocessing(input_px=8, resize_px=8)


class Means:
    """Features are the photo's mean colour, again and again; counts the photos that it is shown."""

    id = "means-0"
    batch_size = 4

    def __init__(self) -> None:
        self.shown = 0

    def prepare(self, data: bytes, /) -> NDArray[np.uint8]:
        return FIT.decode(data)

    def __call__(self, batch: NDArray[np.uint8], /) -> NDArray[np.float32]:
        assert len(batch) == self.batch_size
        self.shown += int(batch.any(axis=(1, 2, 3)).sum())
        return np.repeat(batch.mean(axis=(1, 2, 3), dtype=np.float32)[:, None], WIDTH, 1)


def drawn(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9), (number + 1, 2 * number, 7)).save(buffer, "PNG")
    return buffer.getvalue()


def expected(photos: list[LabelledPhoto]) -> NDArray[np.float32]:
    means = [FIT.decode(photo.path.read_bytes()).mean(dtype=np.float32) for photo in photos]
    return np.repeat(np.array(means, np.float16)[:, None], WIDTH, 1)


def shards(folder: Path) -> list[Path]:
    return sorted((folder / Means.id).glob("*.npy"))


@pytest.fixture
def photos(tmp_path: Path) -> list[LabelledPhoto]:
    found = []
    for number in range(11):
        path = tmp_path / f"{number}.png"
        path.write_bytes(drawn(number))
        found.append(LabelledPhoto(path, "pug", str(number)))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def shards_of_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_cache, "SHARD_ROWS", 4)


def test_rows_are_in_the_order_of_the_photos(photos: list[LabelledPhoto], folder: Path) -> None:
    rows = FeatureCache(folder).features(Means(), photos)
    turned = FeatureCache(folder).features(Means(), photos[::-1])

    assert rows.dtype == np.float16
    np.testing.assert_array_equal(rows, expected(photos))
    np.testing.assert_array_equal(turned, expected(photos)[::-1])


def test_a_second_run_shows_the_network_nothing(photos: list[LabelledPhoto], folder: Path) -> None:
    FeatureCache(folder).features(Means(), photos)
    again = Means()

    rows = FeatureCache(folder).features(again, photos)

    assert again.shown == 0
    np.testing.assert_array_equal(rows, expected(photos))


def test_the_same_photo_under_another_name_and_label_is_not_computed_again(
    photos: list[LabelledPhoto], folder: Path, tmp_path: Path
) -> None:
    FeatureCache(folder).features(Means(), photos)
    copy = tmp_path / "copy.png"
    copy.write_bytes(photos[3].path.read_bytes())
    network = Means()

    rows = FeatureCache(folder).features(network, [LabelledPhoto(copy, "beagle", "other"), photos[3]])

    assert network.shown == 0
    np.testing.assert_array_equal(rows, expected([photos[3], photos[3]]))


def test_a_photo_that_changed_is_computed_again(photos: list[LabelledPhoto], folder: Path) -> None:
    FeatureCache(folder).features(Means(), photos)
    photos[0].path.write_bytes(drawn(100))
    network = Means()

    rows = FeatureCache(folder).features(network, photos)

    assert network.shown == 1
    np.testing.assert_array_equal(rows, expected(photos))


def test_two_networks_share_nothing(photos: list[LabelledPhoto], folder: Path) -> None:
    FeatureCache(folder).features(Means(), photos)
    other = Means()
    other.id = "means-1"

    FeatureCache(folder).features(other, photos)

    assert other.shown == len(photos)


@pytest.mark.parametrize("name", ["../elsewhere", "", "a/b", ".hidden"])
def test_an_id_that_is_no_folder_name_is_refused(photos: list[LabelledPhoto], folder: Path, name: str) -> None:
    network = Means()
    network.id = name

    with pytest.raises(ValueError, match="extractor id"):
        FeatureCache(folder).features(network, photos)


@pytest.mark.usefixtures("shards_of_four")
@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", None])
def test_a_damaged_shard_is_computed_again(photos: list[LabelledPhoto], folder: Path, damage: bytes | None) -> None:
    FeatureCache(folder).features(Means(), photos)
    victim = shards(folder)[1]
    content = bytearray(victim.read_bytes())
    content[-1] ^= 1
    victim.write_bytes(content if damage is None else damage)
    network = Means()

    rows = FeatureCache(folder).features(network, photos)

    assert network.shown in {3, 4}
    np.testing.assert_array_equal(rows, expected(photos))


@pytest.mark.usefixtures("shards_of_four")
def test_a_photo_that_cannot_be_read_is_named_and_costs_no_finished_row(
    photos: list[LabelledPhoto], folder: Path
) -> None:
    whole = photos[9].path.read_bytes()
    photos[9].path.write_bytes(b"no photo")

    with pytest.raises(DatasetError, match=r"9\.png: .*remove or replace it"):
        FeatureCache(folder).features(Means(), photos)

    photos[9].path.write_bytes(whole)
    network = Means()
    FeatureCache(folder).features(network, photos)
    assert network.shown == 1


def test_all_photos_that_cannot_be_read_are_named_at_once(photos: list[LabelledPhoto], folder: Path) -> None:
    photos[1].path.unlink()
    photos[9].path.write_bytes(b"no photo")

    with pytest.raises(DatasetError, match=r"1\.png: cannot be opened.*; also .*9\.png: .*; remove or replace them$"):
        FeatureCache(folder).features(Means(), photos)


def test_skipped_photos_have_rows_of_nan(
    photos: list[LabelledPhoto], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    photos[2].path.write_bytes(b"no photo")
    photos[5].path.unlink()

    rows = FeatureCache(folder).features(Means(), photos, unreadable="skip")

    assert np.flatnonzero(np.isnan(rows).all(axis=1)).tolist() == [2, 5]
    assert np.isnan(rows).any(axis=1).sum() == 2
    assert "2.png is left out" in caplog.text
    assert "5.png is left out" in caplog.text


def test_no_photos_and_no_readable_photos_have_no_features(photos: list[LabelledPhoto], folder: Path) -> None:
    photos[0].path.write_bytes(b"no photo")

    assert FeatureCache(folder).features(Means(), []).shape == (0, 0)
    assert FeatureCache(folder).features(Means(), photos[:1], unreadable="skip").shape == (1, 0)


class FullDisk:
    """Takes some files, then no more."""

    def __init__(self, files: int) -> None:
        self.files = files
        self.write_bytes = Path.write_bytes

    def __call__(self, path: Path, data: Any) -> int:
        if path.name.startswith(".") and self.files == 0:
            self.write_bytes(path, bytes(data)[:10])
            raise OSError(errno.ENOSPC, "No space left on device")
        self.files -= path.name.startswith(".")
        return self.write_bytes(path, data)


@pytest.mark.usefixtures("shards_of_four")
def test_a_full_disk_is_one_clear_error_and_leaves_whole_shards_only(
    photos: list[LabelledPhoto], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = FullDisk(1)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", lambda path, data: full(path, data))  # noqa: PLW0108 (binds the path)
        with pytest.raises(CacheError, match=f"{Means.id}: features cannot be kept there, No space left on device"):
            FeatureCache(folder).features(Means(), photos)

    assert [path.name for path in (folder / Means.id).iterdir()] == [path.name for path in shards(folder)]
    assert len(shards(folder)) == 1
    network = Means()
    np.testing.assert_array_equal(FeatureCache(folder).features(network, photos), expected(photos))
    assert network.shown == len(photos) - 4


def test_what_a_killed_run_left_goes_and_what_another_is_writing_stays(
    photos: list[LabelledPhoto], folder: Path
) -> None:
    old, new = folder / Means.id / ".old", folder / Means.id / ".new"
    old.parent.mkdir(parents=True)
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 3600,) * 2)

    FeatureCache(folder).features(Means(), photos)

    assert (old.exists(), new.exists()) == (False, True)


KILLED = """
import sys, time
from pathlib import Path
sys.path[:0] = {tests!r}
from test_feature_cache import Means, feature_cache, FeatureCache, LabelledPhoto
feature_cache.SHARD_ROWS = 4
class Slow(Means):
    def __call__(self, batch):
        if self.shown >= 8:
            print("eight", flush=True)
            time.sleep(60)
        return super().__call__(batch)
photos = [LabelledPhoto(Path({folder!r}) / f"{{number}}.png", "pug", "") for number in range(11)]
FeatureCache(Path({cache!r})).features(Slow(), photos)
"""


def test_a_killed_run_goes_on_where_it_was(photos: list[LabelledPhoto], folder: Path) -> None:
    tests = [str(ROOT / "tests" / "training" / "features"), str(ROOT / "tests" / "servers")]
    code = KILLED.format(tests=tests, folder=str(photos[0].path.parent), cache=str(folder))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"eight\n"
        run.kill()
    network = Means()

    rows = FeatureCache(folder).features(network, photos)

    assert network.shown == 3
    np.testing.assert_array_equal(rows, expected(photos))


@pytest.mark.usefixtures("shards_of_four")
def test_two_runs_at_once_do_not_harm_each_other(photos: list[LabelledPhoto], folder: Path) -> None:
    both = threading.Barrier(2)
    found: list[NDArray[np.float16]] = []

    def run() -> None:
        both.wait()
        found.append(FeatureCache(folder).features(Means(), photos))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 2
    for rows in found:
        np.testing.assert_array_equal(rows, expected(photos))
    assert [path.name for path in (folder / Means.id).glob(".*")] == []


def test_features_of_different_length_under_one_id_are_refused(folder: Path) -> None:
    kept = FeatureShards(folder)
    kept.append([b"1" * 32], np.ones((1, 3), np.float16))
    kept.append([b"2" * 32], np.ones((1, 4), np.float16))

    with pytest.raises(CacheError, match="different length"):
        FeatureShards(folder).rows([b"1" * 32, b"2" * 32])


def test_a_photo_s_sha_256_may_end_in_zeros(folder: Path) -> None:
    key = b"1" * 30 + b"\0\0"
    FeatureShards(folder).append([key], np.ones((1, 3), np.float16))

    assert key in FeatureShards(folder)


def test_features_beyond_float16_are_refused(photos: list[LabelledPhoto], folder: Path) -> None:
    class Huge(Means):
        def __call__(self, batch: NDArray[np.uint8], /) -> NDArray[np.float32]:
            return super().__call__(batch) * 1e9

    with pytest.raises(DatasetError, match=r"means-0: .*beyond float16"):
        FeatureCache(folder).features(Huge(), photos)


def test_the_rows_are_mapped_from_disk(photos: list[LabelledPhoto], folder: Path) -> None:
    rows = FeatureCache(folder).features(Means(), photos)

    assert isinstance(rows, np.memmap)
    assert not rows.flags.writeable
