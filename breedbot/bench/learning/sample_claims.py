"""Accepted claims to measure with: photos that never were, as features between two real ones."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from core.breeds.catalogue import NOT_A_DOG
from core.claim import Decision, Verdict
from core.prediction import Prediction
from db.chat.chat_records import Consent
from db.database import Database
from db.tables import accepted_claims, feedback_events, jobs, photos, predictions, reviews, users
from inference.model.head import Head
from training.learning.gate.labelled_rows import LabelledRows

PEOPLE = 500


def mixtures(exemplars: LabelledRows, count: int) -> LabelledRows:
    """Photos between two of the same label, evenly over the labels."""
    rng = np.random.default_rng(1)
    names = np.unique(exemplars.labels)
    labels = names[np.arange(count) % len(names)]
    members = {name: np.flatnonzero(exemplars.labels == name) for name in names.tolist()}
    pairs = np.array([rng.choice(members[label], 2, replace=False) for label in labels.tolist()])
    share = rng.uniform(0.35, 0.65, (count, 1)).astype(np.float32)
    one, other = (exemplars.features[pairs[:, side]] for side in (0, 1))
    return LabelledRows(np.asarray(share * one + (1 - share) * other, np.float32), labels)


async def fill(database: Database, head: Head, taught: LabelledRows) -> None:
    """Accepted claims that each of these rows is what its label says, about what the head answers to it."""
    now = datetime.now(UTC)
    answers, labels = head.predictions(taught.features), taught.labels.tolist()
    rows = range(1, len(taught) + 1)
    person = {"created_at": now, "seen_at": now, "consent": Consent.YES}
    photo = {"size_bytes": 1, "mime": "image/jpeg", "width": 1, "height": 1, "created_at": now}
    about = [
        {"id": row, "photo_sha256": f"{row:064x}", "user_id": row % PEOPLE + 1, "chat_id": 1, "created_at": now}
        for row in rows
    ]
    job = {"message_id": 1, "status": "answered", "attempts": 1}
    review = {"decision": Decision.ACCEPTED, "reviewer": "cli", "created_at": now}
    counts = {"correction": True, "accepted_at": now}
    content: list[tuple[Any, list[dict[str, Any]]]] = [
        (users, [{"id": number + 1, **person} for number in range(PEOPLE)]),
        (photos, [{"sha256": f"{row:064x}", **photo} for row in rows]),
        (jobs, [one | job for one in about]),
        (predictions, [_answer(one, answer) for one, answer in zip(about, answers, strict=True)]),
        (feedback_events, [_claim(one, label) for one, label in zip(about, labels, strict=True)]),
        (reviews, [{"id": row, "feedback_event_id": row, **review} for row in rows]),
        (
            accepted_claims,
            [{"feedback_event_id": row, "review_id": row, "breed": labels[row - 1], **counts} for row in rows],
        ),
    ]
    async with database.unit() as unit:
        for table, values in content:
            await unit.connection.execute(table.insert(), values)


def _answer(about: dict[str, Any], answer: Prediction) -> dict[str, Any]:
    return about | {
        "job_id": about["id"], "token": str(about["id"]), "kind": answer.kind.value, "top": answer.top,
        "not_a_dog": answer.not_a_dog, "model_id": answer.model, "backbone_id": answer.backbone,
        "features": answer.features.astype("<f2").tobytes(),
    }  # fmt: skip


def _claim(about: dict[str, Any], label: str) -> dict[str, Any]:
    said = {key: about[key] for key in ("id", "user_id", "created_at")} | {"prediction_id": about["id"]}
    if label == NOT_A_DOG:
        return said | {"verdict": Verdict.NOT_A_DOG, "breed": None}
    return said | {"verdict": Verdict.CORRECT, "breed": label}
