"""The answer to an album: one message, its photos numbered."""

from collections.abc import Iterator

from bot.conversation.answer.album import Album, Shot
from bot.conversation.answer.press import Action, button
from bot.conversation.answer.view import answer_text, hint_line
from bot.conversation.breeds.breed_name import breed_name
from bot.conversation.photo.failure import short_failure
from bot.telegram.message import Answered, Button, View
from bot.texts import Html, Percent, say, say_plain
from core.prediction import Kind

A_ROW = 5
SHOWN = 2  # breeds in a line
WORTH_SHOWING = 0.05
CLEAR = 0.85


def album(of: Album, language: str) -> View:
    """All photos at a glance. A number leads to that photo's own answer, where it can be confirmed or corrected."""
    sole = of.dogs.get(0) if len(of.dogs) == 1 else None
    if sole is not None and len(of.of(0)) == len(of.answered):
        text = [answer_text(sole, language)]
        text += [say(language, "album-one-dog", count=len(of.answered))] if len(of.answered) > 1 else []
        failures = [line for shot in of.shots if shot.answer is None for line in _lines(of, shot, language)]
        text += [Html("\n".join(failures))] if failures else []
    else:
        text = [Html("\n".join(line for shot in of.shots for line in _lines(of, shot, language)))]
    if of.hint is not None:
        text.append(hint_line(sole, of.hint, language))
    if of.answered:
        text.append(say(language, "album-tap"))
    return View("\n\n".join(text), _numbers(of))


def photo_of_album(of: Album, shot: Shot, view: View, language: str) -> View:
    """A view about one photo, in the album's message: which one it is, and the way back to all."""
    assert shot.answer is not None  # noqa: S101 - nothing else has a view
    lines = [say(language, "album-photo", number=shot.number, photos=len(of.shots))]
    together = of.dogs.get(shot.dog) if shot.dog is not None else None
    if together is not None and together.top[0][0] != shot.answer.top[0][0]:
        numbers = _numbered(of.of(shot.dog or 0))
        breed, confidence = together.top[0]
        named: dict[str, str | float] = {"breed": breed_name(breed, language), "confidence": Percent(confidence)}
        lines.append(say(language, "album-together", numbers=numbers, **named))
    back = button(say_plain(language, "button-album"), Action.ALBUM, shot.answer)
    return View("\n\n".join([*lines, view.text]), (*view.keyboard, (back,)))


def _lines(of: Album, shot: Shot, language: str) -> Iterator[Html]:
    """The line of a shot; that of a dog, or of one reason for no answer, stands where its first shot does."""
    if shot.answer is None:
        alike = [one for one in of.shots if one.answer is None and one.failure == shot.failure]
        if alike[0] == shot:
            why = short_failure(shot.failure, language)
            yield say(language, "album-line", numbers=_numbered(alike), answer=why)
    elif shot.dog is None or shot.dog not in of.dogs:
        yield say(language, "album-line", numbers=str(shot.number), answer=say(language, "album-no-dog"))
    elif (theirs := of.of(shot.dog))[0] == shot:
        said = _short(of.dogs[shot.dog], language)
        key = "album-line" if len(theirs) == 1 else "album-line-dog"
        yield say(language, key, numbers=_numbered(theirs), answer=said)


def _short(answer: Answered, language: str) -> Html:
    (breed, confidence), *others = answer.top
    named: dict[str, str | float] = {"breed": breed_name(breed, language), "confidence": Percent(confidence)}
    if answer.kind == Kind.UNSURE:
        guesses = ", ".join(f"{breed_name(slug, language)}" for slug, _ in answer.top[:SHOWN])
        return say(language, "album-unsure", guesses=guesses)
    if confidence >= CLEAR or not others or others[0][1] < WORTH_SHOWING:
        return say(language, "album-breed", **named)
    other, other_confidence = others[0]
    named |= {"other": breed_name(other, language), "other_confidence": Percent(other_confidence)}
    return say(language, "album-two", **named)


def _numbered(shots: list[Shot]) -> str:
    return ", ".join(str(shot.number) for shot in shots)


def _numbers(of: Album) -> tuple[tuple[Button, ...], ...]:
    shown = [(shot, shot.answer) for shot in of.answered]
    buttons = [button(str(shot.number), Action.SHOW, answer) for shot, answer in shown if answer is not None]
    return tuple(tuple(buttons[start : start + A_ROW]) for start in range(0, len(buttons), A_ROW))
