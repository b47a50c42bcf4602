"""Five breeds on a network that is not ResNet50 go the very same way: engines, worker, album, heat map, learning."""

import asyncio
import io
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from learning_school import BASE, Kennel, School
from numpy.typing import NDArray
from PIL import Image

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import BreedScore, Kind
from db import migrate
from db.database import Database
from db.learning.learning_records import RetrainStatus
from db.photos.photo_store import PhotoFolder
from inference.engine.openvino import OpenVinoBackbone
from inference.model.artefact import MANIFEST, ArtefactError, hash_files, open_backbone_artefact
from inference.model.backbone import open_backbone
from inference.model.classifier import Champion, Classifier
from inference.model.fusion import Fusion
from inference.model.head import UNTYPICAL_AT_MOST, Calibration, Head
from inference.model.network import ARRAYS, GRAPH, StoredNetwork
from inference.model.self_check import check_head, drawn_features, golden_accuracy
from inference.model.shadow_score import ShadowAnswer
from inference.photo.preprocess import Preprocessing
from inference.queue.local import LocalQueue
from inference.queue.nats.codec import decode_result, encode_result
from inference.queue.protocol import Job, JobResult
from inference.serving.heatmap_service import heatmap
from inference.serving.shadow import Shadow
from inference.settings import Engine
from inference.store.folder_store import ModelStore
from inference.worker.worker import Worker
from training.data.read.dataset import LabelledPhoto
from training.default.export import fill_backbone, fill_head
from training.features.labelled_features import LabelledFeatures, extract
from training.heads.calibrate import calibrate
from training.heads.head_fit import fit_head
from training.learning.retrain.retrain import RetrainSettings, retrain
from training.learning.trust.apply import apply_trust
from training.learning.trust.params import TrustParams
from training.networks.export import write_application

pytestmark = [
    pytest.mark.slow,
    # TensorFlow 2.21's variables, read by Keras with NumPy 2
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]

SIDE_PX, EACH, ALPHA = 64, 40, 0.25
PICTURE_PX = (140, 126)  # as many as let a dog be named without doubt, inference/look/policy.py
ODD_PUG = (60, 40, 135)
FEW = 3  # pugs that the model learned from, and none of an odd colour: those people teach it
WIDTH = 256  # of MobileNet's 1,024 features, a quarter
BACKBONE = "mobilenet-1"
COLOURS = {
    "afghan_hound": (200, 150, 60),
    "beagle": (90, 40, 200),
    "borzoi": (230, 230, 220),
    "pug": (30, 30, 30),
    "saluki": (220, 40, 40),
    NOT_A_DOG: (60, 200, 60),
}


def picture(rng: np.random.Generator, colour: tuple[int, int, int]) -> bytes:
    """A PNG of blots in a colour, no two alike."""
    blots = np.clip(rng.normal(128, 60, (*rng.integers(2, 9, 2), 3)), 0, 255).astype(np.uint8)
    pixels = np.asarray(Image.fromarray(blots).resize(PICTURE_PX, Image.Resampling.BICUBIC), np.float32)
    mixed = pixels / 5 + np.multiply(colour, 4 / 5) + rng.normal(0, 9, pixels.shape)
    file = io.BytesIO()
    Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def photos_of(folder: Path) -> list[LabelledPhoto]:
    rng, photos = np.random.default_rng(1), []
    for breed, colour in COLOURS.items():
        (folder / breed).mkdir(parents=True)
        for number in range(EACH):
            path = folder / breed / f"{number}.png"
            path.write_bytes(picture(rng, colour))
            photos.append(LabelledPhoto(path, breed, str(path)))
    return photos


def seeing_colours() -> list[NDArray[np.float32]]:
    """Weights of a MobileNet that sees nothing but colours: mixed by the first layer, handed on by all others.

    A network that learns is another one on each processor, since they round differently, and so is what can be taught
    to it afterwards.
    """
    rng = np.random.default_rng(1)
    core = keras.applications.MobileNet(include_top=False, weights=None, input_shape=(SIDE_PX, SIDE_PX, 3), alpha=ALPHA)
    convolutions = keras.layers.Conv2D | keras.layers.DepthwiseConv2D
    first, *others = (layer for layer in core.layers if isinstance(layer, convolutions))
    mixed = rng.normal(size=first.kernel.shape[2:])
    first.set_weights([np.broadcast_to(mixed / 9, first.kernel.shape)])
    for layer in others:
        (kernel,) = layer.get_weights()
        height, width, inputs, outputs = kernel.shape
        same = np.full((inputs, 1), 1) if outputs == 1 else np.arange(inputs)[:, None] == np.arange(outputs) % inputs
        layer.set_weights([np.broadcast_to(same / (height * width), kernel.shape)])
    shift = next(layer for layer in core.layers if isinstance(layer, keras.layers.BatchNormalization))
    gamma, _, mean, variance = shift.get_weights()
    shift.set_weights([gamma, rng.uniform(-0.5, 0.5, gamma.shape), mean, variance])
    return [np.asarray(weight, np.float32) for weight in core.get_weights()]


def fill(folder: Path, photos: list[LabelledPhoto]) -> None:
    """The network, and features of all photos: every other one is a golden one."""
    preprocessing = Preprocessing(SIDE_PX, SIDE_PX)
    stated = write_application(folder, "MobileNet", seeing_colours(), SIDE_PX, alpha=ALPHA)
    network = StoredNetwork(folder / GRAPH[0], SIDE_PX, "MobileNet", {"alpha": ALPHA}, None)
    backbone = OpenVinoBackbone(network)
    pugs = [photo for photo in photos[::2] if photo.breed == "pug"]
    learned = [photo for photo in photos[::2] if photo not in pugs[FEW:]]
    known, golden = (extract(backbone, some, preprocessing.decode, "made") for some in (learned, photos[1::2]))
    expected = drawn_features(backbone, SIDE_PX)
    backbone.close()
    fill_backbone(folder, BACKBONE, stated, preprocessing, expected, golden, known, {"note": "made for a test"})


def head_of(known: LabelledFeatures, golden: LabelledFeatures) -> Head:
    labels = tuple(COLOURS)
    columns = np.array([labels.index(label) for label in known.labels.tolist()])
    solved = fit_head(known.features, columns, len(labels), l2=0.03)
    head = Head(BASE, BACKBONE, labels, solved.weights, solved.bias, Calibration())
    return calibrate(head, golden.features, golden.labels)


@dataclass(frozen=True)
class Other:
    """A store whose champion knows five breeds by another network's features; beneath it is the model that ships."""

    store: ModelStore
    head: Head
    photos: list[LabelledPhoto]
    shipped: str

    @property
    def golden(self) -> list[LabelledPhoto]:
        return self.photos[1::2]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Other:
    folder = tmp_path_factory.mktemp("other")
    photos, store = photos_of(folder / "photos"), ModelStore(folder / "models")
    shipped = store.pointer().model
    store.add("backbones", BACKBONE, lambda at: fill(at, photos))
    backbone = store.backbone(BACKBONE)
    known, golden = (LabelledFeatures(*part) for part in (backbone.exemplars(), backbone.golden()))
    head = head_of(known, golden)
    promise = {"recipe": "made", "selfcheck": {"golden_top1": golden_accuracy(head, *backbone.golden())}}
    store.add("heads", BASE, lambda at: fill_head(at, head, "# card\n", {}, promise))
    store.promote(BASE)
    return Other(store, head, photos, shipped)


@pytest.fixture(scope="module")
def engines(other: Other) -> Iterator[tuple[Classifier, Classifier]]:
    """OpenVINO's and Keras'."""
    champions = [Champion(other.store, engine) for engine in (Engine.OPENVINO, Engine.KERAS)]
    fast, exact = (champion() for champion in champions)
    yield fast, exact
    for champion in champions:
        champion.close()


def pixels_of(other: Other) -> NDArray[np.uint8]:
    decode = other.store.backbone(BACKBONE).preprocessing.decode
    return np.stack([decode(photo.path.read_bytes()) for photo in other.golden])


def test_the_manifest_alone_says_what_the_network_is(other: Other) -> None:
    artefact = other.store.backbone(BACKBONE)
    network = artefact.network()

    assert isinstance(network, StoredNetwork)
    assert (network.architecture, network.arguments, network.input_px) == ("MobileNet", {"alpha": ALPHA}, SIDE_PX)
    assert network.in_keras
    assert artefact.expected_features().shape == (WIDTH,)


def test_both_engines_know_the_five_breeds_and_say_the_same(
    other: Other, engines: tuple[Classifier, Classifier]
) -> None:
    pixels = pixels_of(other)
    fast, exact = (one.raw_features(pixels, maps=True) for one in engines)
    fast_p, exact_p = (other.head.probabilities(one.vectors) for one in (fast, exact))

    assert [one.engine for one in engines] == ["openvino f32", f"keras {keras.backend.backend()} float32"]
    assert np.abs(fast_p - exact_p).max() <= 0.02
    assert (fast_p.argmax(axis=1) == exact_p.argmax(axis=1)).all()
    named = np.array(other.head.labels)[fast_p.argmax(axis=1)]
    assert (named == [photo.breed for photo in other.golden]).mean() >= 0.5, "by chance it would be a sixth"
    for features in (fast, exact):
        assert features.maps is not None
        assert features.maps.shape == (len(pixels), 2, 2, WIDTH)
        np.testing.assert_allclose(features.maps.mean(axis=(1, 2)), features.vectors, atol=1e-4)


def test_the_heat_map_explains_the_logit_exactly(other: Other, engines: tuple[Classifier, Classifier]) -> None:
    for classifier in engines:
        prediction, evidence = classifier.explain(pixels_of(other)[0])
        column = other.head.labels.index(prediction.top[0].breed)
        (logits,) = other.head.logits(prediction.features[None])

        assert evidence.mean() + other.head.bias[column] == pytest.approx(logits[column], abs=0.05)
        painted = heatmap(classifier, other.photos[0].path.read_bytes(), "pug")
        assert (painted.width, painted.height > PICTURE_PX[1]) == (PICTURE_PX[0], True)


class Line:
    """A worker at work, as in `breedbot run`."""

    def __init__(self, other: Other) -> None:
        self._photos = [photo.path for photo in other.golden]
        self._queue, self._results = LocalQueue(), dict[int, asyncio.Future[JobResult]]()
        self._champion = Champion(other.store, Engine.OPENVINO)
        self.shadow = Shadow(other.store)
        self.worker = Worker(self._queue, self._champion, self._fetch, self._report, shadow=self.shadow)

    async def answers(self, first: int = 0) -> list[JobResult]:
        """Of all golden photos; jobs are numbered from `first`."""
        jobs = [Job(first + number, str(number), time.time()) for number in range(len(self._photos))]
        self._results = {job.id: asyncio.get_running_loop().create_future() for job in jobs}
        for job in jobs:
            await self._queue.submit(job)
        return list(await asyncio.gather(*self._results.values()))

    async def _fetch(self, name: str) -> bytes:
        return self._photos[int(name)].read_bytes()

    async def _report(self, result: JobResult) -> None:
        self._results[result.job.id].set_result(decode_result(encode_result(result)))


@pytest.fixture
async def line(other: Other) -> AsyncIterator[Line]:
    made = Line(other)
    working = asyncio.create_task(made.worker.run())
    yield made
    working.cancel()
    await asyncio.wait((working,))
    made.shadow.close()


async def test_a_worker_swaps_from_the_shipped_model_to_it_and_back(other: Other) -> None:
    other.store.promote(other.shipped)
    line = Line(other)
    working = asyncio.create_task(line.worker.run())
    try:
        before = await line.answers()
        other.store.promote(BASE)
        after = await line.answers(1000)
    finally:
        working.cancel()
        await asyncio.wait((working,))
        line.shadow.close()

    told = [result.predictions[0] for result in after]
    assert {one.model for result in before for one in result.predictions} == {other.shipped}
    assert len(told) == len(other.golden)
    assert {one.model for one in told} == {BASE}
    assert {one.features.shape for one in told} == {(WIDTH,)}
    named = [NOT_A_DOG if one.kind == NOT_A_DOG else one.top[0].breed for one in told]
    assert np.mean([one == photo.breed for one, photo in zip(named, other.golden, strict=True)]) >= 0.5


@dataclass(frozen=True)
class Stored:
    """A prediction as a database gives it back."""

    kind: Kind
    top: tuple[BreedScore, ...]
    not_a_dog: float
    features: bytes


async def test_photos_of_one_dog_are_fused_over_five_breeds(other: Other, line: Line) -> None:
    predictions = [one for result in await line.answers() for one in result.predictions]
    typical = [one for one in predictions if one.kind != NOT_A_DOG and one.top[0].confidence > UNTYPICAL_AT_MOST]
    pugs = [one for one in typical if one.top[0].breed == "pug"][:2]
    stored = [Stored(one.kind, one.top, one.not_a_dog, one.features.tobytes()) for one in pugs]

    together = Fusion(breeds=5).fuse(stored)

    logs = np.log(np.maximum(other.head.probabilities(np.stack([one.features for one in pugs])), 1e-6)).mean(axis=0)
    exact = dict(zip(other.head.labels, np.exp(logs) / np.exp(logs).sum(), strict=True))
    assert dict(together.top) == pytest.approx({breed: exact[breed] for breed, _ in together.top}, abs=1e-3)
    assert together.top[0][0] == "pug"


@pytest.fixture
async def school(other: Other, tmp_path: Path) -> AsyncIterator[School]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'breedbot.sqlite3'}"
    await migrate.upgrade(url)
    database = await Database.open(url)
    settings = RetrainSettings(tmp_path, Engine.OPENVINO, resamples=20)
    yield School(database, other.store, PhotoFolder(tmp_path / "photos"), Kennel(), other.head, settings)
    await database.close()


async def test_people_teach_it_and_what_they_taught_is_scored_beside_it(
    other: Other, engines: tuple[Classifier, Classifier], school: School, line: Line
) -> None:
    rng, classifier = np.random.default_rng(2), engines[0]
    pugs = np.stack([classifier.preprocessing.decode(picture(rng, ODD_PUG)) for _ in range(24)])
    features = classifier.raw_features(pugs).vectors
    await school.claims("pug", features, list(range(101, 113)), backbone=BACKBONE)

    outcome = await retrain(school.database, school.store, school.photos, school.settings)

    assert outcome.status is RetrainStatus.SHADOW, outcome.to_lines()
    assert outcome.model is not None
    assert outcome.left_out.damaged == 0
    taught = other.store.head(outcome.model).head()
    pug = other.head.labels.index("pug")
    before, after = ((head.logits(features).argmax(axis=1) == pug).mean() for head in (other.head, taught))
    assert after > before + 0.2
    await line.answers()  # the first batch asks for the candidate
    line.shadow._thread.submit(int).result()
    scores = [one.shadows[0] for one in await line.answers(1000)]
    assert all(isinstance(score, ShadowAnswer) and score.model == outcome.model for score in scores)


async def test_the_trust_policy_sees_claims_with_its_eyes(
    engines: tuple[Classifier, Classifier], school: School
) -> None:
    rng = np.random.default_rng(3)
    sent = np.stack([engines[0].preprocessing.decode(picture(rng, ODD_PUG)) for _ in range(6)])
    await school.claims("pug", engines[0].raw_features(sent).vectors, [7, 8, 9], decision=None, backbone=BACKBONE)

    outcome = await apply_trust(school.database, school.store, TrustParams(), dry_run=True)

    assert (outcome.model, len(outcome.decisions)) == (BASE, 6)
    assert any("the champion's answer" in one.reason for one in outcome.decisions)


def test_of_few_labels_one_is_hit_often_by_who_errs_and_by_who_is_right() -> None:
    many, few = TrustParams().among(84), TrustParams().among(6)

    assert many == TrustParams()
    assert few.aim == pytest.approx(0.2)
    assert (many.strangers_breed_day, few.strangers_breed_day) == (1, 2)


@pytest.fixture
def copy(other: Other, tmp_path: Path) -> Path:
    return Path(shutil.copytree(other.store.backbone(BACKBONE).folder, tmp_path / BACKBONE))


def restated(folder: Path, **changes: Any) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    (folder / MANIFEST).write_text(json.dumps(manifest | {"files": hash_files(folder)} | changes), encoding="utf-8")


def without_its_hash(folder: Path) -> None:
    restated(folder, files={name: sha for name, sha in hash_files(folder).items() if name != GRAPH[1]})


def that_is_no_graph(folder: Path) -> None:
    (folder / GRAPH[0]).write_text("<net/>")
    restated(folder)


def that_ends_early(folder: Path) -> None:
    (folder / GRAPH[1]).write_bytes((folder / GRAPH[1]).read_bytes()[:1000])
    restated(folder)


def of_an_unknown_architecture(folder: Path) -> None:
    restated(folder, architecture="decode_predictions")


def of_no_function(folder: Path) -> None:
    restated(folder, architecture="mobilenet")


def with_weights_from_elsewhere(folder: Path) -> None:
    restated(folder, arguments={"alpha": ALPHA, "weights": "https://example.org/weights.h5"})


def with_other_weights(folder: Path) -> None:
    restated(folder, arguments={"alpha": ALPHA, "weights": 1})


def of_other_arguments(folder: Path) -> None:
    restated(folder, arguments={"alpha": 0.5})


def with_pickled_arrays(folder: Path) -> None:
    np.savez(folder / ARRAYS, np.array([Path("/")], dtype=object), allow_pickle=True)
    restated(folder)


def without_arrays(folder: Path) -> None:
    (folder / ARRAYS).unlink()
    restated(folder)


@pytest.mark.parametrize(
    ("damage", "engine"),
    [
        (without_its_hash, Engine.OPENVINO),
        (that_is_no_graph, Engine.OPENVINO),
        (that_ends_early, Engine.OPENVINO),
        (of_an_unknown_architecture, Engine.KERAS),
        (of_no_function, Engine.KERAS),
        (with_weights_from_elsewhere, Engine.KERAS),
        (with_other_weights, Engine.KERAS),
        (of_other_arguments, Engine.KERAS),
        (with_pickled_arrays, Engine.KERAS),
        (without_arrays, Engine.KERAS),
    ],
)
def test_a_network_that_is_not_what_its_manifest_says_is_refused(
    copy: Path, damage: Callable[[Path], None], engine: Engine
) -> None:
    damage(copy)

    with pytest.raises(ArtefactError, match=BACKBONE):
        open_backbone(open_backbone_artefact(copy), engine)


def test_without_anything_for_keras_openvino_runs_it_whatever_the_machine(copy: Path) -> None:
    without_arrays(copy)

    backbone = open_backbone(open_backbone_artefact(copy), Engine.AUTO)

    assert backbone.engine.startswith("openvino")
    backbone.close()


def test_a_head_of_another_width_is_refused(other: Other) -> None:
    shipped = other.store.head(other.shipped).head()

    with pytest.raises(ArtefactError, match=rf"reads \d+ features, backbone {BACKBONE} gives {WIDTH}"):
        check_head(shipped, other.store.backbone(BACKBONE), None)
