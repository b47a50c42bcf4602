"""What there is to know about the models that answer, answered before, or are tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from db.chat.chat_records import ModelVersionRecord
from db.database import Database
from db.learning.learning_records import EvidenceRecord, RetrainRecord, RetrainStatus, ShadowAgreement
from db.learning.model_versions import Teacher
from db.unit import Unit
from training.learning.promotion.way_back import RolledBack

RETRAINS_SHOWN = 5


class Reins(Protocol):
    """What can be done with models: `training.learning.promotion.service.Learning`. All raise ArtefactError."""

    async def way_back(self) -> str | None:
        """The model that a roll-back leads to."""

    async def promote(self, model: str, note: str) -> None:
        """Let a model answer."""

    async def lesson_of_champion(self) -> Sequence[EvidenceRecord]:
        """The claims that a roll-back is about."""

    async def roll_back(self, reviewer: str, note: str, *, set_aside: bool, model: str | None = None) -> RolledBack:
        """Let the one before answer again, if this one still answers."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model.

    Attributes:
        version: its row in the registry.
        made: the retrain that made it; None: no feedback is part of it.
        teachers: whose claims did.
        trial: how its answers compare with those that were given; None: it is not tried.
    """

    version: ModelVersionRecord
    made: RetrainRecord | None = None
    teachers: Sequence[Teacher] = ()
    trial: ShadowAgreement | None = None

    @property
    def checks(self) -> Sequence[Mapping[str, Any]]:
        """What the gate asked, and found."""
        return (self.made.verdict or {}).get("checks") or [] if self.made is not None else []


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """What the page shows.

    Attributes:
        champion: the model that answers.
        previous: the one that a roll-back leads to.
        candidates: models that are tried out.
        retrains: the last ones, newest first.
        wanted: photos that a candidate is tried on.
        lesson: what a roll-back asks about: claims that taught the champion and not the one before.
        reins: whether models can be promoted and taken back from here.
    """

    champion: KnownModel | None
    previous: KnownModel | None = None
    candidates: Sequence[KnownModel] = ()
    retrains: Sequence[RetrainRecord] = ()
    wanted: int = 0
    lesson: Sequence[EvidenceRecord] = ()
    reins: bool = False


async def models_page(database: Database, reins: Reins | None, wanted: int) -> ModelsPage:
    """Look everything up. Raises DatabaseError; ArtefactError, if the pointer cannot be read."""
    back = await reins.way_back() if reins is not None else None
    lesson = await reins.lesson_of_champion() if reins is not None and back is not None else ()
    async with database.unit(read_only=True) as unit:
        champion = await unit.model_versions.champion()
        retrains = await unit.retrains.last(RETRAINS_SHOWN)
        tried = [one.model_id for one in retrains if one.status is RetrainStatus.SHADOW and one.model_id]
        candidates = [found for model in tried if (found := await known_model(unit, model)) is not None]
        before = back if reins is not None else _newest_retired(await unit.model_versions.list())
        return ModelsPage(
            champion=await known_model(unit, champion.model_id) if champion is not None else None,
            previous=await known_model(unit, before) if before is not None else None,
            candidates=candidates,
            retrains=retrains,
            wanted=wanted,
            lesson=lesson,
            reins=reins is not None,
        )


async def known_model(unit: Unit, model: str) -> KnownModel | None:
    """None: the registry does not know it."""
    version, made = await unit.model_versions.get(model), await unit.retrains.get(model)
    if version is None:
        return None
    trial = await unit.shadow.agreement(model) if made is not None and made.status is RetrainStatus.SHADOW else None
    return KnownModel(version, made, await unit.teachers.of(model), trial)


def _newest_retired(models: Sequence[ModelVersionRecord]) -> str | None:
    retired = [(model.retired_at, model.model_id) for model in models if model.retired_at is not None]
    return max(retired)[1] if retired else None
