"""The answer to an album, or to a photo of several dogs: one message, everything in it numbered."""

from collections.abc import Iterable, Iterator

from bot.conversation.answer.album import Album, Shot
from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.view import CLEAR, WORTH_SHOWING, answer_text, hint_line
from bot.conversation.breeds.breed_name import breed_name
from bot.conversation.photo.view import short_failure
from bot.telegram.message import Answered, Button, View
from bot.texts import Html, Percent, say, say_plain
from core.prediction import Kind
from inference.queue.protocol import LIMIT_DOGS

A_ROW = 5
SHOWN = 2  # breeds in a line
LINES_LETTERS = 3200  # of Telegram's 4096; ten photos of eight dogs each would be more


def album(of: Album, language: str) -> View:
    """All dogs at a glance. A number leads to an answer of its own, where it can be confirmed or corrected."""
    sole = of.dogs.get(0) if len(of.dogs) == 1 else None
    alone = of.photos == 1 and len(of.shots) > 1
    if sole is not None and len(of.of(0)) == len(of.answered):
        text = [answer_text(sole, language)]
        text += [say(language, "album-one-dog", count=len(of.answered))] if len(of.answered) > 1 else []
        failures = [line for shot in of.shots if shot.answer is None for line in _lines(of, shot, language)]
        text += [Html("\n".join(failures))] if failures else []
    else:
        text = [_head(of, language)] if alone else []
        text.append(_fitting((line for shot in of.shots for line in _lines(of, shot, language)), language))
    if of.hint is not None:
        text.append(hint_line(sole, of.hint, language))
    if of.answered:
        text.append(say(language, "dogs-tap" if alone else "album-tap"))
    return View("\n\n".join(text), (*_numbers(of), *(_boxes(of, of.shots[0], language) if alone else ())))


def photo_of_album(of: Album, shot: Shot, view: View, language: str) -> View:
    """A view about one dog, in the message of all: which one it is, and the way back to them."""
    assert shot.answer is not None  # noqa: S101 - nothing else has a view
    lines = [_which(of, shot, language)]
    together = of.dogs.get(shot.dog) if shot.dog is not None else None
    if together is not None and together.top[0][0] != shot.answer.top[0][0]:
        numbers = _numbered(of, of.of(shot.dog or 0))
        breed, confidence = together.top[0]
        named: dict[str, str | float] = {"breed": breed_name(breed, language), "confidence": Percent(confidence)}
        lines.append(say(language, "album-together", numbers=numbers, **named))
    key = "button-dogs" if of.photos == 1 else "button-album"
    back = AnswerPress(Action.ALBUM, shot.answer.token).button(say_plain(language, key))
    boxes = _boxes(of, shot, language)
    return View("\n\n".join([*lines, view.text]), (*view.keyboard, (back, *(boxes[0] if boxes else ()))))


def _head(of: Album, language: str) -> Html:
    """How many dogs there are; where there are as many as are ever answered, there may be more."""
    count = len(of.shots)
    return say(language, "dogs-pack" if count >= LIMIT_DOGS else "dogs-head", count=count)


def _which(of: Album, shot: Shot, language: str) -> Html:
    label = of.label(shot)
    if of.photos == 1:
        return say(language, "dogs-dog", number=label, dogs=len(of.shots))
    key = "album-photo" if shot.place is None else "album-photo-dog"
    return say(language, key, number=shot.number, photos=of.photos, dog=label)


def _boxes(of: Album, shot: Shot, language: str) -> tuple[tuple[Button, ...], ...]:
    """The way to the picture in which the dogs of a photo are numbered."""
    if len(of.beside(shot)) == 1 or shot.answer is None:
        return ()
    return ((AnswerPress(Action.BOXES, shot.answer.token).button(say_plain(language, "button-boxes")),),)


def _fitting(lines: Iterable[Html], language: str) -> Html:
    """As many as a message holds."""
    kept, left = list[Html](), LINES_LETTERS
    for line in lines:
        left -= len(View(line).plain)
        if left < 0:
            return Html("\n".join([*kept, say(language, "album-more")]))
        kept.append(line)
    return Html("\n".join(kept))


def _lines(of: Album, shot: Shot, language: str) -> Iterator[Html]:
    """The line of a shot; that of a dog, or of one reason for no answer, stands where its first shot does."""
    if shot.answer is None:
        alike = [one for one in of.shots if one.answer is None and one.failure == shot.failure]
        if alike[0] == shot:
            why = short_failure(shot.failure, language)
            yield say(language, "album-line", numbers=_numbered(of, alike), answer=why)
    elif shot.place is not None:
        yield say(language, "album-line", numbers=of.label(shot), answer=_short(shot.answer, language))
    elif shot.dog is None or shot.dog not in of.dogs:
        yield say(language, "album-line", numbers=str(shot.number), answer=say(language, "album-no-dog"))
    elif (theirs := of.of(shot.dog))[0] == shot:
        said = _short(of.dogs[shot.dog], language)
        key = "album-line" if len(theirs) == 1 else "album-line-dog"
        yield say(language, key, numbers=_numbered(of, theirs), answer=said)


def _short(answer: Answered, language: str) -> Html:
    (breed, confidence), *others = answer.top
    named: dict[str, str | float] = {"breed": breed_name(breed, language), "confidence": Percent(confidence)}
    if answer.kind == Kind.UNSURE:
        guesses = ", ".join(f"{breed_name(slug, language)}" for slug, _ in answer.top[:SHOWN])
        return say(language, "album-unsure", guesses=guesses)
    if confidence >= CLEAR:
        return say(language, "album-breed", **named)
    if not others or others[0][1] < WORTH_SHOWING:
        return say(language, "album-likely", **named)
    other, other_confidence = others[0]
    named |= {"other": breed_name(other, language), "other_confidence": Percent(other_confidence)}
    return say(language, "album-two", **named)


def _numbered(of: Album, shots: list[Shot]) -> str:
    return ", ".join(of.label(shot) for shot in shots)


def _numbers(of: Album) -> tuple[tuple[Button, ...], ...]:
    shown = [(shot, shot.answer) for shot in of.answered]
    buttons = [
        AnswerPress(Action.SHOW, answer.token).button(of.label(shot)) for shot, answer in shown if answer is not None
    ]
    return tuple(tuple(buttons[start : start + A_ROW]) for start in range(0, len(buttons), A_ROW))
