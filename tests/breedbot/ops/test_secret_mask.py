"""The token is in every URL that the bot calls, and in no log."""

import logging
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from stage import Stage, photo

from bot.errors import TokenRejected
from breedbot.ops.logs import SecretMask
from sandbox import ALICE

SECRET = "123:very-secret"


@pytest.fixture
def masked() -> Iterator[None]:
    take_off = SecretMask([SECRET]).install()
    yield
    take_off()


def fail(text: str) -> None:
    try:
        raise_value_error(text)
    except ValueError as error:
        raise KeyError("outer") from error


def raise_value_error(text: str) -> None:
    raise ValueError(text)


@pytest.mark.usefixtures("masked")
def test_messages_arguments_exceptions_and_stacks_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test")
    log.warning("calling %s", f"https://host/bot{SECRET}/getMe")
    log.warning(f"direct {SECRET}")  # noqa: G004
    log.warning("not a string: %s", {"token": SECRET})
    try:
        fail(SECRET)
    except KeyError:
        log.exception("failed with %s", SECRET)
    log.warning("stack", stack_info=True)

    assert SECRET not in caplog.text
    assert caplog.text.count("***") >= 5
    assert "ValueError" in caplog.text


@pytest.mark.usefixtures("masked")
def test_what_holds_no_secret_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise_value_error("plain")
    except ValueError:
        logging.getLogger("test").exception("failed: %d", 7)

    (record,) = caplog.records
    assert record.args == (7,)
    assert record.exc_info


@pytest.mark.usefixtures("masked")
def test_the_libraries_that_log_urls_are_quiet() -> None:
    assert logging.getLogger("httpx").getEffectiveLevel() >= logging.WARNING


async def test_a_stormy_run_logs_no_token(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    take_off = SecretMask([stage.chat.token]).install()
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore", "telegram", "aiohttp")}
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)  # the worst an operator can do
    try:
        with caplog.at_level(logging.DEBUG):
            for kind in ("server_error", "drop_before", "conflict"):
                stage.chat.faults.add(kind, times=4)
            async with stage.bot():
                await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))
    finally:
        take_off()
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)

    assert stage.chat.token not in caplog.text
    assert "***" in caplog.text


async def test_a_rejected_token_is_one_error_without_the_token(stage: Stage) -> None:
    token = "1:" + "x" * 35
    stage.set(telegram_token=SecretStr(token))

    with pytest.raises(TokenRejected) as caught:
        async with stage.bot():
            await stage.until(stage.running.done)

    assert token not in str(caught.value)
    assert "BREEDBOT_TELEGRAM_TOKEN" in str(caught.value)


@pytest.mark.parametrize("form", [SECRET, "123%3Avery-secret", "123%3avery-secret", "123%253Avery-secret"])
def test_a_percent_encoded_secret_is_masked_too(form: str) -> None:
    assert SecretMask([SECRET]).mask(f"GET /bot{form}/getMe") == "GET /bot***/getMe"
