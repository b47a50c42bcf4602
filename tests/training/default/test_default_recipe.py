"""What a run of the default recipe is recorded with."""

from pathlib import Path

import pytest

from inference.model.artefact import sha256
from inference.store.folder_store import ModelStore
from training.default.recipe import parameters
from training.recipe import RunContext
from training.recipes.default import RECIPE
from training.tracking.tracking import Tracking

pytestmark = pytest.mark.keras


def test_files_are_named_with_their_contents_wherever_they_lie(tmp_path: Path) -> None:
    weights = tmp_path / "pair.npz"
    weights.write_bytes(b"weights")
    context = RunContext(tmp_path, tmp_path / "work", weights, ModelStore(tmp_path / "models"), Tracking(None))

    told = parameters(RECIPE, context)

    assert told["backbone_weights"] == f"pair.npz {sha256(weights)[:12]}"
    assert RECIPE.labels is not None
    assert told["labels"] == f"wrong_labels.csv {sha256(RECIPE.labels)[:12]}"
    assert (told["teacher"], told["l2"]) == ("none", RECIPE.l2)
    assert parameters(RECIPE, RunContext(None, tmp_path, None, context.models, Tracking(None)))["backbone_weights"] == (
        "imagenet"
    )
