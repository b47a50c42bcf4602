"""/settings: one card that says how everything is set; its pages lead back to it."""

from stage import Stage, asked, shown, turned

from db.chat.chat_records import Consent
from sandbox import ALICE, DAN, DOG_PARK, ChatMessage


def says(message: ChatMessage, key: str, language: str = "en") -> bool:
    return shown(language, key) in " ".join(message.text.split())


async def test_the_language_is_chosen_on_a_page_of_the_card_and_the_card_speaks_it_then(stage: Stage) -> None:
    async with stage.bot():
        card = await asked(stage, "/settings")
        page = await turned(stage, card, "Language")
        chosen = await turned(stage, page, "Français")
        back = await turned(stage, chosen, "⚙️")

    assert "as your Telegram does" in card.text
    assert says(back, "settings-photos-deleted", "fr")
    assert {one.message_id for one in (page, chosen, back)} == {card.message_id}


async def test_consent_given_on_the_page_of_privacy_is_on_the_card(stage: Stage) -> None:
    async with stage.bot():
        card = await asked(stage, "/settings")
        page = await turned(stage, card, "What I keep")
        back = await turned(stage, await turned(stage, page, "🎓 Learn"), "⚙️")
        async with stage.database.unit(read_only=True) as unit:
            consent = await unit.consents.get(ALICE.id)

    assert says(card, "settings-photos-deleted")
    assert says(back, "settings-photos-kept")
    assert consent is Consent.YES


async def test_thanks_are_switched_off_and_on_again(stage: Stage) -> None:
    async with stage.bot():
        card = await asked(stage, "/settings")
        quiet = await turned(stage, card, "🔕")
        loud = await turned(stage, quiet, "🔔")

    assert [says(one, "thanks-switched-on") for one in (card, quiet, loud)] == [True, False, True]
    assert says(quiet, "thanks-switched-off")


async def test_the_pages_by_their_own_commands_lead_to_the_card(stage: Stage) -> None:
    async with stage.bot():
        cards = [await turned(stage, await asked(stage, page), "⚙️") for page in ("/language", "/privacy")]

    assert all(says(one, "settings-head") for one in cards)


async def test_nobody_else_turns_somebodys_card(stage: Stage) -> None:
    async with stage.bot():
        card = await asked(stage, "/settings", ALICE, DOG_PARK)
        theirs = await (await stage.chat.press(card, "🔕", user=DAN)).answer()

    assert theirs.text == shown("en", "toast-not-for-you")
