"""What can go wrong with models in object storage, in the words of this room."""

from contextlib import AbstractContextManager

from core import object_storage
from inference.model.artefact import ArtefactError


class StoreUnavailable(ArtefactError):
    """The object storage cannot be reached, or does not let us in."""


def explained(place: str) -> AbstractContextManager[None]:
    """See `core.object_storage.explained`."""
    return object_storage.explained(f"model store {place}", StoreUnavailable, StoreUnavailable)
