"""What people taught: accepted claims as features and labels, each photo once.

The last thing a person said about an answer counts, once a review accepted it. Each dog of a photo is a photo of its
own here. Claims about (nearly) the same one are one; where they contradict each other one of them is wrong, nothing
here can tell which, and it is left out.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import MIXED_BREED
from core.claim import answered_breed, dog_key
from db.chat.chat_records import AcceptedClaim
from db.database import Database
from training.data.check.copies import SKETCH_PX
from training.learning.feedback.feedback_photos import every_accepted, label
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.photos.duplicates import alike_any, same_photos


@dataclass(frozen=True, slots=True)
class Claim:
    """An accepted claim that says what a photo shows.

    Attributes:
        corrects: something else than had been answered.
        dog: which of the dogs in the photo.
        restored: it had been set aside, and a reviewer accepted it again.
        sketch: the photo's fingerprint, uint8 [32, 32]; None where there is none.
    """

    event_id: int
    user_id: int
    label: str
    corrects: bool
    reviewer: str
    photo_sha256: str
    backbone_id: str
    features: NDArray[np.float16]
    dog: int = 0
    box: Sequence[float] | None = None
    restored: bool = False
    sketch: NDArray[np.uint8] | None = None

    @property
    def about(self) -> str:
        """The dog of the photo."""
        return dog_key(self.photo_sha256, self.dog)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Accepted claims that teach nothing, by reason.

    Attributes:
        contradicted: about photos that are called by different names.
        no_photo: their features are another backbone's, and the photo that new ones could be made of is gone.
        unknown_breed: their breed is (no longer) in the catalogue.
        golden: about photos that models are measured on.
        damaged: their features are no numbers.
        set_aside: a model that learned from them was worse, or many together contradict what the base is sure of.
        mixed: about photos of mixes, which no model learns to name.
    """

    contradicted: int = 0
    no_photo: int = 0
    unknown_breed: int = 0
    golden: int = 0
    damaged: int = 0
    set_aside: int = 0
    mixed: int = 0


@dataclass(frozen=True)
class AcceptedPhotos:
    """Row i of everything is photo i.

    Attributes:
        rows: features and labels.
        claims: those that agree on a photo, oldest first; the features are the first one's.
        left_out: what is not in it.
    """

    rows: LabelledRows
    claims: tuple[tuple[Claim, ...], ...]
    left_out: LeftOut

    def __len__(self) -> int:
        """How many photos."""
        return len(self.claims)

    @cached_property
    def events(self) -> tuple[int, ...]:
        """Ids of all claims, ascending."""
        return tuple(sorted(claim.event_id for about in self.claims for claim in about))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over who says what of which photo: the same ones teach the same."""
        lines = sorted(f"{claim.event_id} {claim.user_id} {claim.label}" for about in self.claims for claim in about)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @cached_property
    def people(self) -> tuple[frozenset[int], ...]:
        """Who made the claims about each photo."""
        return tuple(frozenset(claim.user_id for claim in about) for about in self.claims)

    @cached_property
    def corrects(self) -> NDArray[np.bool_]:
        """Bool [N]: whether an answer was corrected."""
        return np.array([any(claim.corrects for claim in about) for about in self.claims], np.bool_)

    def not_in(self, events: Collection[int]) -> NDArray[np.bool_]:
        """Bool [N]: photos of which none of these claims spoke."""
        known = frozenset(events)
        return np.array([not any(claim.event_id in known for claim in about) for about in self.claims], np.bool_)

    def chosen(self, rows: NDArray[np.bool_]) -> "AcceptedPhotos":
        """Some of the photos; nothing is copied where that is all of them."""
        if rows.all():
            return self
        kept = tuple(about for about, wanted in zip(self.claims, rows.tolist(), strict=True) if wanted)
        return replace(self, rows=self.rows.chosen(rows), claims=kept)


async def accepted_claims(database: Database) -> list[Claim]:
    """Everything accepted so far that says what a photo shows, oldest first; raises DatabaseError."""
    return [claim async for one in every_accepted(database) if (claim := _claim(one)) is not None]


def accepted_photos(
    claims: Sequence[Claim],
    golden: LabelledRows,
    breeds: Collection[str],
    no_photo: int = 0,
    golden_sketches: NDArray[np.uint8] | None = None,
) -> AcceptedPhotos:
    """Put claims together by photo.

    Args:
        claims: with features of one backbone.
        golden: photos to measure on.
        breeds: labels that a head may have; that a photo shows a mix is no label, but contradicts one.
        no_photo: how many claims are missing among them.
        golden_sketches: fingerprints of the golden photos, uint8 [golden, 32, 32], where the backbone has them.
    """
    named = [claim for claim in claims if claim.label in breeds or claim.label == MIXED_BREED]
    width = golden.features.shape[1]
    sound = [claim for claim in named if _sound(claim.features, width)]
    features = np.stack([claim.features for claim in sound]) if sound else np.zeros((0, width), np.float16)
    by_photo: dict[int, list[int]] = defaultdict(list)
    sketches = _sketches(sound)
    names, dogs = [claim.photo_sha256 for claim in sound], [claim.dog for claim in sound]
    for row, photo in enumerate(same_photos(names, features, sketches, dogs)):
        by_photo[photo].append(row)
    agreed = [rows for rows in by_photo.values() if len({sound[row].label for row in rows}) == 1]
    vectors = np.asarray(features[[rows[0] for rows in agreed]], np.float32).reshape(len(agreed), width)
    theirs = sketches[[rows[0] for rows in agreed]]
    measured_on = alike_any(vectors, golden.features, theirs, golden_sketches)
    about = tuple(tuple(sound[row] for row in rows) for rows in agreed)
    labels = np.array([one[0].label for one in about], np.str_)
    mixes = labels == MIXED_BREED
    whole = AcceptedPhotos(LabelledRows(vectors, labels), about, LeftOut())
    left_out = LeftOut(
        contradicted=len(sound) - len(whole.events),
        no_photo=no_photo,
        unknown_breed=len(claims) - len(named),
        golden=len(whole.chosen(measured_on & ~mixes).events),
        damaged=len(named) - len(sound),
        mixed=len(whole.chosen(mixes).events),
    )
    return replace(whole.chosen(~measured_on & ~mixes), left_out=left_out)


def _claim(one: AcceptedClaim) -> Claim | None:
    taught = label(one)
    if taught is None:
        return None
    return Claim(
        one.event_id,
        one.user_id,
        taught,
        taught != answered_breed(one.kind, one.top),
        one.reviewer,
        one.photo_sha256,
        one.backbone_id,
        np.frombuffer(one.features, "<f2"),
        one.dog,
        one.box,
        one.restored,
    )


def _sketches(claims: Sequence[Claim]) -> NDArray[np.uint8]:
    nothing = np.zeros((SKETCH_PX, SKETCH_PX), np.uint8)
    found = [nothing if claim.sketch is None else claim.sketch for claim in claims]
    return np.stack(found) if found else np.zeros((0, SKETCH_PX, SKETCH_PX), np.uint8)


def _sound(features: NDArray[np.float16], width: int) -> bool:
    return features.shape == (width,) and bool(np.isfinite(features).all()) and bool(features.any())
