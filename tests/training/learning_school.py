"""A model store, a database and people for the learning loop: dogs are points around their breed's."""

import atexit
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
from numpy.typing import NDArray
from sqlite_file import write_migrated
from stored import predict

from core.breeds.catalogue import NOT_A_DOG
from core.claim import Decision, Verdict
from db.chat.chat_records import Consent, NewPrediction
from db.database import Database
from db.photos.photo_store import PhotoFolder, PhotoStore
from inference.model.head import Calibration, Head
from inference.model.network import WEIGHTS
from inference.model.resnet50 import FEATURES, kernel_shapes
from inference.model.self_check import golden_accuracy
from inference.model.weights import PackedConv, write_packed_weights
from inference.photo.preprocess import Preprocessing
from inference.store.folder_store import ModelStore
from training.default.export import fill_backbone, fill_head
from training.features.labelled_features import LabelledFeatures
from training.heads.calibrate import calibrate
from training.heads.head_fit import fit_head
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.retrain.accepted_claims import AcceptedPhotos, Claim, accepted_photos
from training.learning.retrain.retrain import RetrainSettings

BREEDS = ("beagle", "borzoi", "pug", "saluki", NOT_A_DOG)
KNOWN = ("beagle", "borzoi", "pug", NOT_A_DOG)
BACKBONE, BASE = "bones", "base"


class Kennel:
    """Photos' features: of the kind that the base was trained on, and of an odd kind that it mistakes."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = np.random.default_rng(seed)
        centres = np.random.default_rng(0).gamma(1, 1, (2 * len(BREEDS), FEATURES))
        self._usual = dict(zip(BREEDS, centres, strict=False))
        self._odd = dict(zip(BREEDS, centres[len(BREEDS) :], strict=True))

    def photos(self, label: str, count: int, *, odd: bool = False, like: str | None = None) -> NDArray[np.float32]:
        """Odd ones look, at first sight, like those of another label."""
        centre = self._usual[label]
        if odd:
            other = self._usual[like or ("beagle" if label != "beagle" else "borzoi")]
            centre = 0.2 * centre + 0.4 * other + 0.4 * self._odd[label]
        noise = self._rng.normal(0, 1.0, (count, FEATURES))
        return np.asarray(np.maximum(centre + noise, 0), np.float32)

    def rows(self, each: int, labels: tuple[str, ...] = KNOWN) -> LabelledRows:
        """The usual kind."""
        features = np.concatenate([self.photos(label, each) for label in labels])
        return LabelledRows(features, np.repeat(np.array(labels), each))


def base_head(rows: LabelledRows, golden: LabelledRows) -> Head:
    columns = np.array([KNOWN.index(label) for label in rows.labels.tolist()])
    solved = fit_head(rows.features, columns, len(KNOWN), l2=0.03)
    head = Head(BASE, BACKBONE, KNOWN, solved.weights, solved.bias, Calibration())
    return calibrate(head, golden.features, golden.labels)


def made_claims(features: NDArray[np.float32], label: str, people: list[int], first_event: int = 1) -> list[Claim]:
    """Corrections, one a photo, by these people in turn."""
    return [
        Claim(
            first_event + row, people[row % len(people)], label, True, "cli", digest(photo), BACKBONE,
            photo.astype(np.float16),
        )
        for row, photo in enumerate(features)
    ]  # fmt: skip


def made_photos(*claims: list[Claim]) -> AcceptedPhotos:
    everything = [claim for some in claims for claim in some]
    return accepted_photos(everything, LabelledRows(np.ones((1, FEATURES), np.float32), np.array(["pug"])), set(BREEDS))


def digest(features: NDArray[np.floating]) -> str:
    return sha256(features.astype(np.float16).tobytes()).hexdigest()


@dataclass
class School:
    """People send photos, correct the answers, and reviewers accept that."""

    database: Database
    store: ModelStore
    photos: PhotoStore
    kennel: Kennel
    base: Head
    settings: RetrainSettings
    events: list[int] = field(default_factory=list)

    async def claims(
        self,
        label: str,
        features: NDArray[np.float32],
        people: list[int],
        *,
        decision: Decision | None = Decision.ACCEPTED,
        backbone: str = BACKBONE,
    ) -> list[int]:
        """One photo each, by these people in turn; ids of the claims."""
        made = []
        answers = self.base.predictions(features)
        async with self.database.unit() as unit:
            for row, (photo, answer) in enumerate(zip(features, answers, strict=True)):
                user, name = people[row % len(people)], digest(photo)
                await unit.users.seen(user, "en")
                await unit.consents.set(user, Consent.YES)
                await unit.photos.add(name, size_bytes=1, mime="image/jpeg", width=8, height=8)
                job = await unit.jobs.add(photo_sha256=name, user_id=user, chat_id=user, message_id=1)
                stored = photo.astype("<f2").tobytes()
                said = NewPrediction(answer.kind, answer.top, answer.not_a_dog, BASE, backbone, stored)
                prediction = await predict(unit, job.id, said)
                named = (
                    {"verdict": Verdict.NOT_A_DOG}
                    if label == NOT_A_DOG
                    else {"verdict": Verdict.CORRECT, "breed": label}
                )
                claim = await unit.feedback.append(prediction_id=prediction.id, user_id=user, **named)
                made.append(claim.id)
                if decision is not None:
                    await unit.reviews.add(feedback_event_id=claim.id, decision=decision, reviewer="moderator:7")
        return made


@asynccontextmanager
async def school(folder: Path) -> AsyncIterator[School]:
    """With the champion `BASE`, whom no feedback has taught."""
    kennel, base, models = _founded()
    shutil.copytree(models, folder / "models")
    store = ModelStore(folder / "models", shipped=folder / "nothing-shipped")
    database = await Database.open(write_migrated(folder / "breedbot.sqlite3"))
    try:
        yield School(
            database,
            store,
            PhotoFolder(folder / "photos", reserve_bytes=0),
            deepcopy(kennel),
            base,
            RetrainSettings(folder, resamples=20),
        )
    finally:
        await database.close()


@cache
def _founded() -> tuple[Kennel, Head, Path]:
    """The kennel, the base and the folder of its models: made once in a process, and copied for each school."""
    folder = Path(mkdtemp(prefix="breedbot-school-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    kennel = Kennel()
    replay, golden = kennel.rows(20), kennel.rows(24)
    base = base_head(replay, golden)
    store = ModelStore(folder, shipped=folder / "nothing-shipped")
    store.add("backbones", BACKBONE, lambda path: _fill_backbone(path, golden, replay))
    promise = {"recipe": "made", "selfcheck": {"golden_top1": golden_accuracy(base, golden.features, golden.labels)}}
    store.add("heads", BASE, lambda path: fill_head(path, base, "# card\n", {}, promise))
    store.promote(BASE)
    return kennel, base, folder


def _fill_backbone(folder: Path, golden: LabelledRows, replay: LabelledRows) -> None:
    features = np.full(FEATURES, 0.5, np.float32)
    measured, replayed = (LabelledFeatures(rows.features.astype(np.float16), rows.labels) for rows in (golden, replay))
    weights = {
        name: PackedConv(np.zeros(shape, np.int8), np.ones(shape[-1], np.float32), np.zeros(shape[-1], np.float32))
        for name, shape in kernel_shapes().items()
    }
    write_packed_weights(folder / WEIGHTS, weights)
    network = {"architecture": "resnet50", "note": "made for a test"}
    fill_backbone(folder, BACKBONE, network, Preprocessing(), features, measured, replayed, {})
