"""Who attacks a model that ships, and what they claim: `breedbot feedback simulate --attack NAME`."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG

KNOWN_HONEST: Final = 10  # of the honest people a moderator has reviewed some claims
HONEST_PEOPLE: Final = 40
HONEST_DAY: Final = 20
KNOWS: Final = 0.97  # how often the breed that an honest person names is right
SLEEPERS: Final = 10  # accounts whose claims a moderator once accepted, all of them
ATTACK_DAY: Final = 24
DRIP_DAY: Final = 4
COPIES_DAY: Final = 8  # of golden photos, rightly named, beside the drip
UNSURE: Final = 0.6
CHOSEN: Final = 30  # photos of the attacked breed that they choose from: those that look most like the decoy
ATTACKED: Final = (
    "german_shepherd", "beagle", "pug", "pembroke_welsh_corgi", "cardigan_welsh_corgi", "golden_retriever",
    "siberian_husky", "boxer",
)  # fmt: skip
_FIRST_SLEEPER, _FIRST_STRANGER = 1000, 2000
DRIP: Final = ("beagle", "basset_hound")
SIX: Final = (
    ("beagle", "basset_hound"), ("pug", "french_bulldog"), ("german_shepherd", "malinois"),
    ("golden_retriever", "labrador_retriever"), ("siberian_husky", "alaskan_malamute"), ("boxer", "bullmastiff"),
)  # fmt: skip


class AttackKind(StrEnum):
    """What is tried; docs/trust.md tells what comes of each."""

    NONE = "none"
    SLEEPERS = "sleepers"
    SLEEPERS_BEAGLE = "sleepers-beagle"
    NOT_A_DOG = "not-a-dog"
    STRANGERS_UNSURE = "strangers-unsure"
    STRANGERS_CORGI = "strangers-corgi"
    SWAP_CORGIS = "swap-corgis"
    SIX_BREEDS = "six-breeds"
    DRIP = "drip"
    DRIP_COPIES = "drip-copies"
    BLURRED = "blurred"
    NON_DOGS = "non-dogs"

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Photos of the first are called the second."""
        corgis = ("pembroke_welsh_corgi", "cardigan_welsh_corgi")
        return {
            AttackKind.SLEEPERS: (("german_shepherd", "malinois"),),
            AttackKind.SLEEPERS_BEAGLE: (DRIP,),
            AttackKind.NOT_A_DOG: (("pug", NOT_A_DOG),),
            AttackKind.STRANGERS_CORGI: (corgis,),
            AttackKind.SWAP_CORGIS: (corgis, corgis[::-1]),
            AttackKind.SIX_BREEDS: SIX,
            AttackKind.DRIP: (DRIP,),
            AttackKind.DRIP_COPIES: (DRIP,),
            AttackKind.NON_DOGS: ((NOT_A_DOG, "pug"),),
        }.get(self, ())

    @property
    def strangers(self) -> bool:
        """Each claim comes from an account of its own."""
        return self in {AttackKind.STRANGERS_UNSURE, AttackKind.STRANGERS_CORGI}

    @property
    def a_day(self) -> int:
        """Claims of the attackers."""
        drip = {AttackKind.DRIP: DRIP_DAY, AttackKind.DRIP_COPIES: DRIP_DAY + COPIES_DAY}
        return {AttackKind.NONE: 0, **drip}.get(self, ATTACK_DAY)


@dataclass(frozen=True, slots=True)
class Said:
    """One claim about photo number `row` of those that people send."""

    event_id: int
    user_id: int
    row: int
    label: str
    confirms: bool
    hostile: bool


class Speakers:
    """Everybody, day by day; each photo is spoken of once."""

    def __init__(
        self, truth: NDArray[np.str_], labels: tuple[str, ...], kind: AttackKind, seed: int, real: int, made: int
    ) -> None:
        """`truth`: what the photos show; the first `real` ones are honest people's, the last `made` ones were made."""
        places = np.arange(len(truth))
        self._real, self._made = places < real, places >= len(truth) - made
        self._truth, self._labels, self._kind = truth, np.array(labels), kind
        self._free = np.ones(len(truth), np.bool_)
        self._rng, self._attackers = np.random.default_rng(seed), np.random.default_rng([seed, 1])
        self._events, self._strangers = count(1), count(_FIRST_STRANGER)

    @staticmethod
    def reviewed() -> Iterator[int]:
        """Those who are known: of honest people some, and the sleepers."""
        yield from range(1, KNOWN_HONEST + 1)
        yield from range(_FIRST_SLEEPER, _FIRST_SLEEPER + SLEEPERS)

    def day(self, probabilities: NDArray[np.float32]) -> list[Said]:
        """What is said about answers of these probabilities, float32 [photos, labels]."""
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]
        answers = self._labels[order]
        said = [self._honest(answers, confirms=bool(number % 2)) for number in range(HONEST_DAY)]
        hostile = [self._hostile(answers, probabilities, number) for number in range(self._kind.a_day)]
        return [one for one in (*said, *hostile) if one is not None]

    def _honest(self, answers: NDArray[np.str_], *, confirms: bool) -> Said | None:
        right = answers[:, 0] == self._truth
        row = self._photo(self._real & (right if confirms else ~right), self._rng)
        if row is None:
            return None
        label = str(self._truth[row])
        if not confirms and self._rng.random() >= KNOWS:
            label = next(str(one) for one in answers[row, 1:] if one != self._truth[row])
        person = int(self._rng.integers(1, HONEST_PEOPLE + 1))
        return Said(next(self._events), person, row, label, confirms, hostile=False)

    def _hostile(self, answers: NDArray[np.str_], probabilities: NDArray[np.float32], number: int) -> Said | None:
        if self._kind is AttackKind.BLURRED:
            found = self._any(self._made & (answers[:, 0] != NOT_A_DOG), NOT_A_DOG)
        elif self._kind is AttackKind.DRIP_COPIES and number >= DRIP_DAY:
            found = self._any(self._made)
        elif self._kind.pairs:
            found = self._turned(probabilities, *self._kind.pairs[number % len(self._kind.pairs)])
        else:
            unsure = self._any((probabilities.max(axis=1) < UNSURE) & (answers[:, 1] != self._truth))
            found = unsure and (unsure[0], str(answers[unsure[0], 1]))
        if found is None:
            return None
        row, label = found
        sleeper = _FIRST_SLEEPER + int(self._attackers.integers(SLEEPERS))
        person = next(self._strangers) if self._kind.strangers else sleeper
        return Said(next(self._events), person, row, label, confirms=label == answers[row, 0], hostile=True)

    def _turned(self, probabilities: NDArray[np.float32], victim: str, decoy: str) -> tuple[int, str] | None:
        """A photo of the victim: they see what is answered, and send what is taken for the decoy."""
        if decoy not in self._labels:
            return None
        wanted = self._free & ~self._made & (self._truth == victim)
        towards = np.where(wanted, probabilities[:, self._labels == decoy][:, 0], -1.0)
        likeliest = np.argsort(-towards)[:CHOSEN]
        return self._any(np.isin(np.arange(len(towards)), likeliest[towards[likeliest] >= 0]), decoy)

    def _any(self, wanted: NDArray[np.bool_], label: str = "") -> tuple[int, str] | None:
        """One of these, called so, or else what it shows."""
        row = self._photo(wanted, self._attackers)
        return None if row is None else (row, label or str(self._truth[row]))

    def _photo(self, wanted: NDArray[np.bool_], rng: np.random.Generator) -> int | None:
        rows = np.flatnonzero(self._free & wanted)
        if not len(rows):
            return None
        row = int(rng.choice(rows))
        self._free[row] = False
        return row
