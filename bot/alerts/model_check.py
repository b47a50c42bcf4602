"""Whether the model that shall answer is the one that does."""

from collections.abc import Callable

from inference.model.artefact import ArtefactError
from inference.store.folder_store import ModelStore


def model_trouble(store: ModelStore, answering: Callable[[], str]) -> Callable[[], str | None]:
    """Asked now and then, it says what is wrong with the model, in a few words; None = nothing.

    Args:
        store: where the pointer is.
        answering: the model that the worker uses.
    """

    def look() -> str | None:
        try:
            wanted = store.pointer().model
        except ArtefactError as error:
            return str(error)
        now = answering()
        return None if now == wanted else f"{wanted} shall answer and was refused, so {now} does; see the log"

    return look
