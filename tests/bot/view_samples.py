"""Stored predictions for tests of views."""

from dataclasses import dataclass

from core.prediction import BreedScore, Kind

TOKEN = "Zm9v_mFy-mF6"


@dataclass(frozen=True)
class Stored:
    """What views need of a stored prediction."""

    kind: Kind
    top: tuple[BreedScore, ...]
    not_a_dog: float = 0.01
    token: str = TOKEN


def top(**confidences: float) -> tuple[BreedScore, ...]:
    """Best first."""
    return tuple(BreedScore(*score) for score in confidences.items())


SURE = Stored(Kind.BREED, top(afghan_hound=0.97, borzoi=0.02, saluki=0.005, komondor=0.001, pug=0.0))
TWO = Stored(
    Kind.BREED,
    top(lhasa_apso=0.55, shih_tzu=0.38, maltese=0.02, pekingese=0.01, dingo=0.01),
)
MIXED = Stored(
    Kind.BREED,
    top(papillon=0.55, english_springer_spaniel=0.38, pug=0.02, boxer=0.01, dingo=0.01),
)
GROUPED = Stored(
    Kind.UNSURE,
    top(borzoi=0.39, greyhound=0.3, afghan_hound=0.12, collie=0.06, irish_wolfhound=0.02),
)
LIKELY = Stored(Kind.BREED, top(beagle=0.62, basset_hound=0.12, bloodhound=0.06, boxer=0.02, pug=0.01))
UNSURE = Stored(Kind.UNSURE, top(beagle=0.27, basset_hound=0.22, dingo=0.06, pug=0.02, boxer=0.01))
NO_DOG = Stored(Kind.NOT_A_DOG, UNSURE.top, not_a_dog=0.99)
WILD = Stored(Kind.BREED, top(african_wild_dog=0.93, dhole=0.04, dingo=0.01, boxer=0.0, pug=0.0))
LOST = Stored(Kind.BREED, top(breed_of_another_catalogue=0.6, another_lost_one=0.2, pug=0.1))
BARE = Stored(Kind.UNSURE, ())
ALL = (SURE, TWO, MIXED, LIKELY, GROUPED, UNSURE, NO_DOG, WILD, LOST, BARE)
