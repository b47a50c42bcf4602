"""/history: a person's last answers, newest first, each with what they said of it, and the way back to it."""

from collections.abc import Sequence
from datetime import datetime

from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.view import CLEAR, Form, claimed_breed, shape
from bot.conversation.breeds.breed_name import breed_name
from bot.conversation.claims.view import label_name
from bot.conversation.personal.press import OwnAction, OwnPress
from bot.telegram.message import Answered, Button, View, message_link
from bot.texts import Html, Percent, ago, page_heading, say, say_plain
from core.claim import Decision, Verdict, claimed_label
from db.chat.history import PastAnswer
from db.learning.claim_status import POLICY

ON_PAGE = 6
WAYS_A_ROW = 6


def history(answers: Sequence[PastAnswer], total: int, page: int, user_id: int, language: str, now: datetime) -> View:
    """One page. ``total``: how many answers there are."""
    if not answers:
        return View(say(language, "history-none"))
    last = max(0, (total - 1) // ON_PAGE)
    head = page_heading(say(language, "history-head", count=total), page, last + 1, language)
    turns = tuple(
        OwnPress(OwnAction.HISTORY, user_id, str(to)).button(say_plain(language, key))
        for key, to in (("button-newer", page - 1), ("button-older", page + 1))
        if 0 <= to <= last
    )
    numbered = [(page * ON_PAGE + place, one) for place, one in enumerate(answers, 1)]
    ways = tuple(_way(number, one) for number, one in numbered if one.chat_id == user_id)
    entries = [_entry(number, one, language, now) for number, one in numbered]
    tip = [say(language, "history-ways")] if ways else []
    rows = (*(ways[start : start + WAYS_A_ROW] for start in range(0, len(ways), WAYS_A_ROW)), turns)
    return View("\n\n".join([head, *entries, *tip]), tuple(row for row in rows if row))


def history_is_private(language: str) -> View:
    """Asked for in a group: what somebody sent is nobody else's business."""
    return View(say(language, "history-private"))


def _way(number: int, past: PastAnswer) -> Button:
    """To an answer in this chat: no address leads there."""
    return AnswerPress(Action.THERE, past.token).button(f"⬆️ {number}")


def _entry(number: int, past: PastAnswer, language: str, now: datetime) -> Html:
    lines = [_head(number, past, language, now), _answered(past, language), _said(past, language, now)]
    return Html("\n".join(line for line in lines if line is not None))


def _head(number: int, past: PastAnswer, language: str, now: datetime) -> Html:
    """Which one, when, of which dog, and where."""
    parts = [Html(f"<b>{number}.</b> {ago(past.created_at, now, language)}")]
    if past.dogs > 1:
        parts.append(say(language, "history-dog", number=past.dog + 1, dogs=past.dogs))
    if past.chat_id < 0:
        link = message_link(past.chat_id, past.answer_message_id) if past.answer_message_id else None
        parts.append(say(language, "history-group-link", link=link) if link else say(language, "history-in-group"))
    return Html(", ".join(parts))


def _answered(prediction: Answered, language: str) -> Html:
    said = shape(prediction)
    if said.form is Form.NOT_A_DOG:
        return say(language, "history-no-dog")
    if not said.shown:
        return say(language, "history-unsure-of-all")
    if said.form is Form.GROUP:
        group = say(language, f"group-{(said.group or '').replace('_', '-')}")
        return say(language, "history-group", group=group, confidence=Percent(said.group_confidence))
    breed, confidence = said.shown[0]
    if said.form is Form.TWO:
        (other, less) = said.shown[1]
        named: dict[str, str | float] = {"breed": breed_name(breed, language), "confidence": Percent(confidence)}
        named |= {"other": breed_name(other, language), "other_confidence": Percent(less)}
        return say(language, "answer-two", **named)
    key = "history-unsure" if said.form is Form.UNSURE else "history-breed" if confidence >= CLEAR else "history-likely"
    return say(language, key, breed=breed_name(breed, language), confidence=Percent(confidence))


def _said(past: PastAnswer, language: str, now: datetime) -> Html | None:
    if past.verdict is None or past.verdict is Verdict.WITHDRAWN:
        return None
    breed = claimed_breed(past) if past.verdict is Verdict.CONFIRM else past.breed
    name = past.suggestion if past.verdict is Verdict.OTHER else breed_name(breed, language) if breed else ""
    said = say(language, f"history-{past.verdict.value.replace('_', '-')}", breed=name or "…")
    became = _fate(past, language)
    if became is None:
        return said
    if past.decided_at is not None and past.kept and not past.waits and past.decision is not Decision.REOPENED:
        became = Html(f"{became}, {ago(past.decided_at, now, language)}")
    return say(language, "history-fate", said=said, fate=became)


def _fate(past: PastAnswer, language: str) -> Html | None:
    """What was decided about it; a "don't know" that nobody answered has none."""
    if past.waits:
        return say(language, "history-waits")
    if past.decision in {None, Decision.REOPENED} or not past.kept:
        return None if past.verdict is Verdict.DONT_KNOW else say(language, "history-unlearned")
    if past.decision is Decision.REJECTED:
        return say(language, "history-rejected")
    if past.decision is Decision.SET_ASIDE:
        return say(language, "history-aside")
    claimed = claimed_label(past.verdict or Verdict.DONT_KNOW, past.breed, past.kind, past.top)
    if past.reviewed_breed is not None and past.reviewed_breed != claimed:
        return say(language, "history-corrected", breed=label_name(past.reviewed_breed, language))
    return say(language, "history-accepted-rule" if past.reviewer == POLICY else "history-accepted-person")
