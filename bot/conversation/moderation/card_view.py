"""A claim before a moderator: what the model said, what a person said of it, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.answer.corrections import OFFERED
from bot.conversation.answer.view import ranking
from bot.conversation.breeds.breed_name import breed_name
from bot.conversation.moderation.press import ReviewAction, ReviewPress
from bot.conversation.moderation.record_view import record_notes
from bot.telegram.message import Button, View, two_a_row
from bot.texts import Html, Percent, say, say_plain
from core.breeds.catalogue import MIXED_BREED, NOT_A_DOG, Breed, catalogue, teachable_labels
from core.claim import Verdict, answered_breed, claimed_label
from core.prediction import Kind
from db.learning.learning_records import ReviewCounts, ReviewItem

SHOWN = 3  # of what the model thought of


class Done(StrEnum):
    """What a moderator just did."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class LastStep:
    """What led to this card; ``label``: what an accepted claim teaches."""

    done: Done
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What is shown around a claim.

    Attributes:
        waiting: claims in the queue; 10,000 stands for any larger number, too.
        last: what the moderator did before.
        undo: the claim whose decision this moderator can take back.
        heatmaps, console: whether there are any.
        rule: the trust policy decides about claims, too.
    """

    waiting: int
    last: LastStep | None = None
    undo: int | None = None
    heatmaps: bool = False
    console: bool = False
    rule: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One claim, as a moderator sees it. ``heat``: the label whose evidence is painted over the photo."""

    claim: ReviewItem
    person: ReviewCounts
    around: Around
    heat: str | None = None


def review_card(card: Card, language: str) -> View:
    """The caption of the photo, with every choice."""
    return View(_caption(card, language), _choices(card, language))


def other_breed(card: Card, language: str) -> View:
    """Which breed is it, then? The next best ones, 🔎 by name, 🚫 not a dog, ⬅ back."""
    claim = card.claim
    claimed = claimed_label(claim.verdict, claim.claimed_breed, claim.kind, claim.top)
    breeds = [score.breed for score in claim.top if score.breed != claimed and score.breed in catalogue()]
    find = _button("button-search", ReviewAction.SEARCH, claim.event_id, language)
    no_dog = _button("button-not-a-dog", ReviewAction.PICK, claim.event_id, language, NOT_A_DOG)
    back = _button("button-back", ReviewAction.CARD, claim.event_id, language)
    mixed = _button("button-mixed", ReviewAction.PICK, claim.event_id, language, MIXED_BREED)
    ways = tuple(way for way, label in ((find, None), (mixed, MIXED_BREED), (no_dog, NOT_A_DOG)) if label != claimed)
    which = "review-which-other" if claim.verdict is Verdict.OTHER else "review-which"
    question = _joined(_caption(card, language), say(language, which))
    return View(question, (*_picks(breeds[:OFFERED], claim.event_id, language), ways, (back,)))


def review_search(card: Card, language: str) -> View:
    """The caption, and a request to type a name."""
    back = _button("button-back", ReviewAction.OTHER, card.claim.event_id, language)
    return View(_joined(_caption(card, language), say(language, "review-type")), ((back,),))


def review_search_results(event_id: int, query: str, found: Sequence[Breed], language: str) -> View:
    """The reply to a typed name: a message of its own."""
    back = _button("button-back", ReviewAction.CARD, event_id, language)
    rows = _picks([breed.slug for breed in found[:OFFERED]], event_id, language)
    return View(say(language, "search-found" if found else "search-nothing", query=query), (*rows, (back,)))


def nothing_waits(around: Around, language: str) -> View:
    """The end of the queue, or of what was not put off."""
    put_off = say(language, "review-put-off", count=around.waiting) if around.waiting else None
    again = ReviewPress(ReviewAction.NEXT).button(say_plain(language, "button-look-again"))
    text = _joined(_last(around, language), say(language, "review-nothing"), put_off)
    return View(text, ((again,), *two_a_row(_around_buttons(around, language))))


def console_link(link: str, language: str) -> View:
    """The way into the console, for this moderator, once."""
    return View(say(language, "review-console", link=Html(link.replace("&", "&amp;"))))


def label_name(label: str | None, language: str) -> str:
    """What a label is called, plain text."""
    if label is None or label == NOT_A_DOG:
        return say_plain(language, "review-no-dog")
    return breed_name(label, language)


def _caption(card: Card, language: str) -> Html:
    heat = say(language, "review-heat", breed=label_name(card.heat, language)) if card.heat else None
    said = Html(f"{_said(card.claim, language)}\n{_person(card, language)}")
    claim = card.claim
    which = say(language, "review-dog", number=claim.dog + 1, dogs=claim.dogs) if claim.dogs > 1 else None
    return _joined(which, _answered(claim, language), said, heat, _queue(card.around, language))


def _queue(around: Around, language: str) -> Html:
    """How many wait, and what became of the one before."""
    waiting = say(language, "review-waiting", count=max(1, around.waiting))
    last = _last(around, language)
    if last is None:
        return waiting
    before = last if around.last == LastStep(Done.REOPENED) else say(language, "review-before", what=last)
    return Html(f"{waiting}\n{before}")


def _answered(claim: ReviewItem, language: str) -> Html:
    if claim.kind is Kind.NOT_A_DOG:
        head = say(language, "review-answered-no-dog", confidence=Percent(claim.not_a_dog))
    elif claim.kind is Kind.UNSURE or not claim.top:
        head = say(language, "review-answered-unsure")
    else:
        head = say(language, "review-answered", breed=breed_name(claim.top[0].breed, language))
    return Html("\n".join(part for part in (head, ranking(claim.top[:SHOWN], language)) if part))


def _said(claim: ReviewItem, language: str) -> Html:
    if claim.verdict is Verdict.OTHER:
        return say(language, "review-said-other", name=claim.suggestion or "…")
    label = claimed_label(claim.verdict, claim.claimed_breed, claim.kind, claim.top)
    key = "review-said-confirm" if claim.verdict is Verdict.CONFIRM else "review-said-correct"
    return say(language, key, breed=label_name(label, language))


def _person(card: Card, language: str) -> Html:
    person = card.person
    accepted, rejected = person.accepted + person.policy_accepted, person.rejected + person.policy_rejected
    key = "review-person" if accepted or rejected else "review-person-new"
    notes = record_notes(card.claim, person, language, rule=card.around.rule)
    fared = say(language, key, accepted=accepted, rejected=rejected)
    return Html("\n".join((fared, *(say(language, "review-note", note=note) for note in notes))))


def _last(around: Around, language: str) -> Html | None:
    if around.last is None:
        return None
    return say(language, f"review-last-{around.last.done}", breed=label_name(around.last.label, language))


def _choices(card: Card, language: str) -> tuple[tuple[Button, ...], ...]:
    claim_id, unnamed = card.claim.event_id, card.claim.verdict is Verdict.OTHER
    other = _button("button-map" if unnamed else "button-other", ReviewAction.OTHER, claim_id, language)
    reject = _button("button-reject", ReviewAction.REJECT, claim_id, language)
    skip = _button("button-skip", ReviewAction.SKIP, claim_id, language)
    accept = _button("button-accept", ReviewAction.ACCEPT, claim_id, language)
    first = (other, reject, skip) if unnamed else (accept, reject, other, skip)
    return two_a_row((*first, *_heat_buttons(card, language), *_around_buttons(card.around, language)))


def _heat_buttons(card: Card, language: str) -> tuple[Button, ...]:
    """First the evidence for what was answered; then back to the photo, or on to what was claimed."""
    claim = card.claim
    if not card.around.heatmaps:
        return ()
    wanted = (
        answered_breed(claim.kind, claim.top),
        claimed_label(claim.verdict, claim.claimed_breed, claim.kind, claim.top),
    )
    labels = [label for label in dict.fromkeys(wanted) if label in teachable_labels()]
    if card.heat is None:
        first = [_button("button-heat", ReviewAction.HEAT, claim.event_id, language, label) for label in labels[:1]]
        return tuple(first)
    photo = _button("button-photo", ReviewAction.CARD, claim.event_id, language)
    others = [label for label in labels if label != card.heat]
    return photo, *(_named("button-heat-of", label, ReviewAction.HEAT, claim.event_id, language) for label in others)


def _around_buttons(around: Around, language: str) -> tuple[Button, ...]:
    undo = ReviewPress(ReviewAction.UNDO, around.undo) if around.undo is not None else None
    web = ReviewPress(ReviewAction.CONSOLE) if around.console else None
    found = (("button-undo", undo), ("button-console", web))
    return tuple(press.button(say_plain(language, key)) for key, press in found if press is not None)


def _picks(labels: Sequence[str], event_id: int, language: str) -> tuple[tuple[Button, ...], ...]:
    press = [(label, ReviewPress(ReviewAction.PICK, event_id, label)) for label in labels]
    return two_a_row([one.button(breed_name(label, language)) for label, one in press])


def _named(key: str, label: str, action: ReviewAction, event_id: int, language: str) -> Button:
    return ReviewPress(action, event_id, label).button(say_plain(language, key, breed=label_name(label, language)))


def _button(key: str, action: ReviewAction, event_id: int, language: str, label: str | None = None) -> Button:
    return ReviewPress(action, event_id, label).button(say_plain(language, key))


def _joined(*parts: Html | None) -> Html:
    return Html("\n\n".join(part for part in parts if part))
