"""A model store whose champion is a model of one's choice: to try a model without promoting it."""

from pathlib import Path

from inference.model_store import SHIPPED, ModelStore, Pointer


class PinnedStore(ModelStore):
    """Finds what any store finds there, but points at `model`, whatever the pointer says."""

    def __init__(self, root: Path, model: str, shipped: Path = SHIPPED) -> None:
        """Raise ArtefactError if there is no such model."""
        super().__init__(root, shipped)
        self._model = self.head(model).id

    def pointer(self) -> Pointer:
        """Always the same."""
        return Pointer(self._model)

    def stamp(self) -> int:
        """Never changes."""
        return 0
