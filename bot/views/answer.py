"""The answer to a photo: as specific as the confidence allows."""

from bot.callback_data import Action
from bot.texts import Html, Percent, say, say_plain
from bot.views.breed_name import breed_name
from bot.views.ranking import ranking
from bot.views.view import Answered, Button, View, button
from inference.prediction import Kind

CLEAR = 0.85  # from here on the runner-ups say nothing that helps
RIVAL = 0.2  # a second breed this probable is a real possibility…
PAIR = 0.75  # …and together with the first it leaves little room for a third: two look-alikes
WORTH_SHOWING = 0.05
GUESSES = 3
HINTS = {Kind.UNSURE.value: "hint-unsure", Kind.NOT_A_DOG.value: "hint-not-a-dog"}


def answer(prediction: Answered, language: str) -> View:
    """The answer with ✅ and ❌, and what would help where it is not a breed."""
    text = answer_text(prediction, language)
    if prediction.kind in HINTS:
        text = Html(f"{text}\n\n{say(language, HINTS[prediction.kind])}")
    return View(text, (_verdict_buttons(prediction, language),))


def answer_text(prediction: Answered, language: str) -> Html:
    """The answer alone, for views that keep it visible."""
    if prediction.kind == Kind.NOT_A_DOG:
        return say(language, "answer-not-a-dog")
    if prediction.kind == Kind.UNSURE or not prediction.top:
        guesses = ranking(prediction.top[:GUESSES], language)
        return say(language, "answer-unsure", guesses=guesses)
    return _breed_text(prediction, language)


def claimed_breed(prediction: Answered) -> str | None:
    """The breed that a ✅ would confirm: the best one, or None where the answer was that there is no dog."""
    return None if prediction.kind == Kind.NOT_A_DOG or not prediction.top else prediction.top[0][0]


def _breed_text(prediction: Answered, language: str) -> Html:
    (best, confidence), *others = prediction.top
    rivals = [score for score in others[: GUESSES - 1] if score[1] >= WORTH_SHOWING]
    named: dict[str, str | float] = {"breed": breed_name(best, language), "confidence": Percent(confidence)}
    if confidence >= CLEAR or not rivals:
        return say(language, "answer-breed", **named)
    rival, rival_confidence = rivals[0]
    if rival_confidence >= RIVAL and confidence + rival_confidence >= PAIR:
        other = breed_name(rival, language)
        return say(language, "answer-two", other=other, other_confidence=Percent(rival_confidence), **named)
    return say(language, "answer-ranking", ranking=ranking([(best, confidence), *rivals], language), **named)


def _verdict_buttons(prediction: Answered, language: str) -> tuple[Button, ...]:
    if prediction.kind == Kind.NOT_A_DOG:
        right, wrong = say_plain(language, "button-right-no-dog"), say_plain(language, "button-wrong-a-dog")
    elif prediction.kind == Kind.UNSURE and prediction.top:
        guess = breed_name(prediction.top[0][0], language)
        right, wrong = say_plain(language, "button-right-guess", breed=guess), say_plain(language, "button-wrong-guess")
    else:
        right, wrong = say_plain(language, "button-right"), say_plain(language, "button-wrong")
    return button(right, Action.CONFIRM, prediction), button(wrong, Action.WRONG, prediction)
