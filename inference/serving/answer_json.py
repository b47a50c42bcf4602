"""An answer as JSON, one form for all: `breedbot predict --json` and the HTTP API."""

from collections.abc import Sequence
from typing import Any

from core.breeds.catalogue import catalogue
from core.prediction import BreedScore, Kind, Prediction


def answer_json(said: Sequence[Prediction]) -> dict[str, Any]:
    """What is said of one photo (DESIGN §7); `said`: of each dog, the largest first."""
    best = max(said, key=lambda one: one.top[0].confidence)
    return {
        **_dog_json(best),
        "not_a_dog": round(best.not_a_dog, 4),
        "dogs": [
            {"box": [round(edge, 4) for edge in one.box], **_dog_json(one)}
            for one in said
            if one.kind is not Kind.NOT_A_DOG
        ],
        "model": best.model,
    }


def scores_json(scores: Sequence[BreedScore]) -> list[dict[str, Any]]:
    """Breeds with their probabilities."""
    return [
        {"breed": score.breed, "name": name_of(score.breed), "confidence": round(score.confidence, 4)}
        for score in scores
    ]


def name_of(breed: str) -> str:
    """English display name; the slug in words for a breed that only the model knows."""
    known = catalogue().get(breed)
    return known.name("en") if known is not None else breed.replace("_", " ").capitalize()


def _dog_json(one: Prediction) -> dict[str, Any]:
    return {"kind": one.kind.value, "top": scores_json(one.top)}
