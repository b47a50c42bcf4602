"""Who teaches and who examines: a split by person, the same for good.

A head that learned from those who teach is measured on the photos of those who examine: on people it has never met. The
model that answers learns from both afterwards, so nobody's corrections are lost.
"""

import hashlib
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from training.learning.retrain.accepted_claims import AcceptedPhotos

EXAMINERS = 3  # one person in so many
TOO_MUCH = 1 / 3  # share of all photos that one person may have before their photos are dealt out like people


def examined(accepted: AcceptedPhotos) -> NDArray[np.bool_]:
    """Bool [N]: photos to measure on.

    A photo that people of both kinds have sent is taught. Where one person has given most of what there is, that
    person's photos are split, by their content: better than to measure on nothing.
    """
    photos = Counter(person for people in accepted.people for person in people)
    heavy = {person for person, count in photos.items() if count > TOO_MUCH * len(accepted)}
    chosen = np.zeros(len(accepted), np.bool_)
    for row, (people, claims) in enumerate(zip(accepted.people, accepted.claims, strict=True)):
        units = {f"photo {claims[0].photo_sha256}" if person in heavy else f"person {person}" for person in people}
        chosen[row] = all(_examines(unit) for unit in units)
    return chosen


def _examines(unit: str) -> bool:
    return int.from_bytes(hashlib.sha256(unit.encode()).digest()[:8]) % EXAMINERS == 0
