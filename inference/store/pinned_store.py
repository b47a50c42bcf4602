"""Another model than the one that answers, tried without promoting it."""

from inference.model.artefact import BackboneArtefact, HeadArtefact
from inference.store.folder_store import ModelStore
from inference.store.pointer import POINTER, Pointer


class PinnedStore(ModelStore):
    """Finds what any store finds there, but points at a model of one's choice."""

    def __init__(self, of: ModelStore, model: str) -> None:
        """Raise ArtefactError if `of` has no such model."""
        super().__init__(of.root)
        self._of = of
        self._model = of.head(model).id

    def heads(self) -> list[HeadArtefact]:
        """Those of the other store."""
        return self._of.heads()

    def head(self, model: str) -> HeadArtefact:
        """That of the other store."""
        return self._of.head(model)

    def backbone(self, backbone: str) -> BackboneArtefact:
        """That of the other store."""
        return self._of.backbone(backbone)

    def pointer(self) -> Pointer:
        """Always the same."""
        return Pointer(self._model)

    def candidates(self) -> list[str]:
        """No other."""
        return [self._model]

    def stamp(self, pointer: str = POINTER) -> int:  # noqa: ARG002
        """Never changes."""
        return 0

    def shadow(self) -> str | None:
        """No candidate: nothing is to be learnt here."""
        return None
