"""Choices of breeds to tell apart: at random, as unlike each other as can be, and look-alikes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["random", "easy", "hard", "five", "all"]


@dataclass(frozen=True, slots=True)
class BreedSubset:
    """Some breeds, in order.

    Attributes:
        kind: how they were chosen; "five" are the reference study's.
        number: among those of its kind and size, from 0.
        breeds: slugs.
    """

    kind: Kind
    number: int
    breeds: tuple[str, ...]

    @property
    def name(self) -> str:
        """Fit to be a file's name."""
        return f"{self.kind}-{len(self.breeds)}-{self.number}"


def random_subsets(breeds: Sequence[str], size: int, at_least: int, seed: int) -> list[BreedSubset]:
    """Shuffle the breeds and deal hands of ``size``, again and again: each breed is in about as many as any other."""
    rng = np.random.default_rng([seed, size])
    hands: list[tuple[str, ...]] = []
    while len(hands) < at_least:
        order = rng.permutation(len(breeds))
        dealt = [order[start : start + size] for start in range(0, len(order) - size + 1, size)]
        hands += [tuple(sorted(breeds[place] for place in hand)) for hand in dealt]
    return [BreedSubset("random", number, hand) for number, hand in enumerate(hands)]


def hard_subsets(
    breeds: Sequence[str], alike: NDArray[np.float64], sizes: Sequence[int], count: int
) -> list[BreedSubset]:
    """Grow around the ``count`` most alike pairs, no breed in two of them, by the breed most alike to those chosen.

    Args:
        breeds: slugs.
        alike: float64 [K, K], symmetric.
        sizes: of the subsets.
        count: of each size; growths that meet in the same breeds count once.
    """
    free, seeds = np.triu(alike, 1), []
    for _ in range(min(count, len(breeds) // 2)):
        pair = np.unravel_index(free.argmax(), free.shape)
        seeds.append([int(one) for one in pair])
        free[pair, :] = free[:, pair] = -1
    return _grown("hard", breeds, alike, sizes, seeds)


def easy_subsets(
    breeds: Sequence[str], alike: NDArray[np.float64], sizes: Sequence[int], count: int, seed: int
) -> list[BreedSubset]:
    """Grow from random breeds, each time by the breed that is least alike to those chosen; otherwise as the hard."""
    starts = np.random.default_rng(seed).permutation(len(breeds))[:count]
    return _grown("easy", breeds, -alike, sizes, [[int(start)] for start in starts])


def _grown(
    kind: Kind, breeds: Sequence[str], liking: NDArray[np.float64], sizes: Sequence[int], seeds: list[list[int]]
) -> list[BreedSubset]:
    orders = [_order(liking, seed, max(sizes)) for seed in seeds] if sizes else []
    found = []
    for size in sizes:
        hands = dict.fromkeys(tuple(sorted(breeds[place] for place in order[:size])) for order in orders)
        found += [BreedSubset(kind, number, hand) for number, hand in enumerate(hands)]
    return found


def _order(liking: NDArray[np.float64], seed: list[int], size: int) -> list[int]:
    chosen = list(seed)
    while len(chosen) < size:
        total = liking[chosen].sum(axis=0)
        total[chosen] = -np.inf
        chosen.append(int(total.argmax()))
    return chosen
