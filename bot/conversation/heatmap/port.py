"""What shows where in a photo the evidence for a breed lies, to moderators and to the sender; the front door has it."""

from collections.abc import Awaitable, Callable

Heatmap = Callable[[str, str], Awaitable[bytes | None]]
"""Takes the SHA-256 of a stored photo and a slug, or ``not_a_dog``; gives a JPEG: the photo, painted over.

None where there is none to show: the photo is gone or cannot be read, or the model that answers knows no such breed.
`inference.serving.heatmap_service` and `inference.queue.nats.heatmap_requests` have one.
"""
