"""The page of models: what there is, a candidate that is let through, a champion that is taken back."""

import sys
from pathlib import Path

import pytest
import pytest_asyncio
from console_desk import BEA, Desk
from learning_samples import SHIPPED_MODEL, add_candidate

from core.claim import Decision
from db.learning.learning_records import NewShadowScore, RetrainStatus, RetrainTrigger
from inference.store.folder_store import ModelStore
from training.learning.promotion.service import Learning, LearningRules

NEW = "dogs132-20270101-abcdef"
CHECKS = [
    {"name": "gain", "passed": True, "sentence": "5 of 7 are right now", "numbers": {}},
    {"name": "<new>", "passed": False, "sentence": "x < y", "numbers": {}},
]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest_asyncio.fixture
async def trial(desk: Desk, store: ModelStore) -> int:
    """A candidate that one accepted claim taught, seen on its photo. Gives: the claim."""
    learning = Learning(desk.database, store, LearningRules((sys.executable, "-c", "")))
    await learning._registry.follow()
    claim = await desk.claim("saluki")
    add_candidate(store, NEW)
    head = store.head(NEW)
    async with desk.database.unit() as unit:
        await unit.reviews.decide(claim, Decision.ACCEPTED, reviewer=f"moderator:{BEA}")
        await unit.model_versions.add(NEW, backbone_id=head.backbone_id, manifest=head.manifest)
        made = await unit.retrains.start(RetrainTrigger.COMMAND, SHIPPED_MODEL, 1)
        verdict = {"passed": True, "checks": CHECKS}
        await unit.retrains.finish(made.id, RetrainStatus.SHADOW, model_id=NEW, evidence_count=1, verdict=verdict)
        await unit.evidence.add(NEW, [claim])
        await unit.shadow.add([NewShadowScore(1, NEW, "beagle", 0.9)])
    desk.web.unmount("/console")
    desk.reins = learning
    desk.mount()
    return claim


async def test_a_trial_is_shown_with_its_progress_its_judges_and_its_teachers(
    desk: Desk, trial: int, store: ModelStore
) -> None:
    stated = store.head(SHIPPED_MODEL).manifest["metrics"]["top1"]["value"]
    async with desk.signed_in() as ada:
        page = await ada.text("/models")

    assert trial
    assert "Photos seen: 1 of 50; answered alike: 100%" in page
    assert "Taught by one claim (people: 1); accepted by people: 1, by a rule: 0" in page
    assert "Does it know what it was taught?" in page
    assert "&lt;new&gt;" in page
    assert "x &lt; y" in page
    assert f"right on {stated:.1%} of" in page  # what the manifest states of each…
    assert f"<td>{stated:.1%}</td>" in page  # …and side by side


async def test_a_candidate_is_promoted_and_taken_back_with_what_taught_it(
    desk: Desk, store: ModelStore, trial: int
) -> None:
    async with desk.signed_in() as ada:
        promoted, _ = await ada.form("/models", [("act", "promote"), ("model", NEW)])
        answering = store.pointer().model
        question = await ada.text("/models")
        _, done = await ada.form("/models", [("act", "roll-back"), ("model", NEW), ("claims", "aside")])
        _, again = await ada.form("/models", [("act", "roll-back"), ("model", NEW), ("claims", "aside")])

    assert (promoted, answering, store.pointer().model) == (200, NEW, SHIPPED_MODEL)
    assert "One claim (people: 1) taught" in question
    assert "It is taken back" in done
    assert "Somebody was quicker" in again
    assert (await desk.decision(trial)).decision is Decision.SET_ASIDE


async def test_nothing_is_changed_by_another_page_or_without_an_act(desk: Desk, store: ModelStore, trial: int) -> None:
    async with desk.signed_in() as ada:
        forged, _ = await ada.form("/models", [("act", "promote"), ("model", NEW)], csrf="0" * 64)
        unknown, _ = await ada.form("/models", [("act", "delete"), ("model", NEW)])
        stranger, page = await ada.form("/models", [("act", "promote"), ("model", "no-such-model")])

    assert trial
    assert (forged, unknown, stranger) == (403, 400, 200)
    assert "Somebody was quicker" in page
    assert store.pointer().model == SHIPPED_MODEL


async def test_where_nothing_learns_there_is_nothing_to_press(desk: Desk) -> None:
    async with desk.signed_in() as ada:
        page = await ada.text("/models")
        status, _ = await ada.form("/models", [("act", "promote"), ("model", NEW)])

    assert "No model is registered yet." in page
    assert '<button class="small-button' not in page
    assert status == 400
