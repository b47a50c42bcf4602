"""The answer to a photo: as specific as the confidence allows; beside it what its sender wrote, believed of nobody."""

from collections.abc import Sequence

from bot.conversation.answer.form import CLEAR, GUESSES, RIVAL, Form, Shape, shape
from bot.conversation.answer.press import Action, button
from bot.conversation.answer.ranking import ranking
from bot.conversation.breeds.breed_name import breed_name
from bot.conversation.breeds.card import card_text
from bot.conversation.compare.view import comparison_text
from bot.telegram.message import Answered, Button, View
from bot.texts import Html, Percent, say, say_plain
from core.breeds.catalogue import catalogue
from core.prediction import Kind, Remark

_OF_ANY_PHOTO = frozenset({Remark.DARK, Remark.BLURRED})  # the others are about a dog
_WITH_BARS = frozenset({Form.RANKING, Form.GROUP, Form.UNSURE})


def answer(prediction: Answered, language: str) -> View:
    """The answer with ✅ and ❌, what would help where it is not a breed, and ways to know more."""
    said = shape(prediction)
    return View(
        _joined(_text(said, language), *_hints(said, language)),
        (_verdict_buttons(prediction, language), *_more_buttons(prediction, said, language)),
    )


def answer_with_ranking(prediction: Answered, language: str) -> View:
    """The answer, and the best breeds as bars; ⬅ leads back."""
    bars = ranking(prediction.top[:GUESSES], language)
    return _opened(prediction, bars, language)


def answer_with_card(prediction: Answered, language: str) -> View:
    """The answer, and what there is to know about the best breed; ⬅ leads back."""
    return _opened(prediction, card(prediction, language), language)


def card(prediction: Answered, language: str) -> Html | None:
    """What there is to know about the best breed; None: there is none."""
    breed = claimed_breed(prediction)
    return card_text(breed, language) if breed is not None else None


def answer_with_comparison(prediction: Answered, language: str) -> View:
    """The answer, and what tells its two best breeds apart; ⬅ leads back."""
    return _opened(prediction, told_apart(prediction, language), language)


def told_apart(prediction: Answered, language: str) -> Html | None:
    """What tells the two best breeds apart; None: the second is no real possibility."""
    pair = _close_pair(shape(prediction))
    return comparison_text(*pair, language) if pair is not None else None


def answer_text(prediction: Answered, language: str) -> Html:
    """The answer alone, for views that keep it visible."""
    return _text(shape(prediction), language)


def claimed_breed(prediction: Answered) -> str | None:
    """The breed that a ✅ would confirm: the best one, or None where the answer was that there is no dog."""
    return None if prediction.kind == Kind.NOT_A_DOG or not prediction.top else prediction.top[0][0]


def hint_line(answered: Answered | None, hint: str, language: str) -> Html:
    """Say what they wrote, and whether the answer agrees; None: there are several answers."""
    same = answered is not None and claimed_breed(answered) == hint
    key = "hint-written-too" if same else "hint-written"
    return say(language, key, breed=breed_name(hint, language))


def with_hint(view: View, answered: Answered, hint: str | None, language: str) -> View:
    """The view with that line at its end."""
    if hint is None:
        return view
    return View(f"{view.text}\n\n{hint_line(answered, hint, language)}", view.keyboard)


def with_tips(view: View, answered: Answered, remarks: Sequence[str] | None, language: str) -> View:
    """The view with what is wrong with this photo, where a better one would help: nothing, where nothing is known."""
    said = shape(answered)
    if not remarks or (said.form is Form.BREED and said.shown[0][1] >= CLEAR):
        return view
    named = _OF_ANY_PHOTO if said.form is Form.NOT_A_DOG else frozenset(Remark)
    tips = [say(language, f"tip-{remark.replace('_', '-')}") for remark in Remark if remark in {*remarks} & named]
    return View("\n\n".join([view.text, *tips]), view.keyboard)


def _opened(prediction: Answered, more: Html | None, language: str) -> View:
    if more is None:
        return answer(prediction, language)
    back = button(say_plain(language, "button-back"), Action.BACK, prediction)
    rows = (_verdict_buttons(prediction, language), (_why(prediction, language), back))
    return View(_joined(answer_text(prediction, language), more), rows)


def _text(said: Shape, language: str) -> Html:
    if said.form is Form.NOT_A_DOG:
        return say(language, "answer-not-a-dog")
    bars = ranking(said.shown, language)
    if said.form is Form.UNSURE:
        return say(language, "answer-unsure", guesses=bars)
    if said.form is Form.GROUP:
        group = say(language, f"group-{(said.group or '').replace('_', '-')}")
        return say(language, "answer-group", group=group, confidence=Percent(said.group_confidence), ranking=bars)
    (best, confidence), *others = said.shown
    named: dict[str, str | float] = {"breed": breed_name(best, language), "confidence": Percent(confidence)}
    if said.form is Form.BREED:
        return say(language, "answer-breed" if confidence >= CLEAR else "answer-breed-likely", **named)
    if said.form is Form.RANKING:
        return say(language, "answer-ranking", ranking=bars, **named)
    other, other_confidence = others[0]
    named |= {"other": breed_name(other, language), "other_confidence": Percent(other_confidence)}
    return say(language, "answer-two", **named)


def _hints(said: Shape, language: str) -> tuple[Html, ...]:
    mixed = (say(language, "hint-mixed"),) if said.mixed else ()
    return mixed if said.form is not Form.NOT_A_DOG else (say(language, "hint-not-a-dog"),)


def _more_buttons(prediction: Answered, said: Shape, language: str) -> tuple[tuple[Button, ...], ...]:
    if not said.shown:
        return ()
    more = button(say_plain(language, "button-more"), Action.MORE, prediction)
    about = button(say_plain(language, "button-about"), Action.ABOUT, prediction)
    apart = (button(say_plain(language, "button-compare"), Action.COMPARE, prediction),) if _close_pair(said) else ()
    rows = (_why(prediction, language), *(() if said.form in _WITH_BARS else (more,)), about), apart
    return tuple(row for row in rows if row)


def _close_pair(said: Shape) -> tuple[str, str] | None:
    """The two best breeds, where the second is a real possibility."""
    if len(said.shown) < 2 or said.shown[1][1] < RIVAL:
        return None
    (best, _), (other, _) = said.shown[:2]
    return (best, other) if {best, other} <= catalogue().keys() else None


def _why(prediction: Answered, language: str) -> Button:
    return button(say_plain(language, "button-why"), Action.WHY, prediction)


def _verdict_buttons(prediction: Answered, language: str) -> tuple[Button, ...]:
    if prediction.kind == Kind.NOT_A_DOG:
        right, wrong = say_plain(language, "button-right-no-dog"), say_plain(language, "button-wrong-a-dog")
    elif prediction.kind == Kind.UNSURE and prediction.top:
        guess = breed_name(prediction.top[0][0], language)
        right, wrong = say_plain(language, "button-right-guess", breed=guess), say_plain(language, "button-wrong-guess")
    else:
        right, wrong = say_plain(language, "button-right"), say_plain(language, "button-wrong")
    return button(right, Action.CONFIRM, prediction), button(wrong, Action.WRONG, prediction)


def _joined(*parts: Html) -> Html:
    return Html("\n\n".join(parts))
