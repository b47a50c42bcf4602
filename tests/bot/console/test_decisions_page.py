"""Every decision is found, and taken back by whoever looks after the bot, one by one or a day of somebody at once."""

import re
from datetime import timedelta

import pytest
from console_desk import ADA, BEA, PERSON, Desk

from bot.console.decided.query import Query
from core.claim import Decision
from db.chat.chat_records import Consent

MACHINE = "policy"


async def decide(desk: Desk, event_id: int, decision: Decision, reviewer: str, breed: str | None = None) -> None:
    async with desk.database.unit() as unit:
        await unit.reviews.decide(event_id, decision, reviewer=reviewer, breed=breed, reason="belief 0.93")


async def four(desk: Desk) -> list[int]:
    """Claims that a moderator accepted, put right and rejected, and that the trust policy accepted."""
    events = [
        await desk.claim(breed, user_id=PERSON + place) for place, breed in enumerate(("saluki", "pug", "borzoi"))
    ]
    events.append(await desk.claim(user_id=PERSON))
    await decide(desk, events[0], Decision.ACCEPTED, f"moderator:{BEA}")
    await decide(desk, events[1], Decision.ACCEPTED, f"moderator:{BEA}", "boxer")
    await decide(desk, events[2], Decision.REJECTED, f"moderator:{ADA}")
    await decide(desk, events[3], Decision.ACCEPTED, MACHINE)
    return events


def shown(page: str) -> list[int]:
    """The claims on a page, in its order."""
    return [int(one) for one in re.findall(r"· #(\d+)</p>", page)]


async def test_decisions_of_people_and_of_rules_are_listed_newest_first(desk: Desk) -> None:
    events = await four(desk)
    async with desk.signed_in() as ada:
        page = await ada.text("/decisions")

    assert shown(page) == events[::-1]
    assert "Accepted as Boxer" in page
    assert "the trust policy" in page
    assert "belief 0.93" in page
    assert f"moderator {BEA}" in page
    assert "the model said Beagle, 62%" in page


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("?who=policy", [3]), ("?who=machines", [3]), ("?who=me", [2]), (f"?who=moderator:{BEA}", [1, 0]),
        ("?who=people", [2, 1, 0]), ("?what=rejected", [2]), ("?find=Saluki", [0]), ("?find=boxer", [1]),
        ("?find=beagle", [3]), ("?find=chupacabra", []), (f"?person={PERSON}", [3, 0]), ("?day=1999-12-31", []),
        ("?day=nonsense&who=nobody&what=x&person=-1&before=x", [3, 2, 1, 0]),
    ],
)  # fmt: skip
async def test_decisions_are_found(desk: Desk, address: str, found: list[int]) -> None:
    events = await four(desk)
    async with desk.signed_in() as ada:
        page = await ada.text(f"/decisions{address}")

    assert shown(page) == [events[place] for place in found]


async def test_a_claim_is_found_by_its_number_and_shows_its_whole_story(desk: Desk) -> None:
    event = (await four(desk))[0]
    await decide(desk, event, Decision.REOPENED, f"moderator:{ADA}")
    async with desk.signed_in() as ada:
        page = await ada.text(f"/decisions?find=%23{event}")

    assert shown(page) == [event, event]
    assert "replaced since" in page
    assert "2 decisions" in page
    assert "all that the filters find and that stands: one" in page


async def test_a_moderator_s_whole_day_is_taken_back_in_one_press_and_nobody_else_s(desk: Desk) -> None:
    first, second, *others = await four(desk)
    await decide(desk, first, Decision.REOPENED, f"moderator:{ADA}")
    await decide(desk, first, Decision.REJECTED, f"moderator:{ADA}")  # Ada has looked at one of them already
    day = desk.clock().date().isoformat()
    async with desk.signed_in() as ada:
        fields = [("act", "take-back"), ("all", "1"), ("who", f"moderator:{BEA}"), ("day", day)]
        status, page = await ada.form("/decisions", fields)

    assert status == 200
    assert "One claim was changed." in page
    assert await desk.waiting(second) is not None
    assert (await desk.decision(first)).decision is Decision.REJECTED
    assert [(await desk.decision(one)).decision is Decision.REOPENED for one in others] == [False, False]


async def test_ticked_claims_are_set_aside_and_restored_as_they_were(desk: Desk) -> None:
    first, second, third, fourth = await four(desk)
    ticked = [("event", str(one)) for one in (second, third)]
    async with desk.signed_in() as ada:
        await ada.form("/decisions", [("act", "set-aside"), *ticked])
        aside = [(await desk.decision(one)).decision for one in (first, second, third, fourth)]
        await ada.form("/decisions", [("act", "restore"), *ticked])
    restored = await desk.decision(second)

    assert aside == [Decision.ACCEPTED, Decision.SET_ASIDE, Decision.REJECTED, Decision.ACCEPTED]
    assert (restored.decision, restored.breed, restored.reviewer) == (Decision.ACCEPTED, "boxer", f"moderator:{ADA}")


async def test_a_person_s_page_says_how_they_fared(desk: Desk) -> None:
    await four(desk)
    async with desk.signed_in() as ada:
        page = await ada.text(f"/decisions?person={PERSON}")

    assert "Accepted by people: 1 · rejected or put right: 0 · accepted by the trust policy: 1" in page
    assert f"/ban {PERSON}" in page


async def test_whoever_takes_consent_back_is_not_listed_any_more(desk: Desk) -> None:
    await four(desk)
    async with desk.database.unit() as unit:
        await unit.consents.set(PERSON, Consent.NO)
    async with desk.signed_in() as ada:
        page = await ada.text("/decisions")

    assert len(shown(page)) == 2


async def test_a_form_of_another_page_and_one_that_asks_for_nothing_known_change_nothing(desk: Desk) -> None:
    first, *_ = await four(desk)
    async with desk.signed_in() as ada:
        forged, _ = await ada.form("/decisions", [("act", "take-back"), ("event", str(first))], csrf="0" * 64)
        unknown, _ = await ada.form("/decisions", [("act", "delete"), ("event", str(first))])
        nonsense, page = await ada.form("/decisions", [("act", "take-back"), ("event", "x"), ("event", "9" * 30)])

    assert (forged, unknown, nonsense) == (403, 400, 200)
    assert "0 claims were changed" in page
    assert (await desk.decision(first)).decision is Decision.ACCEPTED


async def test_pages_go_on(desk: Desk) -> None:
    events = [await desk.claim("saluki") for _ in range(27)]
    for event in events:
        await decide(desk, event, Decision.ACCEPTED, MACHINE)
    async with desk.signed_in() as ada:
        page = await ada.text("/decisions?who=policy")
        older = re.search(r'href="([^"]*before=\d+)"', page)
        assert older is not None
        rest = await ada.text("/decisions" + older[1].replace("&amp;", "&"))

    assert shown(page) == events[:1:-1]
    assert shown(rest) == events[1::-1]


def test_an_address_keeps_what_it_asks_for() -> None:
    query = Query.read({"who": "me", "find": " beagle ", "person": "7", "before": "9"})

    assert query.address(before=0) == "?who=me&find=beagle&person=7"
    assert Query.read({"person": "9" * 25}).person == 0


async def test_what_people_typed_is_never_markup(desk: Desk) -> None:
    event = await desk.claim(suggestion="<script>x</script>")
    await decide(desk, event, Decision.REJECTED, MACHINE)
    desk.clock.ahead = timedelta(hours=3)
    async with desk.signed_in() as ada:
        page = await ada.text("/decisions?find=%3Cscript%3E&who=")
        listed = await ada.text("/decisions")

    assert "<script>x" not in page + listed
    assert "&lt;script&gt;x" in listed
