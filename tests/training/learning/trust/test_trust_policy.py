"""Which claims the trust policy accepts, how sure it is of them, and which it leaves to people."""

from dataclasses import replace

import numpy as np
import pytest

from core.claim import Decision
from db.learning.learning_records import AcceptedTally, ReviewCounts
from training.learning.trust.belief import beliefs
from training.learning.trust.confusion import shared_probability
from training.learning.trust.params import TrustParams
from training.learning.trust.policy import PolicyDecision, decide
from training.learning.trust.reliability import Trust
from training.learning.trust.waiting_claim import WaitingClaim

PARAMS = TrustParams()
ANNA, BEN, CARL = 1, 2, 3
PROVEN = ReviewCounts(ANNA, accepted=40, rejected=1)
POOR = ReviewCounts(ANNA, accepted=10, rejected=20)
MET = tuple(ReviewCounts(user_id, policy_accepted=PARAMS.met_after) for user_id in range(1, 41))
"""Newcomers, of whom a rule has accepted some claims: no strangers."""


def claim(event_id: int = 1, user_id: int = ANNA, **said: object) -> WaitingClaim:
    """A correction to what the champion thinks second likeliest."""
    photo = f"photo {event_id}"
    usual = WaitingClaim(event_id, user_id, event_id, "saluki", False, 0.3, 1, "borzoi", 0.6, photo_sha256=photo)
    return replace(usual, **said)  # type: ignore[arg-type]


def confirmed(event_id: int = 1, user_id: int = ANNA, confidence: float = 0.6) -> WaitingClaim:
    return claim(
        event_id, user_id, label="borzoi", confirms=True, probability=confidence, confidence=confidence, rank=0
    )


def trust(claims: list[WaitingClaim], *counts: ReviewCounts, params: TrustParams = PARAMS) -> Trust:
    return Trust.weigh(claims, {one.user_id: one for one in counts}, params)


def decided(
    claims: list[WaitingClaim],
    *counts: ReviewCounts,
    accepted: tuple[AcceptedTally, ...] = (),
    params: TrustParams = PARAMS,
) -> list[PolicyDecision]:
    return decide(claims, trust(claims, *counts, params=params), accepted, params)


def accepted_events(decisions: list[PolicyDecision]) -> list[int]:
    return [one.event_id for one in decisions if one.decision is Decision.ACCEPTED]


def belief(claims: list[WaitingClaim], *counts: ReviewCounts, label: str = "saluki") -> float:
    return beliefs(claims, trust(claims, *counts), PARAMS)[label]


def test_a_plausible_correction_by_somebody_reliable_is_accepted_with_its_reasons() -> None:
    (decision,) = decided([claim()], PROVEN)

    assert decision.decision is Decision.ACCEPTED
    assert decision.reason == (
        "accepted: saluki is no. 2 of the champion's answers (30.0%); 41 claims of this person reviewed, "
        "reliability 0.96; belief 0.99"
    )


def test_what_nobody_could_have_looked_at_waits_unless_a_second_independent_voice_agrees() -> None:
    fresh = claim(fresh=True)
    second = claim(2, BEN, photo=fresh.photo, fresh=True)
    other = claim(3, CARL, photo=fresh.photo, label="pug", fresh=True)

    (alone,) = decided([fresh], PROVEN)
    assert alone.decision is None
    assert alone.reason.startswith("waits, nobody could have looked at it yet: saluki is no. 2")
    assert accepted_events(decided([fresh, second], PROVEN)) == [1, 2]
    assert accepted_events(decided([fresh, second])) == [], "two accounts of one person cost nothing"
    assert accepted_events(decided([fresh, replace(fresh, event_id=4)], PROVEN)) == [], "one person is one voice"
    assert accepted_events(decided([fresh, other], PROVEN)) == []


def test_whose_claims_were_set_aside_is_not_believed() -> None:
    assert accepted_events(decided([claim()], ReviewCounts(ANNA, accepted=3))) == [1]
    assert accepted_events(decided([claim()], ReviewCounts(ANNA, accepted=3, set_aside=9))) == []


def test_an_implausible_correction_waits_whoever_makes_it() -> None:
    (decision,) = decided([claim(probability=0.0001, rank=17, confidence=0.99)], PROVEN)

    assert decision.decision is None
    assert decision.reason.startswith("waits, not among the champion's first 5 answers: saluki is no. 18")


def test_somebody_whose_claims_were_often_rejected_is_not_believed() -> None:
    decisions = decided([claim()], POOR)

    assert accepted_events(decisions) == []
    assert "belief below 0.8" in decisions[0].reason


def test_a_host_without_moderators_learns_from_newcomers_what_the_model_holds_possible() -> None:
    likely, unlikely = claim(1, ANNA), claim(2, BEN, probability=0.02, rank=2)
    fourth = claim(3, CARL, rank=3)

    assert accepted_events(decided([likely, unlikely, fourth])) == [1]


def test_who_is_known_may_name_a_look_alike_that_is_far_down_the_list() -> None:
    far = claim(rank=6, probability=0.12, shared=0.2)

    assert accepted_events(decided([far], PROVEN)) == [1]
    assert accepted_events(decided([far])) == []
    assert accepted_events(decided([replace(far, shared=0.0)], PROVEN)) == []


def test_a_label_that_the_champion_lacks_is_left_to_people() -> None:
    (decision,) = decided([claim(label="thai_ridgeback", probability=0.0, rank=84)], PROVEN)

    assert decision.decision is None
    assert "thai_ridgeback is none of the champion's answers" in decision.reason


def test_a_confirmation_of_a_sure_answer_adds_nothing_and_one_of_a_doubtful_answer_little() -> None:
    sure = belief([confirmed(confidence=0.99)], label="borzoi")
    doubtful = belief([confirmed(confidence=0.3)], label="borzoi")
    corrected = belief([claim(label="saluki", probability=0.3)])

    assert sure - 0.99 < 0.01
    assert 0.3 < doubtful < PARAMS.accept < corrected


def test_pressing_confirm_all_day_makes_nobody_known_or_much_more_reliable() -> None:
    pressed = [confirmed(number, confidence=0.99) for number in range(1, 1001)]
    weighed = trust(pressed)

    assert not weighed.known(ANNA)
    assert weighed.of(pressed[0]).mean <= 5 / 6


def test_contradicting_sure_answers_again_and_again_makes_a_person_unreliable() -> None:
    sly = claim(99, probability=0.3)
    vandal = [claim(number, label="pug", confidence=0.99, probability=0.001) for number in range(1, 9)]

    assert accepted_events(decided([sly])) == [99]
    assert accepted_events(decided([*vandal, sly])) == []


def test_correcting_a_sure_answer_now_and_then_costs_nothing() -> None:
    claims = [claim(number) for number in range(2, 12)]
    once = claim(1, label="pug", confidence=0.99, probability=0.001)

    assert trust([once, *claims]).of(claims[0]).mean == trust(claims).of(claims[0]).mean


def test_what_the_policy_itself_accepted_makes_nobody_more_reliable() -> None:
    claims = [claim()]
    before = trust(claims).of(claims[0])

    after = trust(claims, ReviewCounts(ANNA, policy_accepted=500)).of(claims[0])

    assert after == before


def test_independent_people_who_agree_on_copies_of_a_photo_strengthen_each_other() -> None:
    alone = [claim(1, ANNA, photo=7, probability=0.05)]
    both = [*alone, claim(2, BEN, photo=7, probability=0.05)]
    known = (ReviewCounts(ANNA, accepted=4, rejected=1), ReviewCounts(BEN, accepted=4, rejected=1))

    assert belief(alone, *known) < belief(both, *known)


def test_newcomers_who_agree_count_as_one_because_accounts_cost_nothing() -> None:
    alone = [claim(1, 1, photo=7, probability=0.05)]
    ring = [claim(number, number, photo=7, probability=0.05) for number in range(1, 20)]

    assert belief(ring) == pytest.approx(belief(alone))


def test_claims_that_contradict_each_other_about_a_photo_weaken_each_other() -> None:
    mine, theirs = claim(1, ANNA, photo=7), claim(2, BEN, photo=7, label="pug", probability=0.2, rank=2)

    assert belief([mine, theirs]) < belief([mine])
    assert accepted_events(decided([mine, theirs])) == []


def test_what_somebody_says_twice_about_copies_of_a_photo_is_said_once() -> None:
    once, again = claim(1, photo=7), claim(2, photo=7)

    assert belief([once, again], PROVEN) == pytest.approx(belief([once], PROVEN))


def test_many_new_accounts_after_one_breed_are_seen_together() -> None:
    """Each of them says too little to be judged by it; of their flips many contradict sure answers."""
    flips = [claim(number, number, probability=0.001, confidence=0.99) for number in range(1, 13)]
    likely = [claim(number, number, probability=0.3) for number in range(13, 17)]

    assert len(accepted_events(decided(likely, *MET))) == 4
    assert accepted_events(decided([*flips, *likely], *MET)) == []


@pytest.mark.parametrize(
    ("cap", "claims"),
    [
        ("newcomer_day", [claim(number, ANNA, label=f"breed {number}") for number in range(1, 6)]),
        ("newcomer_breed_day", [claim(number, number) for number in range(1, 6)]),
        ("breed_day", [claim(number, number) for number in range(1, 6)]),
        ("day", [claim(number, number, label=f"breed {number}") for number in range(1, 6)]),
    ],
)
def test_no_more_than_a_cap_is_accepted_in_a_day(cap: str, claims: list[WaitingClaim]) -> None:
    decisions = decided(claims, *MET, params=replace(PARAMS, **{cap: 3}))  # type: ignore[arg-type]

    assert accepted_events(decisions) == [1, 2, 3]
    assert "accepted in 24 h" in decisions[3].reason


def test_what_was_accepted_earlier_that_day_counts_for_the_caps() -> None:
    tally = AcceptedTally(BEN, "saluki", PARAMS.newcomer_breed_day)

    assert accepted_events(decided([claim()], accepted=(tally,))) == []
    assert accepted_events(decided([claim()], PROVEN, accepted=(tally,))) == [1]


def test_the_dogs_of_a_photo_are_one_photo_of_the_person_and_each_one_of_its_label() -> None:
    pack = [claim(number, ANNA, label=f"breed {number}", photo_sha256="pack") for number in range(1, 6)]
    alike = [claim(number, ANNA, photo_sha256="pack") for number in range(1, 6)]
    one_photo = replace(PARAMS, newcomer_day=1)

    assert len(accepted_events(decided(pack, params=one_photo))) == 5
    assert accepted_events(decided([*pack, claim(6, label="breed 6")], params=one_photo)) == [1, 2, 3, 4, 5]
    assert len(accepted_events(decided(alike, *MET, params=replace(one_photo, breed_day=3)))) == 3


def test_of_strangers_a_few_corrections_a_day_are_accepted_and_the_others_wait_for_a_person() -> None:
    flood = [claim(number, 100 + number, label=f"breed {number}") for number in range(1, 31)]
    confirmations = [
        replace(confirmed(number, 100 + number, confidence=0.9), label=f"breed {number}") for number in range(31, 41)
    ]

    decisions = decided([*flood, *confirmations])

    assert len(accepted_events(decisions[:30])) == PARAMS.strangers_day
    assert f"waits, {PARAMS.strangers_day} corrections of accounts without a record" in decisions[29].reason
    assert len(accepted_events(decisions[30:])) == 10, "a ✅ is no correction"
    assert len(accepted_events(decided(flood, *(ReviewCounts(100 + n, policy_accepted=3) for n in range(31))))) == 30


def test_of_strangers_few_claims_for_one_label_are_accepted_in_a_day() -> None:
    flood = [claim(number, 100 + number) for number in range(1, 6)]

    decisions = decided(flood)

    assert len(accepted_events(decisions)) == PARAMS.strangers_breed_day
    assert f"waits, {PARAMS.strangers_breed_day} for saluki of accounts without a record" in decisions[-1].reason
    agreed = [confirmed(number, 100 + number, confidence=0.9) for number in range(1, 6)]
    assert len(accepted_events(decided(agreed))) == PARAMS.strangers_breed_day, "of a ✅ no more: who errs once agrees"


def test_as_many_of_strangers_as_of_people_with_a_record_are_accepted() -> None:
    flood = [claim(number, 100 + number, label=f"breed {number}") for number in range(1, 31)]
    earlier = [AcceptedTally(BEN, f"breed {number}", 1, str(number), corrections=1) for number in range(20)]
    strangers = [replace(one, user_id=200 + number) for number, one in enumerate(earlier)]

    assert len(accepted_events(decided(flood, *MET, accepted=tuple(earlier)))) == 20
    assert accepted_events(decided(flood, accepted=tuple(strangers))) == []


def test_what_strangers_said_on_an_earlier_day_waits_for_a_person_or_a_second_voice() -> None:
    late = claim(1, 100, late=True)
    second = claim(2, ANNA, photo=late.photo, late=True)

    (alone,) = decided([late])
    assert alone.reason.startswith("waits, of accounts without a record only what was said in the last day")
    assert accepted_events(decided([late], ReviewCounts(100, policy_accepted=3))) == [1]
    assert accepted_events(decided([late, second], PROVEN)) == [1, 2]


def test_copies_of_a_photo_count_once_for_the_caps_of_a_breed() -> None:
    copies = [claim(number, number, photo=7) for number in range(1, 6)]

    assert len(accepted_events(decided(copies, params=replace(PARAMS, breed_day=1)))) == 5


def test_the_surest_claims_take_the_room_under_a_cap() -> None:
    claims = [claim(1, ANNA, probability=0.2), claim(2, BEN, probability=0.5)]

    assert accepted_events(decided(claims, params=replace(PARAMS, day=1))) == [2]


def test_switched_off_it_decides_nothing() -> None:
    (decision,) = decided([claim()], PROVEN, params=TrustParams(enabled=False))

    assert (decision.decision, decision.reason) == (None, "waits: the trust policy is switched off")


def test_decisions_come_in_the_order_of_the_claims_and_do_not_depend_on_it() -> None:
    claims = [claim(number, number % 7, photo=number % 5, probability=0.05 * (number % 9)) for number in range(40)]

    forwards, backwards = decided(claims), decided(claims[::-1])

    assert [one.event_id for one in forwards] == list(range(40))
    assert forwards == backwards[::-1]


def test_a_claim_is_seen_with_the_champions_eyes() -> None:
    row = np.array([0.1, 0.7, 0.2], np.float32)

    seen = WaitingClaim.seen(
        1, ANNA, 7, "saluki", confirms=False, probabilities=row, labels=("borzoi", "pug", "saluki"),
        shared={("pug", "saluki"): 0.3},
    )  # fmt: skip

    assert (seen.rank, seen.best, seen.rival, seen.shared) == (1, "pug", "pug", 0.3)
    assert (seen.probability, seen.confidence) == pytest.approx((0.2, 0.7))


def test_the_rival_of_the_champions_own_answer_is_its_second() -> None:
    row = np.array([0.1, 0.7, 0.2], np.float32)

    seen = WaitingClaim.seen(
        1, ANNA, 7, "pug", confirms=True, probabilities=row, labels=("borzoi", "pug", "saluki"), shared={}
    )

    assert (seen.rank, seen.best, seen.rival) == (0, "pug", "saluki")


def test_breeds_share_the_greater_of_both_directions() -> None:
    answers = np.array([[0.9, 0.1, 0.0], [0.9, 0.08, 0.02], [0.0, 1.0, 0.0], [0.01, 0.01, 0.98]], np.float32)

    shared = shared_probability(answers, np.array(["a", "a", "b", "c"]), ("a", "b", "c"))

    assert shared == {("a", "b"): pytest.approx(0.09), ("b", "a"): pytest.approx(0.09)}


def test_for_a_look_alike_more_is_needed() -> None:
    far, near = claim(probability=0.15), claim(probability=0.15, shared=0.2)

    assert accepted_events(decided([far])) == [1]
    assert accepted_events(decided([near])) == []
    assert accepted_events(decided([near], PROVEN)) == [1]


def test_what_newcomers_say_about_breeds_that_the_champion_hardly_tells_apart_waits() -> None:
    correction = claim(1, probability=0.5, shared=0.5, rival="borzoi")
    confirmation = replace(confirmed(2, BEN, confidence=0.9), shared=0.5, rival="saluki")

    decisions = decided([correction, confirmation])

    assert accepted_events(decisions) == []
    assert "the champion hardly tells it from borzoi" in decisions[0].reason
    assert accepted_events(decided([correction], PROVEN)) == [1]


@pytest.mark.parametrize("wrong", [{"accept": 0}, {"sure": 1.5}, {"aim": -1}, {"wrong_before": 0}])
def test_impossible_parameters_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TrustParams(**wrong)  # type: ignore[arg-type]
