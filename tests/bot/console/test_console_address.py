"""Who asks, and for whom: proxies of ours are believed, strangers are not; foreign names lead nowhere."""

from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request
from console_desk import Desk, answer

from bot.console.login_pace import TRIES, address_of
from bot.settings import BotSettings, Network, explain

OURS = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
CLIENT = "198.51.100.7"


@pytest.mark.parametrize(
    ("peer", "told", "meant"),
    [
        ("10.0.0.1", [CLIENT], CLIENT),
        ("10.0.0.1", [f"6.6.6.6, {CLIENT}"], CLIENT),
        ("10.0.0.1", ["6.6.6.6", f"{CLIENT}, 10.9.9.9"], CLIENT),
        ("::ffff:10.0.0.1", [CLIENT], CLIENT),
        ("fd00::5", [CLIENT], CLIENT),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["x" * 1000], "x" * 64),
        ("192.168.1.1", [CLIENT], "192.168.1.1"),
        ("127.0.0.1", [CLIENT], "127.0.0.1"),
        ("203.0.113.9", [f"10.0.0.1, {CLIENT}"], "203.0.113.9"),
    ],
)
def test_only_proxies_of_ours_say_where_a_request_comes_from(peer: str, told: list[str], meant: str) -> None:
    request = make_mocked_request("GET", "/", headers=[("X-Forwarded-For", one) for one in told])

    assert address_of(request.clone(remote=peer), OURS) == meant


async def tried(desk: Desk) -> int:
    """How a link is answered that comes through a proxy on this machine, after others have tried too often."""
    wrong = f"{desk.url}/console/login/{'x' * 43}"
    for _ in range(TRIES):
        await answer("POST", wrong)
    return (await answer("POST", await desk.link(), headers={"X-Forwarded-For": CLIENT})).status


async def test_behind_a_proxy_of_ours_one_stranger_does_not_keep_everybody_out(desk: Desk) -> None:
    desk.mount(proxies=(ip_network("127.0.0.0/8"),))

    assert await tried(desk) == 303


async def test_a_made_up_address_gives_no_more_tries(desk: Desk) -> None:
    assert await tried(desk) == 429


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("evil.example:8081", 421),
        ("dogs.example.org", 401),
        ("DOGS.example.org:443", 401),
        ("bot.internal", 401),
        ("localhost:1", 401),
        ("192.168.1.7:8081", 401),
        ("[::1]:8081", 401),
        ("[", 421),
        ("localhost.evil.example", 421),
    ],
)
async def test_the_console_answers_under_names_of_ours_alone(desk: Desk, host: str, status: int) -> None:
    desk.mount(public_url="https://dogs.example.org", hosts=frozenset({"bot.internal"}))
    found = await answer("GET", f"{desk.url}/console/", headers={"Host": host})

    assert found.status == status


@pytest.mark.parametrize(
    ("given", "networks"),
    [
        ("", ()),
        ("10.0.0.0/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1"))),
        ("1.2.3.4", (ip_network("1.2.3.4"),)),
    ],
)
def test_proxies_are_named_by_their_networks(
    given: str, networks: tuple[Network, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREEDBOT_TRUSTED_PROXIES", given)

    assert BotSettings(_env_file=None).trusted_proxies == networks  # type: ignore[call-arg]


@pytest.mark.parametrize("given", ["proxy", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/8,x"])
def test_a_wrong_network_is_named_with_its_key(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREEDBOT_TRUSTED_PROXIES", given)

    with pytest.raises(ValueError, match="is no network") as wrong:
        BotSettings(_env_file=None)  # type: ignore[call-arg]
    assert explain(wrong.value, BotSettings)[0].startswith(f"BREEDBOT_TRUSTED_PROXIES={given}: ")  # type: ignore[arg-type]


def test_the_names_of_the_settings_are_known() -> None:
    settings = BotSettings(_env_file=None, public_url="https://Dogs.example.org/x", http_host="Bot.internal")  # type: ignore[call-arg]

    assert settings.known_hosts() == {"dogs.example.org", "bot.internal"}
