"""People who claim things: honest, sloppy, malicious ones, and some who collude against one breed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np


class Character(StrEnum):
    """What to expect of a person."""

    HONEST = "honest"
    """Corrects wrong answers, and knows the breed nearly always."""
    SLOPPY = "sloppy"
    """Corrects wrong answers, but often names a look-alike; presses ✅ whatever was answered."""
    MALICIOUS = "malicious"
    """Corrects right answers to wrong ones, half of them plausible, and presses ✅ under wrong answers."""
    COLLUDING = "colluding"
    """One of many accounts that turn all photos of one breed into one other breed."""


KNOWS = {Character.HONEST: 0.97, Character.SLOPPY: 0.75}  # how often the breed that they name is right


class WrongMix(ValueError):
    """The mix of people cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of the claims by kind of people; they sum to 1, but for `colluding`: of the claims about one breed."""

    shares: Mapping[Character, float]

    def __post_init__(self) -> None:
        """Refuse what is no mix."""
        if min(self.shares.values(), default=0) < 0 or abs(sum(self.others.values()) - 1) > 1e-6 or self.flips >= 1:
            raise WrongMix(f"mix {self}: shares from 0 up that sum to 1; {Character.COLLUDING} by itself and below 1")

    @property
    def flips(self) -> float:
        """Share of the claims about one breed that colluding accounts make."""
        return self.shares.get(Character.COLLUDING, 0.0)

    @property
    def others(self) -> dict[Character, float]:
        """Everybody else."""
        return {kind: share for kind, share in self.shares.items() if kind is not Character.COLLUDING and share > 0}

    @classmethod
    def parse(cls, text: str) -> Self:
        """``honest=.8,malicious=.2``; raises WrongMix."""
        shares: dict[Character, float] = {}
        for part in text.split(","):
            name, _, share = part.partition("=")
            try:
                shares[Character(name.strip())] = float(share)
            except ValueError:
                raise WrongMix(f"mix {text!r}: {part!r} is no KIND=SHARE with KIND of {', '.join(Character)}") from None
        return cls(shares)

    def __str__(self) -> str:
        """As it is parsed."""
        return ",".join(f"{kind}={share:g}" for kind, share in self.shares.items())


@dataclass(frozen=True, slots=True)
class Person:
    """One account."""

    user_id: int
    kind: Character


class Crowd:
    """Who there is; each kind has accounts by its share, one at least."""

    def __init__(self, users: int, mix: Mix) -> None:
        """Name `users` people, and as many accounts that collude, or a few more."""
        self._mix = mix.others
        self._people: dict[Character, range] = {}
        first = 1
        for kind, share in [*self._mix.items(), (Character.COLLUDING, 1.0)]:
            self._people[kind] = range(first, first + max(1, round(users * share)))
            first = self._people[kind].stop

    def draw(self, count: int, rng: np.random.Generator) -> list[Person]:
        """Who makes the next claims: kinds by their shares, people of a kind alike."""
        kinds, shares = list(self._mix), list(self._mix.values())
        drawn = rng.choice(len(kinds), size=count, p=np.array(shares) / sum(shares))
        return [self._any(kinds[number], rng) for number in drawn.tolist()]

    def colluders(self, count: int, rng: np.random.Generator) -> list[Person]:
        """The same of those who collude."""
        return [self._any(Character.COLLUDING, rng) for _ in range(count)]

    def _any(self, kind: Character, rng: np.random.Generator) -> Person:
        return Person(int(rng.choice(self._people[kind])), kind)
