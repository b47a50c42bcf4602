"""Telling somebody that the bot has learned from them."""

from bot.conversation.personal.press import OwnAction, OwnPress
from bot.telegram.message import Button, View
from bot.texts import Html, say, say_plain


def part_of_model(model_id: str, people: int, rule: int, user_id: int, language: str) -> View:
    """Thanks for claims that a model was made of, and a way to hear no more of it.

    ``people``, ``rule``: how many of them a person accepted, and how many the trust policy.
    """
    thanks = say(language, "part-of-model", model=model_id, count=people + rule)
    text = f"{thanks}\n{say(language, 'part-by', people=people, rule=rule)}"
    return View(text, ((_button("button-thanks-off", OwnAction.THANKS_OFF, user_id, language),),))


def thanks_switched(wanted: bool, user_id: int, language: str) -> View:
    """What was chosen, and the way back."""
    key, way_back = (
        ("thanks-switched-on", _button("button-thanks-off", OwnAction.THANKS_OFF, user_id, language))
        if wanted
        else ("thanks-switched-off", _button("button-thanks-on", OwnAction.THANKS_ON, user_id, language))
    )
    return View(say(language, key), ((way_back,),))


def overruled_view(text: Html, user_id: int, language: str) -> View:
    """A word about a claim that taught nothing, and a way to hear no more of such."""
    return View(text, ((_button("button-thanks-off", OwnAction.THANKS_OFF, user_id, language),),))


def _button(key: str, action: OwnAction, user_id: int, language: str) -> Button:
    return OwnPress(action, user_id).button(say_plain(language, key))
