"""What shows where in a photo the evidence for a breed lies, to moderators and to the sender; the front door has it."""

from collections.abc import Awaitable, Sequence
from typing import Protocol

from core.prediction import WHOLE_PHOTO, Box


class Heatmap(Protocol):
    """`inference.serving.heatmap_service` and `inference.queue.nats.heatmap_requests` have one."""

    def __call__(self, sha256: str, breed: str, box: Box, against: str | None = None, /) -> Awaitable[bytes | None]:
        """A JPEG: a stored photo, painted over.

        Args:
            sha256: of the photo.
            breed: a slug, or ``not_a_dog``.
            box: of the dog.
            against: another one; what speaks for that rather than for the breed is painted in another colour.

        Returns:
            None where there is none to show: the photo is gone or cannot be read, or the model that answers knows no
            such breed.
        """


def box_of(stored: Sequence[float] | None) -> Box:
    """As it is stored with a prediction."""
    return WHOLE_PHOTO if stored is None else Box(*stored)
