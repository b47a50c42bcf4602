"""A backbone and a head that answer together, and the champion among them."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from core.prediction import Prediction
from inference.look.second_look import SecondLook
from inference.model.artefact import ArtefactError, HeadArtefact
from inference.model.backbone import Backbone, Features, open_backbone
from inference.model.head import BATCH_ROWS, Head
from inference.model.self_check import check_backbone, check_head
from inference.photo.preprocess import Preprocessing
from inference.settings import Engine
from inference.store.folder_store import ModelStore
from inference.store.pointer_follower import Follower

log = logging.getLogger(__name__)


class Classifier:
    """Answers for batches of prepared photos."""

    def __init__(
        self, backbone: Backbone, head: Head, preprocessing: Preprocessing, lock: "threading.Lock | None" = None
    ) -> None:
        """Combine parts that belong together, which ``Champion`` checks; ``lock`` guards a shared backbone."""
        self.head = head
        self.preprocessing = preprocessing
        self.backbone = backbone
        self._lock = lock or threading.Lock()

    def with_head(self, head: Head) -> "Classifier":
        """Another head on the same backbone; both may answer at the same time, since they share its lock."""
        return Classifier(self.backbone, head, self.preprocessing, self._lock)

    @property
    def model_id(self) -> str:
        """Id of the head that answers."""
        return self.head.model

    @property
    def engine(self) -> str:
        """Name and precision of the engine."""
        return self.backbone.engine

    @property
    def batch_sizes(self) -> tuple[int, ...]:
        """Batch sizes that cost no padding, ascending."""
        return self.backbone.batch_sizes

    @property
    def second(self) -> SecondLook | None:
        """What looks at a photo again; None where the network takes one size only."""
        return SecondLook(self.head, self.preprocessing) if self.backbone.scans else None

    def cells(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The answers of all places of a photo uint8 [H, W, 3], sides multiples of 32: logits, float32 [h, w, labels].

        Their mean over a window is the answer of that window. Blocks; thread-safe.
        """
        with self._lock:
            positions = self.backbone.features(photo[None], maps=True).maps
        if positions is None:
            raise RuntimeError(f"{self.engine} gave no map")
        [positions] = positions
        rows = positions.reshape(-1, positions.shape[-1])
        parts = [self.head.logits(rows[start : start + BATCH_ROWS]) for start in range(0, len(rows), BATCH_ROWS)]
        return np.concatenate(parts).reshape(*positions.shape[:2], -1)

    def predict(self, batch: NDArray[np.uint8]) -> list[Prediction]:
        """N answers for uint8 [N, H, W, 3], RGB, 0–255, as ``preprocessing`` makes them. Blocks; thread-safe."""
        return self.head.predictions(self.raw_features(batch).vectors)

    def raw_features(self, batch: NDArray[np.uint8], *, maps: bool = False) -> Features:
        """Features of any number of photos: split and padded to the engine's batch sizes."""
        side = self.preprocessing.input_px
        if batch.dtype != np.uint8 or batch.ndim != 4 or batch.shape[1:] != (side, side, 3):
            raise ValueError(f"expected uint8 [N, {side}, {side}, 3], got {batch.dtype} {list(batch.shape)}")
        if len(batch) == 0:
            none = np.zeros((0, len(self.head.weights)), np.float32)
            return Features(none, none[:, None, None] if maps else None)
        with self._lock:
            parts = [self._padded(part, maps=maps) for part in self._parts(batch)]
        vectors = np.concatenate([part.vectors for part in parts])
        positions = [part.maps for part in parts if part.maps is not None]
        return Features(vectors, np.concatenate(positions) if positions else None)

    def explain(self, photo: NDArray[np.uint8]) -> tuple[Prediction, NDArray[np.float32]]:
        """The answer for uint8 [H, W, 3] and the evidence for its best breed, float32 [h, w] in logits."""
        features = self.raw_features(photo[None], maps=True)
        if features.maps is None:
            raise RuntimeError(f"{self.engine} gave no map")
        prediction = self.head.predictions(features.vectors)[0]
        return prediction, self.head.activation_map(features.maps[0], prediction.top[0].breed)

    def close(self) -> None:
        """Free the network."""
        with self._lock:
            self.backbone.close()

    def _parts(self, batch: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
        largest = self.batch_sizes[-1]
        return (batch[start : start + largest] for start in range(0, len(batch), largest))

    def _padded(self, part: NDArray[np.uint8], *, maps: bool) -> Features:
        count = len(part)
        size = next(size for size in self.batch_sizes if size >= count)
        if size > count:
            part = np.concatenate([part, np.zeros((size - count, *part.shape[1:]), np.uint8)])
        features = self.backbone.features(part, maps=maps)
        if len(features.vectors) != size:
            raise RuntimeError(f"{self.engine} gave {len(features.vectors)} features for {size} photos")
        return Features(features.vectors[:count], None if features.maps is None else features.maps[:count])


class Champion:
    """The model that the pointer names; follows it while it moves, and keeps the current one if the next is refused."""

    def __init__(
        self, store: ModelStore, engine: Engine = Engine.AUTO, *, loading_thread: Executor | None = None
    ) -> None:
        """Load, check and warm up; raises ArtefactError or EngineUnavailable.

        With a ``loading_thread`` batches go on with the old model while the next one is read and checked.
        """
        self._store = store
        self._engine = engine
        stamp = store.stamp()
        self._follower = Follower(store.stamp, self._next, self._first(), stamp, loading_thread)

    def __call__(self) -> Classifier:
        """The classifier for the next batch; reading the pointer's time stamp costs microseconds. Thread-safe."""
        return self._follower()

    def close(self) -> None:
        """Free the network."""
        self._follower.close().close()

    def _first(self) -> Classifier:
        *others, last = self._store.candidates()
        for model in others:
            try:
                return self._load(model, None)
            except ArtefactError as error:
                log.error("model %s is refused, the next one answers: %s", model, error)  # noqa: TRY400
        return self._load(last, None)

    def _next(self, current: Classifier) -> Classifier:
        try:
            model = self._store.pointer().model
            if model != current.model_id:
                current = self._load(model, current)
                log.info("model %s answers from now on", model)
        except ArtefactError as error:
            log.error("the new champion is refused, %s goes on: %s", current.model_id, error)  # noqa: TRY400
        return current

    def _load(self, model: str, current: Classifier | None) -> Classifier:
        artefact: HeadArtefact = self._store.head(model)
        head = artefact.head()
        source = self._store.backbone(artefact.backbone_id)
        check_head(head, source, artefact.golden_top1)
        if current is not None and current.head.backbone == head.backbone:
            return current.with_head(head)
        backbone = open_backbone(source, self._engine)
        check_backbone(backbone, source)
        return Classifier(backbone, head, source.preprocessing)
