"""Telling somebody that the bot has learned from them."""

from bot.conversation.own_press import OwnAction, OwnPress
from bot.telegram.message import Button, View
from bot.texts import say, say_plain


def part_of_model(model_id: str, corrections: int, user_id: int, language: str) -> View:
    """Thanks for corrections that a model was made of, and a way to hear no more of it."""
    text = say(language, "part-of-model", model=model_id, count=corrections)
    return View(text, ((_button("button-thanks-off", OwnAction.THANKS_OFF, user_id, language),),))


def thanks_switched(wanted: bool, user_id: int, language: str) -> View:
    """What was chosen, and the way back."""
    key, way_back = (
        ("thanks-switched-on", _button("button-thanks-off", OwnAction.THANKS_OFF, user_id, language))
        if wanted
        else ("thanks-switched-off", _button("button-thanks-on", OwnAction.THANKS_ON, user_id, language))
    )
    return View(say(language, key), ((way_back,),))


def _button(key: str, action: OwnAction, user_id: int, language: str) -> Button:
    return OwnPress(action, user_id).button(say_plain(language, key))
