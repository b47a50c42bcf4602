"""Each promotion, refusal and roll-back is told once; that nothing passes any more is told as a trouble."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.alerts.incidents import Trouble
from bot.alerts.retrain_news import RetrainNews, refusals, why_refused
from db.learning.learning_records import RetrainRecord, RetrainStatus, RetrainTrigger

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def retrain(number: int, status: RetrainStatus, **facts: object) -> RetrainRecord:
    known = {"model_id": f"model-{number}", "evidence_count": 7, "verdict": None, "error": None} | facts
    return RetrainRecord(
        id=number, started_at=NOW, finished_at=NOW, trigger=RetrainTrigger.COMMAND, status=status,
        champion_id="champion", host="here", pid=1, **known,  # type: ignore[arg-type]
    )  # fmt: skip


def test_what_was_before_the_first_look_is_no_news() -> None:
    assert RetrainNews(None).look([retrain(1, RetrainStatus.PROMOTED)]) == []


def test_a_change_is_told_once_and_by_the_next_life_too() -> None:
    news = RetrainNews(None)
    tried = retrain(1, RetrainStatus.SHADOW)
    news.look([tried])
    promoted = replace(tried, status=RetrainStatus.PROMOTED)
    next_life = RetrainNews(news.known)

    (told,) = next_life.look([promoted])
    assert (told.trouble, told.values) == (Trouble.PROMOTED, {"model": "model-1", "count": 7})
    assert next_life.look([promoted]) == []


def test_what_is_tried_or_brings_nothing_is_no_news() -> None:
    news = RetrainNews({})

    assert news.look([retrain(2, RetrainStatus.NOTHING_NEW), retrain(1, RetrainStatus.SHADOW)]) == []


def test_a_refusal_says_why_and_a_take_back_by_itself_is_told_elsewhere() -> None:
    checks = [{"name": "gain", "passed": True}, {"name": "breeds", "passed": False, "sentence": "pug fell"}]
    refused = retrain(1, RetrainStatus.REJECTED, verdict={"checks": checks})
    by_itself = retrain(2, RetrainStatus.ROLLED_BACK, error="rolled back by itself: people disagreed")
    by_hand = retrain(3, RetrainStatus.ROLLED_BACK, error="taken back by moderator 7")

    told = RetrainNews({}).look([by_hand, by_itself, refused])
    assert [one.trouble for one in told] == [Trouble.REFUSED, Trouble.ROLLED_BACK]
    assert told[0].values["reason"] == "pug fell"
    assert told[1].values["reason"] == "taken back by moderator 7"


def test_what_was_set_aside_is_told_when_the_retrain_ends_and_not_again_when_it_is_promoted() -> None:
    verdict = {"checks": [], "set_aside": [{"events": [3, 4, 9], "people": 2, "why": "pug called not_a_dog"}]}
    tried = retrain(1, RetrainStatus.SHADOW, verdict=verdict)
    news = RetrainNews({"1": "running"})

    (told,) = news.look([tried])
    (promoted,) = news.look([replace(tried, status=RetrainStatus.PROMOTED)])

    assert told.trouble is Trouble.SET_ASIDE
    assert told.values == {"count": 3, "people": 2, "reason": "pug called not_a_dog"}
    assert promoted.trouble is Trouble.PROMOTED


def test_refusals_in_a_row_are_counted() -> None:
    refused, failed = retrain(4, RetrainStatus.REJECTED), retrain(3, RetrainStatus.FAILED, error="disk full")
    last = [retrain(5, RetrainStatus.NOTHING_NEW), refused, failed, retrain(2, RetrainStatus.PROMOTED), refused]

    assert refusals(last) == 2
    assert refusals([]) == 0
    assert (why_refused(failed), why_refused(refused)) == ("disk full", "no reason is noted")
