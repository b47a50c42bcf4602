"""Fingerprints of the photos that are learned from: made once, kept beside the photo and gone with it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from db.database import Database
from db.errors import PhotoMissing
from db.photos.photo_store import PhotoStore
from inference.photo.decode import PhotoError, decode_image
from training.data.check.copies import SKETCH_PX, sketch
from training.learning.retrain.accepted_claims import Claim

A_RUN: Final = 1000  # photos, newest first: 5 ms each; what is left has its turn in the next run
TOGETHER: Final = 50


async def sketched(database: Database, photos: PhotoStore, claims: Sequence[Claim], *, keep: bool) -> list[Claim]:
    """The claims with the fingerprints of their photos, as far as there are any.

    `keep`: store those that were made now. Raises DatabaseError, PhotoStoreError.
    """
    names = list(dict.fromkeys(claim.photo_sha256 for claim in reversed(claims)))
    async with database.unit(read_only=True) as unit:
        known = await unit.photos.sketches(names)
    missing = [name for name in names if name not in known][:A_RUN]
    for start in range(0, len(missing), TOGETHER):
        made = await asyncio.to_thread(_made, photos, missing[start : start + TOGETHER])
        known |= made
        if keep and made:
            async with database.unit() as unit:
                await unit.photos.add_sketches(made)
    shape = (SKETCH_PX, SKETCH_PX)
    found = {
        name: np.frombuffer(data, np.uint8).reshape(shape)
        for name, data in known.items()
        if len(data) == SKETCH_PX * SKETCH_PX
    }
    return [replace(claim, sketch=found.get(claim.photo_sha256)) for claim in claims]


def _made(photos: PhotoStore, names: Sequence[str]) -> dict[str, bytes]:
    """Of those whose bytes are there and can be read."""
    found: dict[str, bytes] = {}
    for name in names:
        try:
            found[name] = sketch(decode_image(photos.read(name), min_side_px=SKETCH_PX)).tobytes()
        except (PhotoMissing, PhotoError):
            continue
    return found
