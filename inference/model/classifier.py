"""A backbone and a head that answer together, and the one that answers now: the champion."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.prediction import Prediction
from inference.look.second_look import SecondLook
from inference.model.artefact import ArtefactError, HeadArtefact
from inference.model.backbone import Backbone, Features, open_backbone
from inference.model.head import Head
from inference.model.self_check import check_backbone, check_head
from inference.photo.preprocess import Preprocessing
from inference.settings import Engine
from inference.store.folder_store import ModelStore

T = TypeVar("T")

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
        self.model_id = head.model
        self.engine = backbone.engine
        """Name and precision."""
        self.batch_sizes = backbone.batch_sizes
        """Those that cost no padding, ascending."""
        self.second = SecondLook(head, preprocessing) if backbone.scans else None
        """What looks at a photo again; None where the network takes one size only."""
        self._lock = lock or threading.Lock()

    def with_head(self, head: Head) -> "Classifier":
        """Another head on the same backbone; both may answer at the same time, since they share its lock."""
        return Classifier(self.backbone, head, self.preprocessing, self._lock)

    def cells(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The features of all places of a photo uint8 [H, W, 3], sides multiples of 32: float32 [h, w, D].

        Their mean over a window is what that window shows. Blocks; thread-safe.
        """
        with self._lock:
            positions = self.backbone.features(photo[None], maps=True).maps
        if positions is None:
            raise RuntimeError(f"{self.engine} gave no map")
        cells: NDArray[np.float32] = positions[0]
        return cells

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
        largest, parts = self.batch_sizes[-1], list[Features]()
        with self._lock:
            for start in range(0, len(batch), largest):
                part = batch[start : start + largest]
                size = next(size for size in self.batch_sizes if size >= len(part))
                if size > len(part):
                    part = np.concatenate([part, np.zeros((size - len(part), *part.shape[1:]), np.uint8)])
                parts.append(self.backbone.features(part, maps=maps))
                if len(parts[-1].vectors) != size:
                    raise RuntimeError(f"{self.engine} gave {len(parts[-1].vectors)} features for {size} photos")
        vectors = np.concatenate([part.vectors for part in parts])[: len(batch)]  # only the last one was padded
        positions = [part.maps for part in parts if part.maps is not None]
        return Features(vectors, np.concatenate(positions)[: len(batch)] if positions else None)

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


class Follower(Generic[T]):
    """Call it before every batch: it says what to work with, and notices when the pointer has moved. Thread-safe.

    With a thread of its own it goes on with the old one until the next is ready, so that a move delays nothing; without
    one it loads at once, while the caller waits.
    """

    def __init__(
        self, stamp: Callable[[], int], load: Callable[[T], T], first: T, seen: int, thread: Executor | None = None
    ) -> None:
        """Begin with `first`, which is what the pointer named when its stamp was `seen`.

        Args:
            stamp: changes when the pointer moves; has to be cheap.
            load: the one before → the one of now, or the one before where that is refused.
            first: to begin with.
            seen: the stamp that belongs to it.
            thread: where to load; the caller shuts it down.
        """
        self._stamp = stamp
        self._load = load
        self._current = first
        self._seen = seen
        self._thread = thread
        self._loading: Future[T] | None = None
        self._lock = threading.Lock()

    def __call__(self) -> T:
        """What to work with now. Raises what `load` raised, once, and goes on with the one before."""
        with self._lock:
            if self._loading is not None and self._loading.done():
                loaded, self._loading = self._loading, None
                self._current = loaded.result()
            stamp = self._stamp()
            if stamp != self._seen and self._loading is None:
                self._seen = stamp
                if self._thread is None:
                    self._current = self._load(self._current)
                else:
                    self._loading = self._thread.submit(self._load, self._current)
            return self._current

    def last(self) -> T:
        """Wait for what is being loaded. Returns: what there is in the end, to be closed by the caller."""
        with self._lock:
            if self._loading is not None:
                with suppress(Exception):  # told by whoever loads; there is nobody left to work with it
                    self._current = self._loading.result()
            return self._current


class Champion(Follower[Classifier]):
    """The model that the pointer names, for the next batch.

    Follows it while it moves, and keeps the current one if the next is refused.
    """

    def __init__(
        self, store: ModelStore, engine: Engine = Engine.AUTO, *, loading_thread: Executor | None = None
    ) -> None:
        """Load, check and warm up; raises ArtefactError or EngineUnavailable.

        With a ``loading_thread`` batches go on with the old model while the next one is read and checked.
        """
        self._store = store
        self._engine = engine
        stamp = store.stamp()
        super().__init__(store.stamp, self._next, self._first(), stamp, loading_thread)

    def close(self) -> None:
        """Free the network."""
        self.last().close()

    def _first(self) -> Classifier:
        *others, last = self._store.candidates()
        for model in others:
            try:
                return self._opened(model, None)
            except ArtefactError as error:
                log.error("model %s is refused, the next one answers: %s", model, error)  # noqa: TRY400
        return self._opened(last, None)

    def _next(self, current: Classifier) -> Classifier:
        try:
            model = self._store.pointer().model
            if model != current.model_id:
                current = self._opened(model, current)
                log.info("model %s answers from now on", model)
        except ArtefactError as error:
            log.error("the new champion is refused, %s goes on: %s", current.model_id, error)  # noqa: TRY400
        return current

    def _opened(self, model: str, current: Classifier | None) -> Classifier:
        artefact: HeadArtefact = self._store.head(model)
        head = artefact.head()
        source = self._store.backbone(artefact.backbone_id)
        check_head(head, source, artefact.golden_top1)
        if current is not None and current.head.backbone == head.backbone:
            return current.with_head(head)
        backbone = open_backbone(source, self._engine)
        check_backbone(backbone, source)
        return Classifier(backbone, head, source.preprocessing)
