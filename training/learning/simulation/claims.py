"""What people say in one round about the champion's answers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.learning.simulation.crowd import KNOWS, Character, Person
from training.learning.simulation.photo_pool import PhotoPool

PLAUSIBLE = 0.5  # of the malicious corrections name what the champion thinks second likeliest; the others any breed


@dataclass(frozen=True, slots=True)
class Attack:
    """What colluding accounts do: photos of `victim` are called `decoy`."""

    victim: str
    decoy: str


@dataclass(frozen=True, slots=True)
class SimulatedClaim:
    """One claim about photo number `row` of those that people send."""

    event_id: int
    person: Person
    row: int
    label: str
    true: str
    confirms: bool

    @property
    def right(self) -> bool:
        """Whether it says what the photo shows."""
        return self.label == self.true


class ClaimSource:
    """What people say in one round, about photos that nobody has spoken about yet."""

    def __init__(
        self,
        pool: PhotoPool,
        probabilities: NDArray[np.float32],
        free: NDArray[np.bool_],
        attack: Attack,
        rng: np.random.Generator,
    ) -> None:
        """`probabilities` [N, labels] are the champion's; `free` bool [N] is changed: photos are used up."""
        self._labels, self._truth = np.array(pool.labels), pool.sent.labels
        self._free, self._attack, self._rng = free, attack, rng
        self._order = np.argsort(-probabilities, axis=1, kind="stable")[:, :4]
        self._answers = self._labels[self._order[:, 0]]
        self._right = self._answers == self._truth

    def claims(self, corrections: list[Person], confirmations: list[Person], first_id: int) -> list[SimulatedClaim]:
        """In random order; fewer where photos run out."""
        wanted = [(person, False) for person in corrections] + [(person, True) for person in confirmations]
        found: list[SimulatedClaim] = []
        for place in self._rng.permutation(len(wanted)).tolist():
            person, confirms = wanted[place]
            row = self._photo(person.kind, confirms=confirms)
            if row is not None:
                self._free[row] = False
                label = str(self._answers[row]) if confirms else self._named(person.kind, row)
                true = str(self._truth[row])
                found.append(SimulatedClaim(first_id + len(found), person, row, label, true, confirms))
        return found

    def _photo(self, kind: Character, *, confirms: bool) -> int | None:
        """One that makes such a person say such a thing, or None."""
        rows = np.flatnonzero(self._free & self._moves(kind, confirms=confirms))
        return int(self._rng.choice(rows)) if len(rows) else None

    def _moves(self, kind: Character, *, confirms: bool) -> NDArray[np.bool_]:
        if kind is Character.COLLUDING:
            return np.asarray(self._truth == self._attack.victim)
        if kind is Character.SLOPPY and confirms:
            return np.ones_like(self._right)
        return np.asarray(self._right if confirms == (kind is not Character.MALICIOUS) else ~self._right)

    def _named(self, kind: Character, row: int) -> str:
        true = str(self._truth[row])
        if kind is Character.COLLUDING:
            return self._attack.decoy
        if kind is Character.MALICIOUS and self._rng.random() >= PLAUSIBLE:
            return str(self._rng.choice(self._labels[(self._labels != true) & (self._labels != self._answers[row])]))
        if kind is not Character.MALICIOUS and self._rng.random() < KNOWS[kind]:
            return true
        return next(str(self._labels[column]) for column in self._order[row, 1:] if self._labels[column] != true)
