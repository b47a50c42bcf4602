"""The head that a simulation begins with, and which breed an attack is on."""

import numpy as np

from core.breeds.catalogue import NOT_A_DOG
from inference.model.head import Calibration, Head
from training.heads.calibrate import calibrate
from training.heads.head_fit import fit_head
from training.learning.gate.golden import Golden
from training.learning.retrain.candidate import Starting
from training.learning.simulation.claims import Attack
from training.learning.simulation.crowd import WrongMix
from training.learning.simulation.photo_pool import PhotoPool

L2 = 0.01  # the middle of what recipes choose from


def first_head(pool: PhotoPool) -> Starting:
    """It knows a few photos of each label; first champion, and base of all that follow."""
    columns = np.array([pool.labels.index(label) for label in pool.known.labels.tolist()])
    solved = fit_head(pool.known.features, columns, len(pool.labels), l2=L2)
    golden = Golden(pool.golden, pool.known)
    bare = Head("first", "simulated", pool.labels, solved.weights, solved.bias, Calibration())
    head = calibrate(bare, golden.calibration.features, golden.calibration.labels)
    return Starting(head, head, head, frozenset(), golden)


def attack_on(pool: PhotoPool, head: Head, seed: int, victim: str | None = None) -> Attack:
    """Photos of some breed, or of this one, are called what the head takes them for most, and are most hard to judge.

    Raises:
        WrongMix: there are no photos of the victim.
    """
    breeds = [label for label in pool.labels if label != NOT_A_DOG]
    if victim is not None and victim not in breeds:
        raise WrongMix(f"victim {victim!r}: there are no photos of such a breed")
    attacked = victim or str(np.random.default_rng([seed, 2]).choice(breeds))
    means = head.probabilities(pool.golden.chosen(pool.golden.labels == attacked).features).mean(axis=0)
    decoy = max((label for label in breeds if label != attacked), key=lambda label: means[pool.labels.index(label)])
    return Attack(attacked, decoy)
