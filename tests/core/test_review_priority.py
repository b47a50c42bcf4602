"""The more a decision would tell, the earlier it is asked for."""

import pytest
from db_samples import TOP

from core.claim import Verdict
from core.prediction import BreedScore, Kind
from core.review_priority import review_priority

SURE = (BreedScore("afghan_hound", 0.98), BreedScore("saluki", 0.01))
TORN = (BreedScore("afghan_hound", 0.5), BreedScore("saluki", 0.45))


def priority(
    verdict: Verdict,
    breed: str | None = None,
    *,
    top: tuple[BreedScore, ...] = TOP,
    kind: Kind = Kind.BREED,
    not_a_dog: float = 0.01,
    accepted: int = 0,
) -> float:
    return review_priority(verdict, breed, kind=kind, top=top, not_a_dog=not_a_dog, accepted=accepted)


def test_a_correction_tells_more_the_surer_the_model_was_of_something_else() -> None:
    against_sure = priority(Verdict.CORRECT, "saluki", top=SURE)
    against_torn = priority(Verdict.CORRECT, "saluki", top=TORN)
    unheard_of = priority(Verdict.CORRECT, "pug", top=TORN)

    assert against_sure > unheard_of > against_torn


def test_a_breed_with_few_accepted_claims_comes_before_one_with_many() -> None:
    by_accepted = [priority(Verdict.CORRECT, "saluki", accepted=accepted) for accepted in (0, 1, 10, 1000)]

    assert by_accepted == sorted(by_accepted, reverse=True)
    assert by_accepted[0] - by_accepted[-1] < 0.25


def test_that_there_is_no_dog_is_weighed_against_how_sure_the_model_saw_one() -> None:
    assert priority(Verdict.NOT_A_DOG, top=SURE) > priority(Verdict.NOT_A_DOG, top=TORN, not_a_dog=0.4)


def test_a_breed_where_the_model_saw_no_dog_is_weighed_by_that() -> None:
    sure_of_none = priority(Verdict.CORRECT, "pug", kind=Kind.NOT_A_DOG, top=TORN, not_a_dog=0.99)

    assert sure_of_none > priority(Verdict.CORRECT, "pug", top=TORN)


@pytest.mark.parametrize("top", [SURE, TORN, ()])
def test_suggestions_come_first_and_confirmations_last(top: tuple[BreedScore, ...]) -> None:
    corrections = [priority(Verdict.CORRECT, "pug", top=SURE), priority(Verdict.NOT_A_DOG, top=SURE)]

    assert priority(Verdict.OTHER, top=top) > max(corrections)
    assert priority(Verdict.CONFIRM, top=top) < min(corrections)
    assert 0 <= priority(Verdict.CONFIRM, top=top) <= 0.1
