"""Whatever is wrong with a folder of photos is found and named, and what is right is not."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from made_photos import jpeg, recompressed, scene
from numpy.typing import NDArray
from PIL import Image, ImageOps

from inference.photo.decode import decode_image
from training.data.check.check import DataCheck, check, write_found_groups
from training.data.check.listing import check_json, check_table
from training.data.check.suspect_sheet import write_check
from training.data.read.dataset import DatasetError, read_photos
from training.data.read.split import split_by_group
from training.features.feature_cache import FeatureCache

TINTS = {"beagle": (220, 60, 40), "borzoi": (50, 200, 60), "pug": (60, 80, 230)}
EACH = 14


class Colours:
    """A network that sees the mean colour, which is the breed, and light and shade, which are the photo."""

    id = "colours"
    batch_size = 8

    def prepare(self, data: bytes, /) -> NDArray[np.uint8]:
        return np.array(decode_image(data).resize((8, 8), Image.Resampling.BOX))

    def __call__(self, batch: NDArray[np.uint8], /) -> NDArray[np.float32]:
        values = batch.astype(np.float32) / 64
        colour = values.mean((1, 2))
        shade = (values.mean(3) - values.mean((1, 2, 3))[:, None, None]).reshape(len(batch), -1)
        return np.concatenate([2 * colour, 2.5 * shade], axis=1)


def photo(breed: str, number: int) -> Image.Image:
    """A scene in the light of its breed."""
    grey = ImageOps.grayscale(scene(1000 * list(TINTS).index(breed) + number))
    return ImageOps.colorize(grey, (0, 0, 0), (255, 255, 255), mid=TINTS[breed])


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean") / "dogs"
    for breed in TINTS:
        (folder / breed).mkdir(parents=True)
        for number in range(EACH):
            (folder / breed / f"{number}.jpg").write_bytes(jpeg(photo(breed, number)))
    return folder


@pytest.fixture
def folder(clean: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(clean, tmp_path / "dogs"))


@pytest.fixture
def cache(tmp_path: Path) -> FeatureCache:
    return FeatureCache(tmp_path / "features")


def fast(folder: Path, cache: FeatureCache) -> DataCheck:
    return check(folder, None, cache)


def names(found: list[list[str]]) -> list[list[str]]:
    return [["/".join(Path(path).parts[-2:]) for path in paths] for paths in found]


def test_clean_photos_are_only_too_few(clean: Path, cache: FeatureCache) -> None:
    found = check_json(fast(clean, cache))

    assert found["photos"] == 3 * EACH
    assert found["breeds"] == found["few"] == dict.fromkeys(TINTS, EACH)
    assert found["sizes"] == {"min": 240, "median": 240, "max": 240}
    assert found["fit_to_train"]
    kinds = ("unreadable", "tiny", "misnamed", "duplicates", "near_duplicates", "contradictions", "passed_over")
    assert not any(found[kind] for kind in kinds)
    assert found["suspects"] is None


def test_damaged_tiny_and_misnamed_photos_are_named(folder: Path, cache: FeatureCache) -> None:
    (folder / "pug" / "broken.jpg").write_bytes(jpeg(photo("pug", 50))[:3000])
    (folder / "pug" / "tiny.jpg").write_bytes(jpeg(photo("pug", 51).resize((99, 120))))
    photo("pug", 52).save(folder / "pug" / "really.jpg", "PNG")
    (folder / "pug" / "notes.txt").write_text("mine")
    (folder / "pug" / "more").mkdir()
    (folder / "boxer").mkdir()

    found = fast(folder, cache)
    listed = check_json(found)

    assert not found.fit_to_train
    assert [Path(one["path"]).name for one in listed["unreadable"]] == ["broken.jpg"]
    assert [(Path(one["path"]).name, one["width"], one["height"]) for one in listed["tiny"]] == [("tiny.jpg", 99, 120)]
    assert [(Path(one["path"]).name, one["format"]) for one in listed["misnamed"]] == [("really.jpg", "PNG")]
    assert listed["passed_over"] == {".txt": 1, "folders": 1}
    assert listed["breeds"]["boxer"] == listed["few"]["boxer"] == 0


def test_folders_that_are_no_breeds_and_breeds_that_are_missing_are_named_beside_everything_else(
    folder: Path, cache: FeatureCache
) -> None:
    (folder / "pug").rename(folder / "Pugs")
    (folder / "unicorn").mkdir()
    (folder / "borzoi" / "broken.jpg").write_bytes(b"junk")
    (folder / "boxer").mkdir()

    found = check(folder, None, cache, ("beagle", "boxer", "pug"))
    listed = check_json(found)

    assert [(Path(one["path"]).name, one["meant"]) for one in listed["strangers"]] == [
        ("Pugs", "pug"),
        ("unicorn", None),
    ]
    assert listed["missing"] == ["boxer", "pug"]
    assert listed["photos"] == 2 * EACH + 1
    assert len(listed["unreadable"]) == 1
    assert not check(folder, None, cache).missing
    shown = "\n".join(str(cell) for cell in check_table(found).columns[2].cells)
    assert "Pugs: rename it to pug" in shown
    assert "broken.jpg" in shown


def test_a_folder_that_is_no_breed_makes_training_refuse(folder: Path, cache: FeatureCache) -> None:
    (folder / "unicorn").mkdir()

    assert not fast(folder, cache).fit_to_train
    with pytest.raises(DatasetError, match="unicorn"):
        read_photos(folder)


def test_equal_and_nearly_equal_photos_are_named_and_their_labels_compared(folder: Path, cache: FeatureCache) -> None:
    shutil.copy(folder / "pug" / "3.jpg", folder / "pug" / "copy.jpg")
    (folder / "borzoi" / "again.jpg").write_bytes(jpeg(recompressed(photo("pug", 5).resize((150, 120)), 30)))

    found = check_json(fast(folder, cache))

    assert names(found["duplicates"]) == [["pug/3.jpg", "pug/copy.jpg"]]
    assert names(found["near_duplicates"]) == [["borzoi/again.jpg", "pug/5.jpg"], ["pug/3.jpg", "pug/copy.jpg"]]
    assert names(found["contradictions"]) == [["borzoi/again.jpg", "pug/5.jpg"]]


def test_written_groups_keep_near_duplicates_on_one_side_of_every_split(folder: Path, cache: FeatureCache) -> None:
    for number in range(6):
        again = jpeg(recompressed(photo("pug", number).resize((150, 120)), 30))
        (folder / ("pug" if number % 2 else "borzoi") / f"again-{number}.jpg").write_bytes(again)
    (folder / "photos.csv").write_text("file,breed,group\npug/0.jpg,pug,7\npug/1.jpg,pug,7\n")

    table = write_found_groups(fast(folder, cache))

    photos = read_photos(folder)
    groups = {one.path.relative_to(folder).as_posix(): one.group for one in photos}
    assert table == folder / "photos.csv"
    assert groups["pug/0.jpg"] == groups["pug/1.jpg"] == groups["borzoi/again-0.jpg"] == groups["pug/again-1.jpg"]
    assert len(set(groups.values())) == 3 * EACH - 1
    for seed in range(5):
        split = split_by_group(photos, validation=0.15, test=0.1, seed=seed)
        parts = [{one.group for one in part} for part in (split.train, split.validation, split.test)]
        assert sum(map(len, parts)) == len(set().union(*parts))


def test_groups_of_stanford_dogs_are_found_again_from_either_folder(folder: Path, cache: FeatureCache) -> None:
    (folder.parent / "stanford").mkdir()
    images = folder.rename(folder.parent / "stanford" / "Images")
    (images / "beagle").rename(images / "n02088364-beagle")
    shutil.copy(images / "pug" / "3.jpg", images / "pug" / "copy.jpg")

    table = write_found_groups(fast(images.parent, cache))

    assert table == images / "photos.csv"
    assert read_photos(images) == read_photos(images.parent)
    assert len({one.group for one in read_photos(images)}) == 3 * EACH


def test_swapped_labels_are_suspected_and_drawn(folder: Path, cache: FeatureCache, tmp_path: Path) -> None:
    (folder / "pug" / "3.jpg").rename(folder / "borzoi" / "was-a-pug.jpg")
    (folder / "beagle" / "8.jpg").rename(folder / "pug" / "was-a-beagle.jpg")
    (folder / "boxer").mkdir()
    (folder / "boxer" / "only.jpg").write_bytes(jpeg(scene(7000)))
    (folder / "pug" / "broken.jpg").write_bytes(b"junk")

    found = check(folder, Colours(), cache)
    written = write_check(found, tmp_path / "deep" / "report")

    assert found.doubts is not None
    suspects = {one.photo.path.name: one.suspected for one in found.doubts.suspects}
    assert suspects == {"was-a-pug.jpg": "pug", "was-a-beagle.jpg": "beagle"}
    assert found.doubts.judged == 3 * EACH
    assert 0.02 < found.doubts.noise < 0.1
    assert [path.name for path in written] == ["check.json", "suspects-1.png"]
    assert json.loads(written[0].read_text()) == check_json(found)
    with Image.open(written[1]) as sheet:
        assert sheet.width > 1000


def test_an_older_reports_pictures_are_replaced(clean: Path, cache: FeatureCache, tmp_path: Path) -> None:
    (tmp_path / "near-duplicates-3.png").write_bytes(b"older")

    written = write_check(fast(clean, cache), tmp_path)

    assert [path.name for path in written] == ["check.json"]
    assert not list(tmp_path.glob("*.png"))


def test_the_table_names_each_kind_once_with_examples(folder: Path, cache: FeatureCache) -> None:
    for number in range(12):
        (folder / "pug" / f"broken-{number}.jpg").write_bytes(b"")

    table = check_table(fast(folder, cache))

    first, second, third = ([str(cell) for cell in column.cells] for column in table.columns)
    assert first.count("unreadable") == 1
    assert second[first.index("unreadable")] == "12"
    listed = third[first.index("unreadable") :][1:10]
    assert sum("broken-" in line for line in listed) == 8
    assert "and 4 more" in listed[-1]


def test_a_folder_that_cannot_be_used_at_all_is_an_error(tmp_path: Path, cache: FeatureCache) -> None:
    with pytest.raises(DatasetError, match="no photos in it"):
        fast(tmp_path, cache)
