"""What shows where in a photo the evidence for a breed lies, to moderators and to the sender; the front door has it."""

from typing import Protocol


class Heatmap(Protocol):
    """Paints evidence over a stored photo; `inference.serving.heatmap_service.EvidencePainter` does."""

    async def __call__(self, sha256: str, breed: str) -> bytes | None:
        """A JPEG; None where there is none to show.

        The photo is gone or cannot be read, or the model that answers knows no such breed.

        Args:
            sha256: of the photo's bytes.
            breed: slug, or ``not_a_dog``.
        """
        ...
