"""How specific an answer may be: which of its forms the confidences allow. Pure numbers; `answer.py` finds the words.

The thresholds were chosen on the validation photos and then measured on the test photos: docs/answers.md has the table.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.telegram.message import Answered
from core.breeds.catalogue import catalogue
from core.breeds.look_alikes import look_alike
from core.prediction import Kind

CLEAR: Final = 0.85  # from here on the runner-ups say nothing that helps
RIVAL: Final = 0.2  # a second breed this probable is a real possibility…
PAIR: Final = 0.75  # …and together with the first it leaves little room for a third
MIXED_EACH: Final = 0.25  # of two breeds unlike each other: then neither is there by accident
GROUP: Final = 0.5
"""Probability from which a breed group is worth naming where no breed is: four in ten of the unsure photos reach it.
Of those, four in five show a dog of the group; of dogs whose breed the model cannot know, two in three."""
WORTH_SHOWING: Final = 0.05
GUESSES: Final = 3
UNNAMEABLE: Final = frozenset({"unrecognised"})  # no group, but what the kennel club leaves out


class Form(StrEnum):
    """The forms, from the most specific on."""

    BREED = "breed"
    TWO = "two"
    RANKING = "ranking"
    GROUP = "group"
    UNSURE = "unsure"
    NOT_A_DOG = "not-a-dog"


@dataclass(frozen=True, slots=True)
class Shape:
    """What an answer says.

    Attributes:
        shown: the breeds it names with their confidences, best first.
        group: slug of the group it names.
        group_confidence: at least so probable, 0–1: of a stored answer only the five best breeds are known.
        mixed: two breeds that do not look alike share the probability: a mix, or two dogs.
    """

    form: Form
    shown: tuple[tuple[str, float], ...] = ()
    group: str | None = None
    group_confidence: float = 0.0
    mixed: bool = False


def shape(prediction: Answered) -> Shape:
    """The form of the answer to a photo."""
    top = tuple(prediction.top)
    if prediction.kind == Kind.NOT_A_DOG:
        return Shape(Form.NOT_A_DOG)
    if prediction.kind == Kind.UNSURE or not top:
        return _unsure(top)
    rivals = tuple(score for score in top[1:GUESSES] if score[1] >= WORTH_SHOWING)
    if top[0][1] >= CLEAR or not rivals:
        return Shape(Form.BREED, top[:1])
    if rivals[0][1] >= RIVAL and top[0][1] + rivals[0][1] >= PAIR:
        return Shape(Form.TWO, top[:2], mixed=_mixed(top))
    return Shape(Form.RANKING, (top[0], *rivals))


def _unsure(top: tuple[tuple[str, float], ...]) -> Shape:
    group, confidence = _best_group(top)
    if group is None or confidence < GROUP:
        return Shape(Form.UNSURE, top[:GUESSES], mixed=_mixed(top))
    members = [score for score in top if _group(score[0]) == group and score[1] >= WORTH_SHOWING]
    return Shape(Form.GROUP, tuple(members[:GUESSES]), group, min(confidence, 1.0))


def _best_group(top: Sequence[tuple[str, float]]) -> tuple[str | None, float]:
    sums: dict[str, float] = defaultdict(float)
    for breed, confidence in top:
        group = _group(breed)
        if group is not None:
            sums[group] += confidence
    best = max(sums, key=sums.__getitem__, default=None)
    return (best, sums[best]) if best is not None else (None, 0.0)


def _group(breed: str) -> str | None:
    known = catalogue().get(breed)
    return known.group if known is not None and known.group not in UNNAMEABLE else None


def _mixed(top: Sequence[tuple[str, float]]) -> bool:
    if len(top) < 2:
        return False
    (best, first), (other, second) = top[:2]
    return second >= MIXED_EACH and first + second >= PAIR and look_alike(best, other) is False
