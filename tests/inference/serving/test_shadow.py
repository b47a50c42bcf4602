"""A candidate is scored on the features of every photo, and whatever is wrong with it, photos are answered as ever."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from made_models import LABELS, add_backbone, add_head, features_of, made_store, straight_head
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind, Prediction
from inference.model.artefact import ArtefactError
from inference.model.classifier import Follower
from inference.model.head import Calibration, Head
from inference.model.shadow_score import ShadowAnswer, ShadowRefusal, ShadowScore
from inference.photo.preprocess import Preprocessing
from inference.serving.shadow import Shadow, shadow_answers
from inference.store.folder_store import ModelStore
from inference.store.pinned_store import PinnedStore
from inference.store.pointer import SHADOW
from inference.worker.batch import Answer, LoadedPhoto, PredictError, run_batch
from inference.worker.metrics import WorkerMetrics


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    return made_store(tmp_path_factory.mktemp("models"))


def seen(label: str, model: str = "first", backbone: str = "bones") -> Prediction:
    return straight_head(model, backbone).predictions(features_of(label)[None])[0]


def settled(shadow: Shadow, predictions: list[Prediction]) -> list[ShadowScore | None]:
    """Scores once the candidate is read: the first batch only asks for it."""
    shadow.scores(predictions)
    shadow._thread.submit(int).result()
    return shadow.scores(predictions)


def test_without_a_pointer_there_is_no_candidate(store: ModelStore) -> None:
    store.set_shadow(None)

    assert store.shadow() is None
    assert settled(Shadow(store), [seen("pug")]) == [None]


def test_a_candidate_says_what_it_would_have_answered(store: ModelStore) -> None:
    store.set_shadow("second")
    said = settled(Shadow(store), [seen("pug"), seen("borzoi"), seen(NOT_A_DOG)])

    assert [one.breed for one in said if isinstance(one, ShadowAnswer)] == ["pug", "borzoi", None]
    assert all(isinstance(one, ShadowAnswer) and one.model == "second" and one.confidence > 0.9 for one in said)


def test_its_words_are_those_that_it_would_answer_with() -> None:
    head = straight_head("second", "bones").calibrated(Calibration(not_a_dog_above=0.26))
    features = np.random.default_rng(5).random((50, 2048), np.float32)
    answers = head.predictions(features)

    said = shadow_answers(head, straight_head("first", "bones").predictions(features))

    assert [one.breed for one in said] == [None if a.kind is Kind.NOT_A_DOG else a.top[0].breed for a in answers]
    assert len({one.breed for one in said}) == len(LABELS)
    own = [a.not_a_dog if a.kind is Kind.NOT_A_DOG else a.top[0].confidence for a in answers]
    assert [one.confidence for one in said] == pytest.approx(own, abs=1e-3)


def test_the_pointer_is_followed_and_let_go(store: ModelStore) -> None:
    store.set_shadow("second")
    shadow = Shadow(store)
    first = settled(shadow, [seen("pug")])
    store.set_shadow(None)

    assert isinstance(first[0], ShadowAnswer)
    assert settled(shadow, [seen("pug")]) == [None]


def test_a_candidate_that_answers_already_is_not_scored(store: ModelStore) -> None:
    store.set_shadow("second")

    assert settled(Shadow(store), [seen("pug", model="second")]) == [None]


def missing(store: ModelStore) -> str:
    return "never-heard-of"


def torn(store: ModelStore) -> str:
    (add_head(store, "torn", "bones") / "head.npz").write_bytes(b"PK")
    return "torn"


def boastful(store: ModelStore) -> str:
    add_head(store, "boaster", "bones", (*LABELS[1:3], LABELS[0], LABELS[3]))
    return "boaster"


def of_other_bones(store: ModelStore) -> str:
    add_backbone(store, "other-bones")
    add_head(store, "stranger", "other-bones")
    return "stranger"


@pytest.mark.parametrize("make", [missing, torn, boastful, of_other_bones])
def test_a_broken_candidate_is_refused_with_the_reason(store: ModelStore, make: Callable[[ModelStore], str]) -> None:
    model = make(store)
    store.set_shadow(model)
    shadow = Shadow(store)

    refusals = settled(shadow, [seen("pug"), seen("borzoi")])

    assert all(isinstance(one, ShadowRefusal) and one.model == model and one.reason for one in refusals)
    assert shadow.scores([seen("pug")]) == refusals[:1]


class OneModel:
    """A classifier of which only the answers matter: the beagle's features for every photo, but none for black ones."""

    preprocessing = Preprocessing(input_px=2, resize_px=2)
    batch_sizes = (4,)
    second = None

    def cells(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise NotImplementedError

    def predict(self, batch: NDArray[np.uint8]) -> list[Prediction]:
        if not batch.any(axis=(1, 2, 3)).all():
            raise ValueError("a black photo")
        return [seen("beagle")] * len(batch)


def test_answers_carry_the_scores_and_failed_photos_have_none(store: ModelStore) -> None:
    store.set_shadow("second")
    shadow, metrics = Shadow(store), WorkerMetrics(CollectorRegistry())
    settled(shadow, [seen("pug")])
    photos = [
        LoadedPhoto(np.full((2, 2, 3), grey, np.uint8), OneModel.preprocessing, 0.0, (2, 2)) for grey in (9, 0, 9)
    ]

    outcomes = run_batch(OneModel(), photos, metrics, shadow)

    scored = [score for one in outcomes if isinstance(one, Answer) for score in one.shadows]
    assert [type(one) for one in outcomes] == [Answer, PredictError, Answer]
    assert all(isinstance(one, ShadowAnswer) and one.breed == "beagle" for one in scored)


def test_a_damaged_pointer_is_a_refusal_too(store: ModelStore) -> None:
    (store.root / SHADOW).write_text("{")

    (refusal,) = settled(Shadow(store), [seen("pug")])

    assert isinstance(refusal, ShadowRefusal)
    assert "not a shadow pointer" in refusal.reason
    store.set_shadow(None)


def test_probabilities_that_are_none_are_refused() -> None:
    head = straight_head("second", "bones")
    wild = Head(head.model, head.backbone, head.labels, np.full_like(head.weights, 3e38), head.bias, head.calibration)

    with np.errstate(all="ignore"), pytest.raises(ArtefactError, match="not finite"):
        shadow_answers(wild, [seen("pug")])


def test_a_pinned_store_has_no_candidate(store: ModelStore) -> None:
    store.set_shadow("second")
    pinned = PinnedStore(store, "first")

    assert (pinned.shadow(), pinned.stamp(SHADOW)) == (None, 0)


def test_the_pointer_names_what_was_set(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "fresh", tmp_path / "nothing-shipped")
    store.set_shadow("one")
    stamp = store.stamp(SHADOW)
    store.set_shadow("two")

    assert store.shadow() == "two"
    assert store.stamp(SHADOW) != stamp
    assert [path.name for path in store.root.iterdir()] == [SHADOW]


class Steps:
    """A pointer to numbers, where -1 cannot be read; loading waits for the gate."""

    def __init__(self) -> None:
        self.named = 0
        self.gate = threading.Event()
        self.gate.set()

    def load(self, _: int) -> int:
        found = self.named
        assert self.gate.wait(60)
        if found < 0:
            raise ArtefactError("unreadable")
        return found

    def follower(self, thread: ThreadPoolExecutor | None = None) -> Follower[int]:
        return Follower(lambda: self.named, self.load, 0, 0, thread)


def test_while_the_next_one_is_read_the_one_before_goes_on() -> None:
    steps = Steps()
    steps.gate.clear()
    with ThreadPoolExecutor(1) as thread:
        follower = steps.follower(thread)
        steps.named = 1
        during = [follower(), follower()]
        steps.gate.set()
        thread.submit(int).result()

        assert during == [0, 0]
        assert follower() == 1


def test_a_move_while_the_one_before_is_read_is_followed_next() -> None:
    steps = Steps()
    steps.gate.clear()
    with ThreadPoolExecutor(1) as thread:
        follower = steps.follower(thread)
        steps.named = 1
        follower()
        steps.named = 2
        steps.gate.set()
        thread.submit(int).result()
        follower()

        assert follower.last() == 2


def test_what_goes_wrong_is_raised_once() -> None:
    steps = Steps()
    follower = steps.follower()
    steps.named = -1

    with pytest.raises(ArtefactError):
        follower()
    assert follower() == 0
