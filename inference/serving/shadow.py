"""A candidate, scored beside the champion on the features of live photos: it answers nobody, and can hold up nobody."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Prediction
from inference.model.artefact import ArtefactError
from inference.model.classifier import Follower
from inference.model.head import Head
from inference.model.self_check import check_head
from inference.model.shadow_score import ShadowAnswer, ShadowRefusal, ShadowScore
from inference.store.folder_store import ModelStore
from inference.store.pointer import SHADOW

log = logging.getLogger(__name__)


class Shadow:
    """Follows the store's shadow pointer. A candidate is read in a thread of its own; photos meanwhile go unscored."""

    def __init__(self, store: ModelStore) -> None:
        """Read nothing yet: the first batch asks for the candidate."""
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="shadow")
        # A store without a pointer has the stamp 0.
        self._follower = Follower[Head | ShadowRefusal | None](
            partial(store.stamp, SHADOW), self._load, None, 0, self._thread
        )
        self._broken: ShadowRefusal | None = None

    def scores(self, predictions: Sequence[Prediction]) -> list[ShadowScore | None]:
        """One score a prediction of one batch, in order; None = there is no candidate, or it answers already.

        Raises nothing, and is thread-safe. A candidate that fails is not tried again.
        """
        candidate: Head | ShadowRefusal | None = None
        try:
            candidate = self._follower()
            if self._broken is not None and isinstance(candidate, Head) and candidate.model == self._broken.model:
                candidate = self._broken
            if not isinstance(candidate, Head):
                return [candidate] * len(predictions)
            if any(one.model == candidate.model for one in predictions):
                return [None] * len(predictions)
            return list(shadow_answers(candidate, predictions))
        except Exception as error:  # noqa: BLE001 - the edge of what nobody has measured yet
            if not isinstance(candidate, Head):  # the pointer could not be asked: the next batch does
                log.warning("no candidate is scored: %s", error)
                return [None] * len(predictions)
            self._broken = ShadowRefusal(candidate.model, _reason(error))
            return [self._broken] * len(predictions)

    def close(self) -> None:
        """Read no more candidates."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _load(self, _: object) -> Head | ShadowRefusal | None:
        model = ""
        try:
            model = self._store.shadow() or ""
            return self._checked(model) if model else None
        except Exception as error:  # noqa: BLE001 - as above
            return ShadowRefusal(model, _reason(error))

    def _checked(self, model: str) -> Head:
        artefact = self._store.head(model)
        head = artefact.head()
        check_head(head, self._store.backbone(artefact.backbone_id), artefact.golden_top1)
        return head


def shadow_answers(head: Head, predictions: Sequence[Prediction]) -> list[ShadowAnswer]:
    """What a head says of the features that another one answered from.

    Raises:
        ArtefactError: they are of another backbone, or the head makes no probabilities of them.
    """
    if other := next((one.backbone for one in predictions if one.backbone != head.backbone), None):
        raise ArtefactError(f"it reads features of {head.backbone}, and the photos are seen by {other}")
    probabilities = head.told(np.stack([one.features for one in predictions]))
    if not np.isfinite(probabilities).all():
        raise ArtefactError("its probabilities are not finite")
    return [_answer(head, row) for row in probabilities]


def _answer(head: Head, probabilities: NDArray[np.float32]) -> ShadowAnswer:
    no_dog = head.labels.index(NOT_A_DOG)
    if probabilities[no_dog] > head.calibration.not_a_dog_above:
        return ShadowAnswer(head.model, None, float(probabilities[no_dog]))
    first, second = (int(column) for column in np.argsort(-probabilities, kind="stable")[:2])
    best = second if first == no_dog else first
    return ShadowAnswer(head.model, head.labels[best], float(probabilities[best]))


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, ArtefactError) else f"{type(error).__name__}: {error}"
