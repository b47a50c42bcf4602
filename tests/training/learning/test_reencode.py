"""After a change of the backbone, what people taught is learned again, from the photos, with the new one's eyes."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from breedbot.bench.serving.sample_photos import sample_photo
from db.photos.photo_store import PhotoFolder
from inference.model.backbone import open_backbone
from inference.model.resnet50 import FEATURES
from inference.settings import Engine
from inference.store.folder_store import ModelStore
from training.learning.photos.reencode import of_backbone
from training.learning.retrain.accepted_claims import Claim


def claim(event: int, sha256: str, backbone: str) -> Claim:
    return Claim(event, 7, "pug", True, "cli", sha256, backbone, np.zeros(FEATURES, np.float16))


@pytest.mark.slow
def test_photos_of_another_backbone_are_seen_anew_and_those_that_are_gone_are_counted(tmp_path: Path) -> None:
    store, photos = ModelStore(tmp_path / "models"), PhotoFolder(tmp_path / "photos")
    backbone = store.backbone(store.head(store.pointer().model).backbone_id)
    files = [sample_photo(seed) for seed in range(2)]
    first, second = (asyncio.run(photos.put(file)) for file in files)
    no_photo = asyncio.run(photos.put(b"bytes that no decoder knows"))
    claims = [
        claim(1, first, "an-older-one"),
        claim(2, "0" * 64, "an-older-one"),
        claim(3, second, backbone.id),
        claim(4, first, "an-older-one"),
        claim(5, no_photo, "an-older-one"),
    ]

    kept, left_out = of_backbone(claims, backbone, photos, Engine.OPENVINO)

    assert ([one.event_id for one in kept], left_out) == ([1, 3, 4], 2)
    assert {one.backbone_id for one in kept} == {backbone.id}
    network = open_backbone(backbone, Engine.OPENVINO)
    try:
        seen = network.features(backbone.preprocessing.decode(files[0])[None])
    finally:
        network.close()
    expected = seen.vectors[0]
    for one in (kept[0], kept[2]):
        found = one.features.astype(np.float32)
        assert found @ expected / np.linalg.norm(found) / np.linalg.norm(expected) == pytest.approx(1, abs=1e-4)
    assert not kept[1].features.any(), "features of this backbone stay as they were stored"
