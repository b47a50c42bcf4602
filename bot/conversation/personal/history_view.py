"""/history: a person's last answers, newest first, each with what they said of it."""

from collections.abc import Sequence

from bot.conversation.answer.form import CLEAR, Form, shape
from bot.conversation.answer.view import claimed_breed
from bot.conversation.breeds.breed_name import breed_name
from bot.conversation.claims.fate import label_name
from bot.conversation.own_press import OwnAction, OwnPress
from bot.telegram.message import Answered, View
from bot.texts import Html, Percent, day, page_heading, say, say_plain
from core.claim import Decision, Verdict, claimed_label
from db.chat.history import PastAnswer
from db.learning.claim_status import POLICY

ON_PAGE = 6


def history(answers: Sequence[PastAnswer], total: int, page: int, user_id: int, language: str) -> View:
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
    return View("\n\n".join([head, *(_entry(one, language) for one in answers)]), (turns,) if turns else ())


def history_is_private(language: str) -> View:
    """Asked for in a group: what somebody sent is nobody else's business."""
    return View(say(language, "history-private"))


def _entry(past: PastAnswer, language: str) -> Html:
    answered = say(
        language,
        "history-entry-dog" if past.dogs > 1 else "history-entry",
        day=day(past.created_at, language),
        answer=_answered(past, language),
        number=past.dog + 1,
        dogs=past.dogs,
    )
    said = _said(past, language)
    return answered if said is None else Html(f"{answered}\n{said}")


def _answered(prediction: Answered, language: str) -> Html:
    said = shape(prediction)
    if said.form is Form.NOT_A_DOG:
        return say(language, "history-no-dog")
    if not said.shown:
        return say(language, "history-unsure-of-all")
    breed, confidence = said.shown[0]
    unsure = said.form in {Form.GROUP, Form.UNSURE}
    key = "history-unsure" if unsure else "history-breed" if confidence >= CLEAR else "history-likely"
    return say(language, key, breed=breed_name(breed, language), confidence=Percent(confidence))


def _said(past: PastAnswer, language: str) -> Html | None:
    if past.verdict is None or past.verdict is Verdict.WITHDRAWN:
        return None
    breed = claimed_breed(past) if past.verdict is Verdict.CONFIRM else past.breed
    name = past.suggestion if past.verdict is Verdict.OTHER else breed_name(breed, language) if breed else ""
    said = say(language, f"history-{past.verdict.value.replace('_', '-')}", breed=name or "…")
    became = _fate(past, language)
    return said if became is None else say(language, "history-fate", said=said, fate=became)


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
