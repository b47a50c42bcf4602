"""Who moderates is looked up each time, and a change of the list counts without a restart."""

from pathlib import Path

import pytest

from bot.conversation.moderation.moderators import ListedModerators
from bot.settings import BotSettings


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("BREEDBOT_MODERATORS", raising=False)
    file = tmp_path / ".env"
    file.write_text("BREEDBOT_MODERATORS=1,2\n")
    return file


def listed(env: Path) -> ListedModerators:
    return ListedModerators(BotSettings(_env_file=env), env)  # type: ignore[call-arg]


def test_a_moderator_taken_off_the_list_is_none_at_once(env: Path) -> None:
    moderators = listed(env)
    before = moderators()
    env.write_text("BREEDBOT_MODERATORS=2,33\n")

    assert before == {1, 2}
    assert moderators() == {2, 33}


def test_a_file_that_cannot_be_used_changes_nothing(env: Path) -> None:
    moderators = listed(env)
    env.write_text("BREEDBOT_MODERATORS=Eve\n")

    assert moderators() == {1, 2}


def test_a_file_that_is_gone_names_nobody(env: Path) -> None:
    moderators = listed(env)
    env.unlink()

    assert moderators() == frozenset()


def test_what_the_environment_says_counts_more_than_the_file(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREEDBOT_MODERATORS", "7")
    moderators = listed(env)
    env.write_text("BREEDBOT_MODERATORS=1,2,3\n")

    assert moderators() == {7}
