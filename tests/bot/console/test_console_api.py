"""What moderators can do to claims, and what nobody can do from elsewhere."""

import json
import sqlite3
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from console_desk import ADA, BEA, TOP, Desk, jpeg
from PIL import Image
from yarl import URL

from bot.console.pages import PAGE, WORDS, fields
from core.breeds.catalogue import MIXED_BREED, NOT_A_DOG
from core.claim import Decision, Verdict


def ids(answer: dict[str, Any]) -> list[int]:
    return [card["event_id"] for card in answer["cards"]]


async def test_the_most_informative_claims_come_first_and_none_twice(desk: Desk) -> None:
    confirmed, surprising = await desk.claim(), await desk.claim("saluki")
    unknown = await desk.claim(suggestion="Aidi")
    async with desk.signed_in() as ada:
        status, all_of_them = await ada.get("/api/next")
        _, others = await ada.get(f"/api/next?have={unknown},{surprising},x,-1,{'9' * 30}")

    assert (status, ids(all_of_them)) == (200, [unknown, surprising, confirmed])
    assert ids(others) == [confirmed]
    assert all_of_them["left"] == "3 claims wait"


async def test_a_card_says_what_both_said(desk: Desk) -> None:
    event_id = await desk.claim("bloodhound")
    async with desk.signed_in() as ada:
        _, answer = await ada.get("/api/next")

    (card,) = answer["cards"]
    assert card["event_id"] == event_id
    assert (card["claim"]["eyebrow"], card["claim"]["text"]) == ("Somebody says", "Bloodhound")
    shown = [(bar["name"], bar["percent"], bar["claimed"]) for bar in card["bars"]]
    assert shown == [("Beagle", "62%", False), ("Basset Hound", "21%", False), ("Bloodhound", "8%", True)]
    maps = [heat["path"] for heat in card["heat"]]
    assert maps == [f"heatmaps/{event_id}/{breed}" for breed in ("beagle", "bloodhound")]
    assert card["accept"] == "Accept: Bloodhound"
    assert "first claim" in card["facts"]


async def test_no_dog_is_among_the_bars_where_it_was_thought_of(desk: Desk) -> None:
    await desk.claim(verdict=Verdict.NOT_A_DOG, not_a_dog=0.3, top=TOP[:2])
    async with desk.signed_in() as ada:
        _, answer = await ada.get("/api/next")

    (card,) = answer["cards"]
    assert [(bar["name"], bar["claimed"]) for bar in card["bars"]][1] == ("Not a dog", True)


@pytest.mark.parametrize(
    ("press", "breed", "stored", "said"),
    [
        ("accept", None, (Decision.ACCEPTED, None), "Accepted: Saluki"),
        ("accept", "borzoi", (Decision.ACCEPTED, "borzoi"), "Accepted: Borzoi"),
        ("accept", NOT_A_DOG, (Decision.ACCEPTED, NOT_A_DOG), "Accepted: Not a dog"),
        ("reject", None, (Decision.REJECTED, None), "Rejected: Saluki"),
    ],
)
async def test_a_decision_is_stored_and_can_be_undone(
    desk: Desk, press: str, breed: str | None, stored: tuple[Decision, str | None], said: str
) -> None:
    event_id = await desk.claim("saluki")
    async with desk.signed_in() as ada:
        status, answer = await ada.decide(event_id, press, breed)
        decision = await desk.decision(event_id)

        assert (status, answer["sentence"], answer["left"]) == (200, said, "0 claims wait")
        assert (decision.decision, decision.breed, decision.reviewer) == (*stored, f"moderator:{ADA}")
        status, undone = await ada.undo(event_id)
        assert (status, undone["left"]) == (200, "One claim waits")
        assert undone["card"]["event_id"] == event_id
    assert await desk.waiting(event_id) is not None


async def test_a_skipped_claim_is_put_off_and_can_be_fetched_back(desk: Desk) -> None:
    event_id = await desk.claim("saluki")
    async with desk.signed_in() as ada:
        await ada.decide(event_id, "skip")
        _, answer = await ada.get("/api/next")
        assert (ids(answer), answer["put_off"]) == ([], "One was put off and comes back.")

        assert (await ada.undo(event_id))[0] == 200
        assert ids((await ada.get("/api/next"))[1]) == [event_id]


async def test_a_typed_breed_is_mapped_or_rejected_but_never_accepted_as_it_is(desk: Desk) -> None:
    event_id = await desk.claim(suggestion="Kurzhaar")
    async with desk.signed_in() as ada:
        assert (await ada.decide(event_id, "accept"))[0] == 400
        assert await desk.waiting(event_id) is not None

        _, answer = await ada.decide(event_id, "accept", "borzoi")
    assert answer["sentence"] == "Accepted: Borzoi"
    assert (await desk.decision(event_id)).breed == "borzoi"


async def test_of_two_moderators_the_second_is_told_calmly(desk: Desk) -> None:
    event_id = await desk.claim("saluki")
    async with desk.signed_in(ADA) as ada, desk.signed_in(BEA) as bea:
        await ada.decide(event_id, "accept", "borzoi")
        status, answer = await bea.decide(event_id, "reject")
        undo_status, undo_answer = await bea.undo(event_id)
        _, own = await ada.decide(event_id, "reject")

    assert (status, answer["kind"], answer["left"]) == (409, "first", "0 claims wait")
    assert answer["sentence"].startswith("Another moderator accepted this one as Borzoi")
    assert (undo_status, undo_answer["kind"]) == (409, "first")
    assert own["sentence"].startswith("You yourself, somewhere else, accepted this one as Borzoi")
    assert (await desk.decision(event_id)).breed == "borzoi"


async def test_the_same_decision_twice_is_once(desk: Desk) -> None:
    event_id = await desk.claim("saluki")
    async with desk.signed_in() as ada:
        answers = [await ada.decide(event_id, "accept", "borzoi") for _ in range(2)]

    for status, answer in answers:
        assert (status, answer["sentence"], answer["left"]) == (200, "Accepted: Borzoi", "0 claims wait")
    async with desk.database.unit() as unit:
        assert len(await unit.reviews.recent()) == 1


async def test_a_claim_that_was_replaced_or_forgotten_is_said_to_be_gone(desk: Desk) -> None:
    replaced, forgotten = await desk.claim("saluki"), await desk.claim("borzoi", user_id=2002)
    async with desk.signed_in() as ada:
        async with desk.database.unit() as unit:
            claim = await unit.feedback.get(replaced)
            assert claim is not None
            await unit.feedback.append(
                prediction_id=claim.prediction_id, user_id=claim.user_id, verdict=Verdict.DONT_KNOW
            )
            await unit.users.forget(2002)

        for event_id in (replaced, forgotten, 999_999):
            for path in ("decide", "undo"):
                status, answer = await ada.post(f"/api/{path}", {"event_id": event_id, "decision": "accept"})
                assert (status, answer["kind"]) == (410, "gone"), (event_id, path)
        async with ada.session.get(f"{ada.root}/photos/{forgotten}") as photo:
            assert photo.status == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        [], "x", None, {}, {"event_id": "1"}, {"event_id": True, "decision": "accept"}, {"event_id": -1},
        {"event_id": 10**30, "decision": "accept"}, {"event_id": 1, "decision": "promote"}, {"event_id": 1},
        {"event_id": 1, "decision": "accept", "breed": "unicorn"},
        {"event_id": 1, "decision": "accept", "breed": ["x"]},
        {"event_id": 1, "decision": "reject", "breed": "beagle"},
    ],
)  # fmt: skip
async def test_nonsense_is_refused_and_changes_nothing(desk: Desk, body: object) -> None:
    event_id = await desk.claim("saluki")
    async with desk.signed_in() as ada:
        assert (await ada.post("/api/decide", body))[0] == 400
        async with ada.session.post(f"{ada.root}/api/undo", data=b"\xff{", headers={"X-CSRF-Token": ada.csrf}) as bad:
            assert bad.status == 400

    assert await desk.waiting(event_id) is not None


async def test_changes_need_the_token_of_our_page_and_come_from_it(desk: Desk) -> None:
    event_id = await desk.claim("saluki")
    async with desk.signed_in(ADA) as ada, desk.signed_in(BEA) as bea:
        token = {"X-CSRF-Token": ada.csrf}
        elsewhere = [
            {},
            {"X-CSRF-Token": "0" * 64},
            {"X-CSRF-Token": bea.csrf},
            token | {"Origin": "https://evil.example"},
            token | {"Origin": "null"},
            token | {"Sec-Fetch-Site": "cross-site"},
            token | {"Sec-Fetch-Site": "same-site"},
        ]
        body = {"event_id": event_id, "decision": "accept"}
        statuses = {}
        for headers in elsewhere:
            async with ada.session.post(f"{ada.root}/api/decide", json=body, headers=headers) as refused:
                statuses[str(headers)] = refused.status
        async with ada.session.post(f"{ada.root}/logout") as stay:
            statuses["logout"] = stay.status

        assert set(statuses.values()) == {403}, statuses
        assert await desk.waiting(event_id) is not None
        ours = token | {"Origin": desk.url, "Sec-Fetch-Site": "same-origin"}
        assert (await ada.post("/api/decide", body, headers=ours))[0] == 200


async def test_a_large_body_is_refused(desk: Desk) -> None:
    async with desk.signed_in() as ada:
        data, headers = BytesIO(b" " * 20_000), {"X-CSRF-Token": ada.csrf}
        async with ada.session.post(f"{ada.root}/api/decide", data=data, headers=headers) as refused:
            assert refused.status == 413


async def test_photos_come_small_and_without_what_cameras_note(desk: Desk) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    file = BytesIO()
    Image.new("RGB", (3000, 2000)).save(file, "JPEG", exif=exif)
    event_id, broken = (
        await desk.claim("saluki", photo=file.getvalue()),
        await desk.claim(photo=b"<svg onload=alert(1)>"),
    )
    async with desk.signed_in() as ada:
        async with ada.session.get(f"{ada.root}/photos/{event_id}") as response:
            picture = Image.open(BytesIO(await response.read()))
            assert response.content_type == "image/jpeg"
        async with ada.session.get(f"{ada.root}/photos/{broken}") as nothing:
            assert nothing.status == 404

    assert picture.size == (1600, 1067)
    assert dict(picture.getexif()) == {}


async def test_heat_maps_are_asked_of_the_model(desk: Desk) -> None:
    event_id = await desk.claim("saluki", photo=jpeg(77))
    async with desk.signed_in() as ada:
        async with ada.session.get(f"{ada.root}/heatmaps/{event_id}/beagle") as painted:
            assert (painted.status, painted.content_type) == (200, "image/jpeg")
        async with ada.session.get(f"{ada.root}/heatmaps/{event_id}/saluki") as unknown:
            assert unknown.status == 404
        desk.mount(heat=False)
        async with ada.session.get(f"{ada.root}/heatmaps/{event_id}/beagle") as none:
            assert none.status == 404
        (card,) = (await ada.get("/api/next"))[1]["cards"]

    assert [breed for _, breed in desk.heat_asked] == ["beagle", "saluki"]
    assert card["heat"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/photos/../../../bot.db", "/photos/%2e%2e%2f%2e%2e%2fbot.db", "/photos/..%5c..%5cbot.db", "/photos/1%00",
        "/photos/0", "/photos/-1", "/photos/1/../2", "/photos/99999999999999999999", "/photos/" + "a" * 64,
        "/page/..%2fconsole.py", "/page/%2e%2e/console.py", "/page/review.html", "/page/",
        "/heatmaps/1/..%2f..%2fbeagle", "/heatmaps/1/", "//", "/x",
    ],
)  # fmt: skip
async def test_no_path_leads_out_of_the_house(desk: Desk, path: str) -> None:
    await desk.claim("saluki")
    async with desk.signed_in() as ada, ada.session.get(URL(f"{ada.root}{path}", encoded=True)) as response:
        assert response.status == 404
        assert await response.read() in {b"", b"404: Not Found"}


async def test_breeds_are_found_in_both_languages_and_the_model_s_own_come_without_asking(desk: Desk) -> None:
    event_id = await desk.claim("saluki")
    async with desk.signed_in() as ada:
        typed = (await ada.get("/api/breeds?q=terre-neuve"))[1]["breeds"]
        nothing = (await ada.get("/api/breeds?q=zzzzqqq"))[1]["breeds"]
        offered = (await ada.get(f"/api/breeds?q=&event_id={event_id}"))[1]["breeds"]

    assert typed[0]["name"] == "Newfoundland"
    assert nothing == []
    assert [one["breed"] for one in offered] == [*(score.breed for score in TOP), MIXED_BREED]


async def test_what_people_typed_cannot_break_out_of_the_page(desk: Desk) -> None:
    nasty = "</script><script>alert(1)</script>"
    event_id = await desk.claim(suggestion=nasty)
    async with desk.signed_in() as ada:
        await ada.decide(event_id, "reject")
        page = await ada.home()

    assert nasty not in page
    words = json.loads(page.partition('id="words">')[2].partition("</script>")[0])
    assert words["history"] == [{"event_id": event_id, "sentence": f"Rejected: “{nasty}”"}]


async def test_a_freshly_loaded_page_remembers_what_stands(desk: Desk) -> None:
    kept, undone, others = [await desk.claim(breed) for breed in ("saluki", "borzoi", "pug")]
    async with desk.signed_in(ADA) as ada, desk.signed_in(BEA) as bea:
        await ada.decide(kept, "accept")
        await ada.decide(undone, "reject")
        await ada.undo(undone)
        await bea.decide(others, "accept")
        page = await ada.home()

    words = json.loads(page.partition('id="words">')[2].partition("</script>")[0])
    assert words["history"] == [{"event_id": kept, "sentence": "Accepted: Saluki"}]


async def test_the_page_speaks_the_moderator_s_language(desk: Desk) -> None:
    async with desk.database.unit() as unit:
        await unit.users.seen(ADA, "fr-CA")
    await desk.claim("newfoundland")
    async with desk.signed_in() as ada:
        (card,) = (await ada.get("/api/next"))[1]["cards"]

    assert '<html lang="fr">' in ada.page
    assert "Annuler" in ada.page
    assert card["claim"]["text"] == "Terre-Neuve"
    assert "{{" not in ada.page
    assert "console-" not in ada.page.replace("page/console.css", "")


def test_the_pages_ask_for_the_sentences_that_are_listed() -> None:
    asked = fields("review.html") | fields("login.html") | fields("dashboard.html") | fields("sheet.html")

    assert {name for name in asked if "-" in name} == set(WORDS)  # the others are values
    assert {path.suffix for path in PAGE.iterdir()} == {".html", ".css", ".js", ".svg"}


@pytest.mark.slow  # the database waits ten seconds for the other writer
async def test_a_database_in_trouble_is_told_in_words(desk: Desk, tmp_path: Path) -> None:
    event_id = await desk.claim("saluki")
    async with desk.signed_in() as ada:
        with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            status, answer = await ada.decide(event_id, "accept")
            other.execute("ROLLBACK")

        assert (status, answer["kind"]) == (503, "trouble")
        assert "try again" in answer["sentence"]
        assert (await ada.decide(event_id, "accept"))[0] == 200


@pytest.mark.parametrize("wrong", [[], {}, 7, None, ["accept"]])
async def test_a_decision_that_is_no_word_is_refused(desk: Desk, wrong: object) -> None:
    event_id = await desk.claim("saluki")
    async with desk.signed_in() as ada:
        status, _ = await ada.post("/api/decide", {"event_id": event_id, "decision": wrong})

    assert status == 400
    assert await desk.waiting(event_id) is not None


@pytest.mark.parametrize("query", ["have=" + "9" * 5000, "have=²,٣,1"])
async def test_ids_that_are_none_are_passed_over(desk: Desk, query: str) -> None:
    event_id = await desk.claim("saluki")
    async with desk.signed_in() as ada:
        status, answer = await ada.get(f"/api/next?{query}")
        _, breeds = await ada.get(f"/api/breeds?event_id={'9' * 5000}")

    assert status == 200
    assert ids(answer) == ([] if query.endswith(",1") and event_id == 1 else [event_id])
    assert breeds == {"breeds": []}


async def test_a_form_that_is_none_is_refused_as_one_of_another_page(desk: Desk) -> None:
    async with desk.signed_in() as ada:
        for kind in ("multipart/form-data", "application/json; charset=no-such"):
            headers = {"Content-Type": kind} | ({"X-CSRF-Token": ada.csrf} if "json" in kind else {})
            async with ada.session.post(f"{ada.root}/api/decide", data=b"{}", headers=headers) as response:
                assert response.status in {400, 403}
