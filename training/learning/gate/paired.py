"""Two models on the same photos: exact tests of who is right more often."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc, stdtr

from inference.model.head import Head
from training.learning.gate.labelled_rows import LabelledRows

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Paired:
    """Photos that only one of two models has right; the others tell nothing (McNemar 1947, the exact test).

    Attributes:
        n: photos.
        before: that the champion has right.
        gained: that only the candidate has right.
        lost: that only the champion has right.
    """

    n: int
    before: int
    gained: int
    lost: int

    @classmethod
    def of(cls, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> "Paired":
        """From one truth value a photo and model."""
        return cls(len(before), int(before.sum()), int((after & ~before).sum()), int((before & ~after).sum()))

    @property
    def after(self) -> int:
        """Photos that the candidate has right."""
        return self.before + self.gained - self.lost

    @property
    def compared(self) -> str:
        """The end of a sentence about both."""
        return by_chance(self.p_loss, worse=self.lost > self.gained)

    @property
    def p_gain(self) -> float:
        """Probability of so many gains or more if both were equally good."""
        return at_least(self.gained, self.gained + self.lost)

    @property
    def p_loss(self) -> float:
        """Probability of so many losses or more if both were equally good."""
        return at_least(self.lost, self.gained + self.lost)

    def numbers(self) -> dict[str, float]:
        """For the ledger."""
        return {
            "n": self.n, "champion_right": self.before, "candidate_right": self.after, "gained": self.gained,
            "lost": self.lost, "p_gain": round(self.p_gain, 6), "p_loss": round(self.p_loss, 6),
        }  # fmt: skip


def right(head: Head, photos: LabelledRows) -> NDArray[np.bool_]:
    """Bool [N]: whether the likeliest label is the true one, which no temperature and no threshold changes."""
    if not len(photos):
        return np.zeros(0, np.bool_)
    likeliest: NDArray[np.bool_] = np.array(head.labels)[head.logits(photos.features).argmax(axis=1)] == photos.labels
    return likeliest


def at_least(hits: int, tries: int) -> float:
    """Probability of so many heads or more of a fair coin."""
    return 1.0 if hits <= 0 else float(bdtrc(hits - 1, tries, 0.5))


def p_fall(differences: NDArray[np.floating]) -> float:
    """One-sided paired t test: probability of a mean so far above 0, or further, if the true one is 0."""
    n = len(differences)
    mean = float(np.mean(differences)) if n else 0.0
    if n < 2 or mean <= 0:
        return 1.0
    spread = float(np.std(differences, ddof=1))
    return 0.0 if spread == 0 else float(stdtr(n - 1, -mean / (spread / np.sqrt(n))))


def by_chance(p: float, *, worse: bool) -> str:
    """The end of a sentence about a difference whose probability by chance is `p`."""
    if not worse:
        return "no worse"
    return (
        f"a difference that chance explains (p = {p:.2f})" if p >= ALPHA else f"worse, and not by chance (p = {p:.3f})"
    )
