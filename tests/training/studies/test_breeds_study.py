"""The study of breeds on drawn features: two pairs of look-alikes among twelve breeds, and nothing else to confuse."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.breeds.catalogue import catalogue
from inference.store.folder_store import SHIPPED, ModelStore
from training.data.read.dataset import DatasetError, LabelledPhoto
from training.data.read.split import Split, split_by_group
from training.features.labelled_features import LabelledFeatures
from training.recipe import with_settings
from training.recipes import recipe
from training.recipes.default import RECIPE as DEFAULT
from training.studies.breeds.findings import Findings
from training.studies.breeds.look_alikes import LookAlikes, find_look_alikes
from training.studies.breeds.recipe import BreedsStudy
from training.studies.breeds.run import conduct, write_findings
from training.studies.breeds.shipped_photos import shipped_photos
from training.studies.breeds.subset_trial import Parts, Trial, TrialPlan, try_subset
from training.studies.breeds.subsets import easy_subsets, hard_subsets, random_subsets
from training.studies.breeds.trial_bootstrap import TrialBootstrap
from training.studies.breeds.trial_plans import trial_plans

pytestmark = pytest.mark.keras

BREEDS = tuple(sorted(catalogue()))[:12]
TWINS = ((0, 1), (4, 9))
WIDTH, EACH = 24, 30
STUDY = BreedsStudy(
    sizes=(2, 4, 8), subsets=6, extremes=2, each=15, learning=(2, 6), learning_subsets=3, draws=2, penalties=(0.01, 0.1)
)


def features_of(photos: list[LabelledPhoto]) -> LabelledFeatures:
    """Clusters far apart, but for the twins, whose clusters overlap."""
    centres = np.random.default_rng(1).normal(size=(len(BREEDS), WIDTH)) * 3
    for one, two in TWINS:
        centres[two] = centres[one] + 0.25
    labels = np.array([photo.breed for photo in photos])
    noise = np.stack([np.random.default_rng(int(photo.group)).normal(size=WIDTH) for photo in photos])
    return LabelledFeatures((centres[np.searchsorted(BREEDS, labels)] + noise).astype(np.float16), labels)


@pytest.fixture(scope="module")
def split() -> Split:
    photos = [
        LabelledPhoto(Path(f"{breed}/{number}.jpg"), breed, str(EACH * place + number))
        for place, breed in enumerate(BREEDS)
        for number in range(EACH)
    ]
    return split_by_group(photos, validation=0.2, test=0.3, seed=1)


@pytest.fixture(scope="module")
def parts(split: Split) -> Parts:
    return Parts(features_of(split.train), features_of(split.validation), features_of(split.test))


@pytest.fixture(scope="module")
def alike(split: Split, parts: Parts) -> LookAlikes:
    return find_look_alikes(parts.train.features, split.train, BREEDS, folds=3, l2=0.01, seed=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def findings(split: Split, parts: Parts, folder: Path) -> Findings:
    return conduct(STUDY, split, parts, folder)


def names(pairs: tuple[tuple[int, int], ...]) -> set[tuple[str, str]]:
    return {(BREEDS[one], BREEDS[two]) for one, two in pairs}


def test_twins_are_found_on_the_training_photos(alike: LookAlikes) -> None:
    assert set(alike.pairs(0.05)) == set(TWINS)
    assert alike.mistaken.sum() == len(BREEDS) * EACH / 2
    np.testing.assert_allclose(alike.belief.sum(axis=1), 1, atol=1e-6)
    assert alike.errors.sum() == 2 * sum(alike.errors[pair] for pair in TWINS)


def test_look_alikes_are_read_as_they_were_written(alike: LookAlikes, tmp_path: Path) -> None:
    alike.write(tmp_path / "alike.json")

    read = LookAlikes.read(tmp_path / "alike.json")

    assert read.breeds == alike.breeds
    np.testing.assert_array_equal(read.belief, alike.belief)
    np.testing.assert_array_equal(read.mistaken, alike.mistaken)


def test_photos_of_one_group_are_answered_by_a_head_that_saw_none_of_them(split: Split, parts: Parts) -> None:
    twice = [*split.train, *split.train]
    doubled = np.concatenate([parts.train.features, parts.train.features])

    found = find_look_alikes(doubled, twice, BREEDS, folds=3, l2=0.01, seed=1)

    once = find_look_alikes(parts.train.features, split.train, BREEDS, folds=3, l2=0.01, seed=1)
    assert np.abs(found.mistaken - 2 * once.mistaken).sum() <= 4, "copies tell a head nothing"


def test_random_subsets_take_each_breed_equally_often() -> None:
    subsets = random_subsets(BREEDS, 4, 7, seed=1)

    assert len(subsets) == 9
    counts = np.unique([breed for subset in subsets for breed in subset.breeds], return_counts=True)[1]
    assert counts.tolist() == [3] * len(BREEDS)
    assert [subset.number for subset in subsets] == list(range(9))
    assert random_subsets(BREEDS, 4, 7, seed=1) == subsets
    assert random_subsets(BREEDS, 4, 7, seed=2) != subsets


def test_hard_subsets_hold_twins_and_easy_ones_do_not(alike: LookAlikes) -> None:
    hard = hard_subsets(BREEDS, alike.alike, (2, 6), 2)
    easy = easy_subsets(BREEDS, alike.alike, (2, 6), 3, seed=1)

    assert {subset.breeds for subset in hard if len(subset.breeds) == 2} == names(TWINS)
    for subset in easy:
        assert not any({*pair} <= {*subset.breeds} for pair in names(TWINS))
    assert all(len(set(subset.breeds)) == len(subset.breeds) for subset in [*hard, *easy])


def test_growths_that_meet_count_once(alike: LookAlikes) -> None:
    hard = hard_subsets(BREEDS, alike.alike, (len(BREEDS) - 1, len(BREEDS)), 5)

    assert len([subset for subset in hard if len(subset.breeds) == len(BREEDS)]) == 1


def test_a_trial_answers_every_test_photo_of_its_breeds(parts: Parts) -> None:
    plan = TrialPlan(random_subsets(BREEDS, 4, 1, seed=1)[0], each=10)

    trial = try_subset(plan, parts, (0.01, 0.1))

    truth = parts.test.labels[trial.rows]
    assert set(truth) == set(plan.subset.breeds)
    assert len(truth) == np.isin(parts.test.labels, plan.subset.breeds).sum()
    answers = np.array(plan.subset.breeds)[trial.answer]
    np.testing.assert_array_equal(answers == truth, trial.rank == 0)
    assert trial.train_photos == 40
    assert trial.rank.max() < 4
    assert ((trial.confidence >= 0.25) & (trial.confidence <= 1)).all()


def test_a_trial_says_the_same_along_the_directions_that_matter(parts: Parts) -> None:
    plan = TrialPlan(random_subsets(BREEDS, 4, 1, seed=1)[0], each=10)

    whole = try_subset(plan, replace(parts, scale=parts.reduced(0.5).scale), (0.01, 0.1))
    fewer = parts.reduced(0.97)
    reduced = try_subset(plan, fewer, (0.01, 0.1))

    assert len(BREEDS) - 1 <= fewer.test.features.shape[1] < WIDTH
    assert (reduced.rows.tolist(), reduced.answer.tolist()) == (whole.rows.tolist(), whole.answer.tolist())
    np.testing.assert_allclose(reduced.confidence, whole.confidence, atol=0.05)


def test_few_photos_are_among_many_of_the_same_draw(parts: Parts) -> None:
    subset = random_subsets(BREEDS, 4, 1, seed=1)[0]

    photos = [try_subset(TrialPlan(subset, each), parts, (0.1,)).train_photos for each in (5, 15, None)]

    assert photos == [20, 60, 60]


def test_a_trial_is_read_as_it_was_written_and_another_plan_is_not_taken_for_it(parts: Parts, tmp_path: Path) -> None:
    plan = TrialPlan(random_subsets(BREEDS, 4, 1, seed=1)[0], each=5)
    trial = try_subset(plan, parts, (0.1,))
    file = tmp_path / "trial.json"

    trial.write(file)

    read = Trial.read(file, plan)
    assert read is not None
    assert (read.plan, read.l2, read.temperature, read.train_photos) == (
        plan, trial.l2, trial.temperature, trial.train_photos,
    )  # fmt: skip
    np.testing.assert_array_equal(read.rank, trial.rank)
    np.testing.assert_array_equal(read.confidence, trial.confidence)
    assert Trial.read(file, replace(plan, draw=1)) is None
    assert Trial.read(tmp_path / "none.json", plan) is None


def test_the_fall_is_laid_to_the_twins_and_to_nothing_else(findings: Findings) -> None:
    pairs = {pair.breeds: pair for pair in findings.pairs}

    assert findings.fall.total.value > 0.05
    assert findings.fall.explained.value == pytest.approx(1, abs=0.15)
    assert findings.fall.errors_explained.value > 0.9
    assert {pair.breeds for pair in findings.pairs if pair.look_alikes} == names(TWINS)
    assert set(pairs) >= names(TWINS)
    assert findings.test_errors == sum(pair.test_errors for pair in findings.pairs)
    assert sum(findings.rivals) == findings.test_photos == 12 * 9


def test_chances_begin_and_end_where_they_must(findings: Findings) -> None:
    rank = np.repeat(np.arange(len(findings.rivals)), findings.rivals)
    top1, top3 = findings.chances[len(BREEDS)]

    assert top1 == pytest.approx((rank == 0).mean())
    assert top3 == pytest.approx((rank < 3).mean())
    assert findings.chances[2][0] == pytest.approx(1 - (rank / (len(BREEDS) - 1)).mean())
    falling = [top1 for top1, _ in findings.chances.values()]
    assert falling == sorted(falling, reverse=True)


def test_easy_choices_stay_right_and_hard_ones_do_not(findings: Findings) -> None:
    accuracy = {(point.kind, point.size): point.top1 for point in findings.points}

    assert accuracy["easy", 4].value > 0.97
    assert accuracy["hard", 2].value < 0.85
    for one in accuracy.values():
        assert one.low <= one.value <= one.high
    assert accuracy["all", 12].low < accuracy["all", 12].value < accuracy["all", 12].high


def test_the_learning_curve_follows_the_same_choices(findings: Findings) -> None:
    counts = {(point.size, point.each): point.subsets for point in findings.learning}

    few = {(size, each): 3 for size in (2, 4) for each in (2, 6, 15, None)}
    everything = {(12, 2): 2, (12, 6): 2, (12, 15): 1, (12, None): 1}
    assert counts == few | everything


def test_finished_trials_are_not_made_again(findings: Findings, split: Split, parts: Parts, folder: Path) -> None:
    kept = {path: path.stat().st_mtime_ns for path in (folder / "trials").iterdir()}
    victim = sorted(kept)[3]
    victim.unlink()

    again = conduct(STUDY, split, parts, folder)

    changed = {path for path in (folder / "trials").iterdir() if path.stat().st_mtime_ns != kept[path]}
    assert changed == {victim}
    assert again == findings


def test_numbers_page_and_plots_are_written(findings: Findings, tmp_path: Path) -> None:
    files = write_findings(STUDY, findings, "resnet50-0", tmp_path)

    assert {file.name for file in files} == {
        "results.json", "breeds-study.md",
        *(f"breeds-{name}.png" for name in ("accuracy", "look-alikes", "pairs", "confidence", "photos")),
    }  # fmt: skip
    told = json.loads((tmp_path / "results.json").read_text())
    assert told["backbone"] == "resnet50-0"
    assert told["fall"]["total"]["value"] == findings.fall.total.value
    page = (tmp_path / "breeds-study.md").read_text()
    for name in ("breeds-accuracy.png", "resnet50-0", "Optimistic", "| 4 | at random | 6 (216) |"):
        assert name in page
    for file in files:
        if file.suffix == ".png":
            Image.open(file).verify()


def test_without_photos_the_features_that_ship_are_studied() -> None:
    store = ModelStore(SHIPPED)
    artefact = store.backbone(store.head(store.pointer().model).backbone_id)

    split, parts = shipped_photos(artefact)

    assert len({photo.breed for photo in split.train}) == 132
    assert set(parts.train.labels) == set(parts.validation.labels) == set(parts.test.labels)
    assert 3.5 < len(split.train) / len(split.validation) < 4.1
    assert [photo.breed for photo in split.test] == parts.test.labels.tolist()
    together = [*split.train, *split.validation, *split.test]
    assert len({photo.group for photo in together}) == len(together)


def test_the_page_says_which_photos_were_studied(findings: Findings, tmp_path: Path) -> None:
    write_findings(STUDY, findings, "resnet50-0", tmp_path, shipped=True)

    page = (tmp_path / "breeds-study.md").read_text()
    assert "features that ship" in page
    assert "default recipe's split" not in page.replace("\n", " ")


def test_too_few_breeds_or_photos_are_refused(split: Split, parts: Parts, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="needs more than 12"):
        conduct(replace(STUDY, sizes=(2, 12)), split, parts, tmp_path)
    fewer = parts.test.labels != BREEDS[3]
    without = replace(parts, test=LabelledFeatures(parts.test.features[fewer], parts.test.labels[fewer]))
    with pytest.raises(DatasetError, match=f"no test photos of {BREEDS[3]}"):
        conduct(STUDY, split, without, tmp_path)


@pytest.mark.parametrize(
    "setting", ["sizes=10,5", "sizes=1,5", "penalties=", "folds=1", "validation=0.5", "each=0", "learning=0", "keep=1"]
)
def test_impossible_numbers_are_refused(setting: str) -> None:
    settings = [setting, *(["test=0.5"] if setting.startswith("validation") else [])]

    with pytest.raises(Exception, match=setting.partition("=")[0]):
        with_settings(BreedsStudy(), settings)


def test_the_recipe_describes_itself_and_splits_as_the_shipped_model_was_split() -> None:
    study = recipe("breeds-study")
    assert isinstance(study, BreedsStudy)

    description = study.describe("breeds-study")

    assert (description.classes, description.trainable_params) == (132, 3329 * 132)
    assert description.frozen_params == 23_587_712 + 4_811_072
    assert description.total_params == description.trainable_params + description.frozen_params
    assert (study.validation, study.test, study.seed) == (DEFAULT.validation, DEFAULT.test, DEFAULT.seed)


def test_every_plan_is_made_once(alike: LookAlikes) -> None:
    plans = trial_plans(STUDY, BREEDS, alike)

    assert len({plan.name for plan in plans}) == len(plans) == len(set(plans))
    assert plans[-1].each is None


def test_resampling_keeps_the_photos_of_each_breed_and_differences_keep_what_is_shared(parts: Parts) -> None:
    trials = [try_subset(TrialPlan(subset, 10), parts, (0.1,)) for subset in random_subsets(BREEDS, 4, 3, seed=1)]
    bootstrap = TrialBootstrap(parts.test.labels, resamples=100)

    def everything(value: bool) -> list[NDArray[np.bool_]]:
        return [np.full(len(trial.rows), value) for trial in trials]

    right = bootstrap.mean(trials, [trial.rank == 0 for trial in trials])
    np.testing.assert_allclose(bootstrap.mean(trials, everything(value=True)).draws, 1)
    assert (right - right).estimate.high == 0
    assert right.over(right).estimate.low == pytest.approx(1)
    assert right.over(bootstrap.mean(trials, everything(value=False))).value == 0
