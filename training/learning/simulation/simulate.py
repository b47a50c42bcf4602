"""Every way to review, several times over: ``breedbot feedback simulate``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.learning.simulation.claims import Attack
from training.learning.simulation.first_head import attack_on, first_head
from training.learning.simulation.gap import Estimate, estimate, estimate_of_means
from training.learning.simulation.photo_pool import Photos
from training.learning.simulation.rounds import RoundResult, Rounds
from training.learning.simulation.rules import Review, Rules

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What happened.

    Attributes:
        rules: what it was like.
        seeds: of the repeats: each has other people, other photos known at first, and another breed that is attacked.
        attacks: the attack of each repeat.
        rounds: those of each repeat, from the first head on, by the way to review.
    """

    rules: Rules
    seeds: Sequence[int]
    attacks: Sequence[Attack]
    rounds: Mapping[Review, Sequence[Sequence[RoundResult]]]

    def golden(self, review: Review) -> Estimate:
        """Accuracy after the last round."""
        return estimate([rounds[-1].golden for rounds in self.rounds[review]])

    def test(self, review: Review) -> Estimate:
        """The same on photos that the gate did not see."""
        return estimate([rounds[-1].test for rounds in self.rounds[review]])

    def gap(self, review: Review, part: str = "golden") -> Estimate:
        """How much better the true labels are after the last round; `part`: golden or test."""
        pairs = zip(self.rounds[Review.TRUTH], self.rounds[review], strict=True)
        return estimate([np.subtract(getattr(a[-1], part), getattr(b[-1], part), dtype=np.float64) for a, b in pairs])

    def fall(self, review: Review) -> Estimate:
        """By how much the attacked breed's recall fell from the first head to the last, over both parts."""
        falls = []
        for rounds in self.rounds[review]:
            first, last = (np.concatenate([one.golden, one.test])[one.of_victim] for one in (rounds[0], rounds[-1]))
            falls.append(np.subtract(first, last, dtype=np.float64))
        return estimate_of_means(falls)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "rounds": self.rules.rounds,
            "users": self.rules.users,
            "mix": str(self.rules.mix),
            "corrections_a_round": self.rules.corrections,
            "confirmations_a_round": self.rules.confirmations,
            "moderated_a_round": self.rules.moderated,
            "seeds": list(self.seeds),
            "attacks": [{"victim": one.victim, "decoy": one.decoy} for one in self.attacks],
            "reviews": {review.name.lower(): self._review_json(review) for review in self.rounds},
        }

    def _review_json(self, review: Review) -> dict[str, Any]:
        return {
            "golden": _interval(self.golden(review)),
            "test": _interval(self.test(review)),
            "golden_behind_true_labels": _interval(self.gap(review)),
            "test_behind_true_labels": _interval(self.gap(review, "test")),
            "victim_recall_fall": _interval(self.fall(review)),
            "seasons": [[_round_json(one) for one in rounds] for rounds in self.rounds[review]],
        }


def simulate(photos: Photos, rules: Rules, seeds: Sequence[int], progress: Progress = lambda _: None) -> Simulation:
    """Play it. `progress` is told how many runs, of four a seed, are over."""
    rounds: dict[Review, list[list[RoundResult]]] = {review: [] for review in Review}
    attacks: list[Attack] = []
    for number, seed in enumerate(seeds):
        pool = photos.deal(seed)
        start = first_head(pool)
        attacks.append(attack_on(pool, start.base, seed, rules.victim))
        for place, review in enumerate(Review):
            rounds[review].append(Rounds(pool, rules, review, start, attacks[-1], seed).play())
            progress(number * len(Review) + place + 1)
    return Simulation(rules, list(seeds), attacks, rounds)


def _interval(one: Estimate) -> list[float]:
    """Value, and its 95 % interval."""
    return [round(number, 5) for number in (one.value, one.low, one.high)]


def _round_json(one: RoundResult) -> dict[str, Any]:
    return {
        "claims": one.claims,
        "corrections": one.corrections,
        "wrong": one.wrong,
        "accepted": one.accepted,
        "accepted_wrong": one.accepted_wrong,
        "promoted": one.promoted,
        "golden": round(float(one.golden.mean()), 5),
        "test": round(float(one.test.mean()), 5),
        "victim_recall": round(one.victim, 5),
    }
