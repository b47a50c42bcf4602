"""A claim as the policy sees it: who says what, and what the model that answers now makes of the same photo."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training.learning.trust.confusion import Shared


@dataclass(frozen=True, slots=True)
class WaitingClaim:
    """One that no decision stands about.

    Attributes:
        event_id: of the claim.
        user_id: who claims.
        photo: claims of one number are about (nearly) the same photo, and the same dog in it.
        label: what the photo is said to show; a breed or ``not_a_dog``.
        confirms: a ✅: `label` is what had been answered.
        probability: the champion's, calibrated, of `label`, 0–1; 0 if it has no name for it.
        rank: how many labels the champion thinks likelier.
        best: what it thinks likeliest.
        confidence: its probability of that, 0–1.
        rival: what the champion thinks likeliest besides `label`.
        shared: how far the champion takes these two for each other, 0–1; see `confusion.py`.
        photo_sha256: of the photo, whichever dog of it is meant.
        fresh: nobody could have looked at it yet.
        late: its day is over; of strangers nothing is accepted any more that a person has not looked at.
    """

    event_id: int
    user_id: int
    photo: int
    label: str
    confirms: bool
    probability: float
    rank: int
    best: str
    confidence: float
    rival: str = ""
    shared: float = 0.0
    photo_sha256: str = ""
    fresh: bool = False
    late: bool = False

    @classmethod
    def seen(
        cls,
        event_id: int,
        user_id: int,
        photo: int,
        label: str,
        *,
        photo_sha256: str = "",
        confirms: bool,
        probabilities: NDArray[np.float32],
        labels: Sequence[str],
        shared: Shared,
    ) -> Self:
        """With the champion's eyes: its probabilities float32 [labels], and what its answers share."""
        best, second = np.argsort(-probabilities, kind="stable")[:2].tolist()
        rival = labels[second if labels[best] == label else best]
        claimed = float(probabilities[labels.index(label)]) if label in labels else 0.0
        return cls(
            event_id=event_id,
            user_id=user_id,
            photo=photo,
            label=label,
            confirms=confirms,
            probability=claimed,
            rank=int((probabilities > claimed).sum()) if label in labels else len(labels),
            best=labels[best],
            confidence=float(probabilities[best]),
            rival=rival,
            shared=shared.get((rival, label), 0.0),
            photo_sha256=photo_sha256,
        )
