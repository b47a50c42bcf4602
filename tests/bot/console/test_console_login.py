"""Who comes into the console: moderators, by a link that works once; nobody else, whatever they send."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from console_desk import ADA, BEA, Desk, answer

from bot.console.login_pace import TRIES, WINDOW_S, LoginPace


def stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("bot.db*"))


async def test_a_link_lets_its_moderator_in_once(desk: Desk) -> None:
    link = await desk.link()

    first, second = await answer("POST", link), await answer("POST", link)

    assert (first.status, first.headers["Location"]) == (303, "../")
    assert (second.status, "Set-Cookie" in second.headers) == (403, False)
    assert "opens nothing" in await second.text()
    cookie = first.headers["Set-Cookie"]
    for part in ("breedbot=", "HttpOnly", "SameSite=Strict", "Path=/console", "Max-Age=43200"):
        assert part in cookie
    assert "Secure" not in cookie


async def test_looking_at_a_link_does_not_use_it_up(desk: Desk) -> None:
    link = await desk.link()

    for _ in range(3):
        seen = await answer("GET", link, headers={"User-Agent": "TelegramBot (like TwitterBot)"})
        assert (seen.status, "Set-Cookie" in seen.headers) == (200, False)
        assert "Sign in" in await seen.text()
    assert (await answer("HEAD", link)).status == 200

    assert (await answer("POST", link)).status == 303


async def test_with_https_the_cookie_is_secure_and_knows_its_folder(desk: Desk) -> None:
    desk.mount(public_url="https://dogs.example.org/bot")

    cookie = (await answer("POST", await desk.link())).headers["Set-Cookie"]

    assert cookie.startswith("__Secure-breedbot=")
    assert "; Secure" in cookie
    assert "Path=/bot/console" in cookie


async def test_a_link_is_valid_for_ten_minutes_and_a_newer_one_replaces_it(desk: Desk) -> None:
    old, newer, of_another = await desk.link(), await desk.link(), await desk.link(BEA)

    assert (await answer("POST", old)).status == 403
    assert (await answer("POST", newer)).status == 303
    desk.clock.ahead = timedelta(minutes=10, seconds=1)
    assert (await answer("POST", of_another)).status == 403


async def test_only_hashes_of_secrets_are_stored(desk: Desk, tmp_path: Path) -> None:
    link = await desk.link()
    token = link.rpartition("/")[2]
    secret = (await answer("POST", link)).cookies["breedbot"].value

    async with desk.database.unit() as unit:
        session = await unit.console.session(sha256(secret.encode()).hexdigest())
    assert session is not None
    assert session.moderator_id == ADA
    assert len(token) == len(secret) == 43
    content = stored(tmp_path)
    assert token.encode() not in content
    assert secret.encode() not in content


async def test_without_a_session_there_is_a_page_that_says_how_to_come_in(desk: Desk) -> None:
    event_id = await desk.claim("saluki")

    page = await answer("GET", f"{desk.url}/console/")
    home = await answer("GET", f"{desk.url}/console")

    assert (page.status, home.status, home.headers["Location"]) == (401, 308, "console/")
    assert "/review" in await page.text()
    for path in ("/api/next", "/api/breeds?q=b", f"/photos/{event_id}", f"/heatmaps/{event_id}/beagle"):
        refused = await answer("GET", f"{desk.url}/console{path}")
        assert (refused.status, await refused.json()) == (401, {"kind": "signed-out"}), path
    for path in ("/api/decide", "/api/undo"):
        assert (await answer("POST", f"{desk.url}/console{path}", json={"event_id": event_id})).status == 401
    assert desk.heat_asked == []


@pytest.mark.parametrize("forged", ["x" * 43, "", "é", "a" * 8000, "../../etc/passwd", "' OR 1=1 --"])
async def test_a_forged_cookie_gets_a_clear_word_and_is_dropped(desk: Desk, forged: str) -> None:
    page = await answer("GET", f"{desk.url}/console/", headers={"Cookie": f"breedbot={forged}"})

    assert page.status == 401
    assert "isn’t one of ours" in await page.text()
    assert "Max-Age=0" in page.headers["Set-Cookie"]


async def test_a_session_ends_after_twelve_hours(desk: Desk) -> None:
    async with desk.signed_in() as ada:
        assert (await ada.get("/api/next"))[0] == 200
        desk.clock.ahead = timedelta(hours=12, seconds=1)

        assert await ada.get("/api/next") == (401, {"kind": "signed-out"})


async def test_who_signs_out_is_out(desk: Desk) -> None:
    async with desk.signed_in() as ada:
        cookie = {one.key: one.value for one in ada.session.cookie_jar}
        async with ada.session.post(f"{ada.root}/logout", data={"csrf": ada.csrf}) as left:
            assert left.status == 401

    again = await answer("GET", f"{desk.url}/console/api/next", cookies=cookie)
    assert again.status == 401


async def test_who_is_no_moderator_any_more_is_out_at_the_next_request(desk: Desk) -> None:
    event_id, link = await desk.claim("saluki"), await desk.link(BEA)
    async with desk.signed_in(BEA) as bea, desk.signed_in(ADA) as ada:
        desk.moderators.remove(BEA)

        assert (await bea.decide(event_id, "accept"))[0] == 401
        assert (await answer("POST", link)).status == 403
        desk.moderators.add(BEA)
        assert (await bea.get("/api/next"))[0] == 401, "the old session must not come back"
        assert (await ada.get("/api/next"))[0] == 200
    assert await desk.waiting(event_id) is not None


async def test_logging_in_cannot_be_tried_for_ever(desk: Desk) -> None:
    wrong = f"{desk.url}/console/login/{'x' * 43}"
    statuses = [(await answer("POST", wrong)).status for _ in range(TRIES + 1)]
    late = await answer("POST", wrong, headers={"Accept-Language": "fr-CA,fr;q=0.9"})

    assert statuses == [403] * TRIES + [429]
    assert 1 <= int(late.headers["Retry-After"]) <= WINDOW_S
    assert "trop souvent" in await late.text()


def test_the_pace_forgets_what_is_long_ago() -> None:
    now = 0.0
    timing = LoginPace(lambda: now)
    waits = [timing.wait_s("a") for _ in range(TRIES + 2)]
    now = WINDOW_S / 2
    half = timing.wait_s("a")
    now = WINDOW_S + 1

    assert waits == [0.0] * TRIES + [WINDOW_S] * 2
    assert half == WINDOW_S / 2
    assert timing.wait_s("a") == 0.0


async def test_everything_carries_the_headers_that_keep_others_out(desk: Desk) -> None:
    event_id, link = await desk.claim("saluki"), await desk.link()
    async with desk.signed_in() as ada:
        for path in (
            "/",
            "/api/next",
            f"/photos/{event_id}",
            f"/heatmaps/{event_id}/beagle",
            "/nothing",
            "/page/card.js",
        ):
            async with ada.session.get(f"{ada.root}{path}") as response:
                policy = response.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "frame-ancestors 'none'" in policy
                assert "unsafe" not in policy
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                kept = "no-cache" if path.startswith("/page/") else "no-store"
                assert response.headers["Cache-Control"] == kept, path
    assert (await answer("GET", link)).headers["Cache-Control"] == "no-store"
