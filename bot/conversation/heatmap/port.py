"""What shows where in a photo the evidence for a breed lies, to moderators and to the sender; the front door has it."""

from collections.abc import Awaitable, Callable, Sequence

from core.prediction import WHOLE_PHOTO, Box

Heatmap = Callable[[str, str, Box], Awaitable[bytes | None]]
"""Takes a stored photo's SHA-256, a slug, or ``not_a_dog``, and the dog's box; gives a JPEG: the photo, painted over.

None where there is none to show: the photo is gone or cannot be read, or the model that answers knows no such breed.
`inference.serving.heatmap_service` and `inference.queue.nats.heatmap_requests` have one.
"""


def box_of(stored: Sequence[float] | None) -> Box:
    """As it is stored with a prediction."""
    return WHOLE_PHOTO if stored is None else Box(*stored)
