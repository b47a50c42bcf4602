"""The table of commands and buttons is whole, and buttons of earlier versions still lead where they led."""

from typing import Any, cast

import pytest

from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.breeds.press import BreedsAction, BreedsPress
from bot.conversation.callback import Press
from bot.conversation.compare.press import CompareAction, ComparePress
from bot.conversation.features import conversation
from bot.conversation.heatmap.handler import Heatmaps
from bot.conversation.menu import COMMANDS, MODERATOR_COMMANDS
from bot.conversation.models.handler import Models
from bot.conversation.models.press import ModelAction, ModelPress
from bot.conversation.models.retrain import Retrains
from bot.conversation.moderation.press import ReviewAction, ReviewPress
from bot.conversation.moderation.review import Review
from bot.conversation.personal.press import OwnAction, OwnPress
from bot.conversation.photo.handler import Photos
from bot.conversation.privacy.handler import Privacy
from bot.conversation.privacy.press import PrivacyAction, PrivacyPress
from bot.conversation.router import Router
from bot.conversation.settings.press import SettingsAction, SettingsPress
from bot.telegram.update import UpdateKind
from core.supervisor import Supervisor

FAMILIES = {
    AnswerPress: Action,
    OwnPress: OwnAction,
    BreedsPress: BreedsAction,
    ComparePress: CompareAction,
    ReviewPress: ReviewAction,
    PrivacyPress: PrivacyAction,
    SettingsPress: SettingsAction,
    ModelPress: ModelAction,
}


@pytest.fixture
def router() -> Router:
    photos = Photos(cast("Any", None), cast("Any", None), cast("Any", None))  # nothing is handled here
    return conversation(
        photos, Heatmaps(None), Privacy(0), Review(None, None), Retrains(None, Supervisor()), Models(None, 50)
    )


def test_every_button_that_can_be_made_leads_somewhere(router: Router) -> None:
    made = {(family, action) for family, actions in FAMILIES.items() for action in actions}

    assert set(router._buttons) == made
    assert set(router._families.values()) == set(FAMILIES)


def test_every_command_in_a_menu_and_every_kind_of_update_leads_somewhere(router: Router) -> None:
    assert {*COMMANDS, *MODERATOR_COMMANDS} <= set(router._commands)
    assert {name for name in MODERATOR_COMMANDS if not router._commands[name].moderators} == set()
    assert set(router._handlers) == set(UpdateKind) - {UpdateKind.PRESS, UpdateKind.COMMAND}


def test_what_concerns_ones_data_is_nobody_s_to_take_away(router: Router) -> None:
    rights = {name for name, command in router._commands.items() if command.right}

    assert rights == {"privacy", "mydata", "forget"}
    assert {action for (_, action), button in router._buttons.items() if button.right} == {
        *PrivacyAction,
        OwnAction.FORGET,
        OwnAction.KEEP,
    }


@pytest.mark.parametrize(
    ("written", "press"),
    [
        ("1:ok:Zm9v_mFy-mF6", AnswerPress(Action.CONFIRM, "Zm9v_mFy-mF6")),
        ("1:pick:Zm9v_mFy-mF6:beagle", AnswerPress(Action.PICK, "Zm9v_mFy-mF6", "beagle")),
        ("1:of:Zm9v_mFy-mF6:pug", AnswerPress(Action.WHY_OF, "Zm9v_mFy-mF6", "pug")),
        ("1:own:forget:4711", OwnPress(OwnAction.FORGET, 4711)),
        ("1:own:lang:4711:auto", OwnPress(OwnAction.LANGUAGE, 4711, "auto")),
        ("1:own:hist:4711:2", OwnPress(OwnAction.HISTORY, 4711, "2")),
        ("1:set:card:4711", SettingsPress(SettingsAction.CARD, 4711)),
        ("1:may:yes:4711:Zm9v_mFy-mF6", PrivacyPress(PrivacyAction.YES, 4711, "Zm9v_mFy-mF6")),
        ("1:may:data:4711", PrivacyPress(PrivacyAction.DATA, 4711)),
        ("1:b:g:0", BreedsPress(BreedsAction.GROUPS, 0)),
        ("1:b:p:4711:terriers:2", BreedsPress(BreedsAction.PAGE, 4711, "terriers", 2)),
        ("1:b:c:4711:beagle", BreedsPress(BreedsAction.CARD, 4711, "beagle")),
        ("1:r:next:0", ReviewPress(ReviewAction.NEXT)),
        ("1:r:ok:12", ReviewPress(ReviewAction.ACCEPT, 12)),
        ("1:r:heat:12:not_a_dog", ReviewPress(ReviewAction.HEAT, 12, "not_a_dog")),
    ],
)
def test_buttons_in_people_s_chats_are_read_and_written_as_ever(written: str, press: Press) -> None:
    assert type(press).parse(written) == press
    assert press.data == written
