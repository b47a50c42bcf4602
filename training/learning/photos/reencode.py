"""Features of another backbone are made anew, from the photos that are still stored.

They are kept nowhere: features are as personal as photos, and what is in no table would outlive `forget`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from db.errors import PhotoMissing
from db.photos.photo_store import PhotoStore
from inference.model.artefact import BackboneArtefact
from inference.model.backbone import open_backbone
from inference.model.self_check import check_backbone
from inference.photo.decode import UnreadablePhoto
from inference.photo.viewing_copy import cut_out
from inference.settings import Engine
from training.features.extractor import ServingExtractor, feature_rows
from training.learning.retrain.accepted_claims import Claim

Pause = Callable[[], None]


def of_backbone(
    claims: Sequence[Claim], backbone: BackboneArtefact, photos: PhotoStore, engine: Engine, pause: Pause = lambda: None
) -> tuple[list[Claim], int]:
    """The claims with features of this backbone, in their order, and how many are left out: their photo is gone.

    Raises:
        ArtefactError: the backbone is damaged.
        PhotoStoreError: photos cannot be read now; to learn without them would be to forget them.
    """
    foreign = [claim for claim in claims if claim.backbone_id != backbone.id]
    if not foreign:
        return list(claims), 0
    there = asyncio.run(photos.have(list(dict.fromkeys(claim.photo_sha256 for claim in foreign))))
    made: dict[str, np.ndarray[tuple[int], np.dtype[np.float16]]] = {}
    if there:
        network = open_backbone(backbone, engine)
        try:
            check_backbone(network, backbone)
            extractor = ServingExtractor(backbone.id, network, backbone.preprocessing.decode)
            wanted = {claim.about: claim for claim in foreign if claim.photo_sha256 in there}
            names = [Path(about) for about in sorted(wanted)]
            read = partial(_read, photos, wanted)
            for batch, rows in feature_rows(extractor, names, "photos of another backbone", read):
                pause()
                made |= {name.name: row for name, row in zip(batch.readable, rows, strict=True)}
        finally:
            network.close()
    kept = [
        claim
        if claim.backbone_id == backbone.id
        else replace(claim, backbone_id=backbone.id, features=made[claim.about])
        for claim in claims
        if claim.backbone_id == backbone.id or claim.about in made
    ]
    return kept, len(claims) - len(kept)


def _read(photos: PhotoStore, wanted: Mapping[str, Claim], name: Path) -> bytes:
    """The photo, or of a dog that has a box what is in it."""
    claim = wanted[name.name]
    try:
        data = photos.read(claim.photo_sha256)
        return data if claim.box is None else cut_out(data, claim.box)
    except PhotoMissing as error:
        raise UnreadablePhoto(str(error)) from error
