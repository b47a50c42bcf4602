"""The answer to a photo: as specific as the confidence allows; beside it what its sender wrote, believed of nobody.

The thresholds were chosen on the validation photos and then measured on the test photos: docs/answers.md has the table.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.breeds.breed_name import breed_name
from bot.conversation.breeds.card import card_text
from bot.conversation.compare.view import comparison_text
from bot.telegram.message import Answered, Button, View
from bot.texts import Html, Percent, say, say_plain
from core.breeds.catalogue import catalogue
from core.breeds.doubles import doubles
from core.breeds.look_alikes import look_alike
from core.prediction import Kind, Remark

CLEAR: Final = 0.85  # from here on the runner-ups say nothing that helps
RIVAL: Final = 0.2  # a second breed this probable is a real possibility…
PAIR: Final = 0.75  # …and together with the first it leaves little room for a third
MIXED_EACH: Final = 0.25  # of two breeds unlike each other: then neither is there by accident
GROUP: Final = 0.5
"""Probability from which a breed group is worth naming where no breed is: two in three of the unsure photos reach it.
Of those, six in seven show a dog of the group; of dogs whose breed the model cannot know, three in four."""
WORTH_SHOWING: Final = 0.05
GUESSES: Final = 3
UNNAMEABLE: Final = frozenset({"unrecognised"})  # no group, but what the kennel club leaves out

CELLS = 6
EIGHTHS = " ▏▎▍▌▋▊▉█"  # of a cell: 48 steps of 2 % in the width of six letters
FIGURE_SPACE = "\u2007"  # as wide as a digit, also where letters differ in width
_OF_ANY_ANSWER = frozenset({Remark.CUT})
_OF_ANY_PHOTO = _OF_ANY_ANSWER | {Remark.DARK, Remark.BLURRED}  # the others are about a dog


class Form(StrEnum):
    """The forms, from the most specific on."""

    BREED = "breed"
    TWO = "two"
    RANKING = "ranking"
    GROUP = "group"
    UNSURE = "unsure"
    NOT_A_DOG = "not-a-dog"


@dataclass(frozen=True, slots=True)
class Shape:
    """What an answer says.

    Attributes:
        shown: the breeds it names with their confidences, best first.
        group: slug of the group it names.
        group_confidence: at least so probable, 0–1: of a stored answer only the five best breeds are known.
        mixed: two breeds that do not look alike share the probability: a mix, or two dogs.
    """

    form: Form
    shown: tuple[tuple[str, float], ...] = ()
    group: str | None = None
    group_confidence: float = 0.0
    mixed: bool = False


_WITH_BARS = frozenset({Form.RANKING, Form.GROUP, Form.UNSURE})


def answer(prediction: Answered, language: str) -> View:
    """The answer with ✅ and ❌, what would help where it is not a breed, and ways to know more."""
    said = shape(prediction)
    hint = "hint-not-a-dog" if said.form is Form.NOT_A_DOG else "hint-mixed" if said.mixed else None
    text = [answer_text(prediction, language), *([say(language, hint)] if hint is not None else [])]
    rows = (_verdict_buttons(prediction, language), *_more_buttons(prediction, said, language))
    return View("\n\n".join(text), rows)


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


def shape(prediction: Answered) -> Shape:
    """How specific the answer to a photo may be: what the confidences allow."""
    top = tuple(prediction.top)
    if prediction.kind == Kind.NOT_A_DOG:
        return Shape(Form.NOT_A_DOG)
    if prediction.kind == Kind.UNSURE or not top:
        return _unsure(top)
    rivals = tuple(score for score in top[1:GUESSES] if score[1] >= WORTH_SHOWING)
    if top[0][1] >= CLEAR or not rivals:
        return Shape(Form.BREED, top[:1])
    if rivals[0][1] >= RIVAL and top[0][1] + rivals[0][1] >= PAIR:
        return Shape(Form.TWO, top[:2], mixed=_mixed(top))
    return Shape(Form.RANKING, (top[0], *rivals))


def answer_text(prediction: Answered, language: str) -> Html:  # noqa: PLR0911 - one a form
    """The answer alone, for views that keep it visible."""
    said = shape(prediction)
    if said.form is Form.NOT_A_DOG:
        return say(language, "answer-not-a-dog")
    if said.form is Form.UNSURE:
        return say(language, "answer-unsure", guesses=ranking(said.shown, language))
    if said.form is Form.GROUP:
        group = say(language, f"group-{(said.group or '').replace('_', '-')}")
        bars, share = ranking(said.shown, language), Percent(said.group_confidence)
        return say(language, "answer-group", group=group, confidence=share, ranking=bars)
    (best, confidence), *others = said.shown
    named: dict[str, str | float] = {"breed": breed_name(best, language), "confidence": Percent(confidence)}
    if said.form is Form.BREED and confidence >= CLEAR:
        return say(language, "answer-breed", **named)
    if said.form is Form.TWO:
        other, other_confidence = others[0]
        named |= {"other": breed_name(other, language), "other_confidence": Percent(other_confidence)}
        return say(language, "answer-two", **named)
    alike = [other for other in doubles(best) if other not in dict(said.shown)]
    named["alike"] = ", ".join(breed_name(other, language) for other in alike)
    if said.form is Form.RANKING:
        named["ranking"] = ranking(said.shown, language)
        return say(language, "answer-ranking-alike" if alike else "answer-ranking", **named)
    return say(language, "answer-breed-likely-alike" if alike else "answer-breed-likely", **named)


def claimed_breed(prediction: Answered) -> str | None:
    """The breed that a ✅ would confirm: the best one, or None where the answer was that there is no dog."""
    return None if prediction.kind == Kind.NOT_A_DOG or not prediction.top else prediction.top[0][0]


def hint_line(answered: Answered | None, hint: str, language: str) -> Html:
    """Say what they wrote, and whether the answer agrees; None: there are several answers."""
    same = answered is not None and claimed_breed(answered) == hint
    key = "hint-written-too" if same else "hint-written"
    return say(language, key, breed=breed_name(hint, language))


def with_remarks(
    view: View,
    answered: Answered,
    language: str,
    *,
    remarks: Sequence[str] | None,
    hint: str | None = None,
) -> View:
    """A view of the answer with what is known of this photo.

    ``remarks``: what is wrong with it, said where a better one would help, but always that a part of it is missing;
    ``hint``: the breed that was named beside it.
    """
    lines = [view.text]
    if remarks:
        said, named = shape(answered), frozenset(Remark)
        if said.form is Form.NOT_A_DOG:
            named = _OF_ANY_PHOTO
        elif said.form is Form.BREED and said.shown[0][1] >= CLEAR:
            named = _OF_ANY_ANSWER
        lines += [say(language, f"tip-{remark.replace('_', '-')}") for remark in Remark if remark in {*remarks} & named]
    if hint is not None:
        lines.append(hint_line(answered, hint, language))
    return View("\n\n".join(lines), view.keyboard)


def ranking(scores: Iterable[tuple[str, float]], language: str) -> Html:
    """One line a breed: ``███▊░░ 62% Beagle``. Plain text: as code, Telegram would show the bars half as large."""
    lines = []
    for breed, confidence in scores:
        whole, rest = divmod(max(1, round(min(1.0, max(0.0, confidence)) * CELLS * 8)), 8)
        filled = EIGHTHS[-1] * whole + (EIGHTHS[rest] if rest else "")
        indent = FIGURE_SPACE if round(confidence * 100) < 10 else ""
        bar = Html(f"{filled}{'░' * (CELLS - len(filled))}{indent}")
        name = breed_name(breed, language)
        lines.append(say(language, "answer-bar", bar=bar, confidence=Percent(confidence), breed=name))
    return Html("\n".join(lines))


def _opened(prediction: Answered, more: Html | None, language: str) -> View:
    if more is None:
        return answer(prediction, language)
    back = AnswerPress(Action.BACK, prediction.token).button(say_plain(language, "button-back"))
    rows = (_verdict_buttons(prediction, language), (_why(prediction, language), back))
    return View(f"{answer_text(prediction, language)}\n\n{more}", rows)


def _more_buttons(prediction: Answered, said: Shape, language: str) -> tuple[tuple[Button, ...], ...]:
    if not said.shown:
        return ()
    more = AnswerPress(Action.MORE, prediction.token).button(say_plain(language, "button-more"))
    about = AnswerPress(Action.ABOUT, prediction.token).button(say_plain(language, "button-about"))
    compare = AnswerPress(Action.COMPARE, prediction.token).button(say_plain(language, "button-compare"))
    row = (_why(prediction, language), *(() if said.form in _WITH_BARS else (more,)), about)
    return (row, (compare,)) if _close_pair(said) else (row,)


def _close_pair(said: Shape) -> tuple[str, str] | None:
    """The two best breeds, where the second is a real possibility."""
    if len(said.shown) < 2 or said.shown[1][1] < RIVAL:
        return None
    (best, _), (other, _) = said.shown[:2]
    return (best, other) if {best, other} <= catalogue().keys() else None


def _why(prediction: Answered, language: str) -> Button:
    return AnswerPress(Action.WHY, prediction.token).button(say_plain(language, "button-why"))


def _verdict_buttons(prediction: Answered, language: str) -> tuple[Button, ...]:
    if prediction.kind == Kind.NOT_A_DOG:
        right, wrong = say_plain(language, "button-right-no-dog"), say_plain(language, "button-wrong-a-dog")
    elif prediction.kind == Kind.UNSURE and prediction.top:
        guess = breed_name(prediction.top[0][0], language)
        right, wrong = say_plain(language, "button-right-guess", breed=guess), say_plain(language, "button-wrong-guess")
    else:
        right, wrong = say_plain(language, "button-right"), say_plain(language, "button-wrong")
    confirm, correct = (AnswerPress(action, prediction.token) for action in (Action.CONFIRM, Action.WRONG))
    return confirm.button(right), correct.button(wrong)


def _unsure(top: tuple[tuple[str, float], ...]) -> Shape:
    groups: dict[str, float] = defaultdict(float)
    for breed, confidence in top:
        if (group := _group(breed)) is not None:
            groups[group] += confidence
    best = max(groups, key=groups.__getitem__, default=None)
    if best is None or groups[best] < GROUP:
        return Shape(Form.UNSURE, top[:GUESSES], mixed=_mixed(top))
    members = [score for score in top if _group(score[0]) == best and score[1] >= WORTH_SHOWING]
    return Shape(Form.GROUP, tuple(members[:GUESSES]), best, min(groups[best], 1.0))


def _group(breed: str) -> str | None:
    known = catalogue().get(breed)
    return known.group if known is not None and known.group not in UNNAMEABLE else None


def _mixed(top: Sequence[tuple[str, float]]) -> bool:
    if len(top) < 2:
        return False
    (best, first), (other, second) = top[:2]
    return second >= MIXED_EACH and first + second >= PAIR and look_alike(best, other) is False
