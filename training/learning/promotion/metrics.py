"""What an operator can watch of the learning loop."""

from collections import Counter

from prometheus_client import CollectorRegistry, Gauge

from db.database import Database
from db.learning.learning_records import RetrainStatus, ShadowAgreement

LOOKED_BACK = 1000  # retrains; once a week that is twenty years


class LearningMetrics:
    """Numbers that are looked up now and then, not at each request: they come from the database."""

    def __init__(self, database: Database, registry: CollectorRegistry) -> None:
        self._database = database
        self._model = Gauge("breedbot_model_info", "1 for the model that answers", ["model"], registry=registry)
        self._retrains = Gauge("breedbot_retrains", "Retrains by what became of them", ["status"], registry=registry)
        self._photos = Gauge("breedbot_shadow_photos", "Photos that the candidate was tried on", registry=registry)
        self._share = Gauge(
            "breedbot_shadow_agreement", "Share of them that it answers like the champion", registry=registry
        )

    async def update(self, champion: str | None, agreement: ShadowAgreement | None) -> None:
        """Look again. Raises DatabaseError."""
        self._model.clear()
        if champion is not None:
            self._model.labels(champion).set(1)
        self._photos.set(agreement.photos if agreement is not None else 0)
        self._share.set(agreement.same_answer / agreement.photos if agreement and agreement.photos else 0)
        async with self._database.unit(read_only=True) as unit:
            found = Counter(one.status for one in await unit.retrains.last(LOOKED_BACK))
        for status in RetrainStatus:
            self._retrains.labels(status.value).set(found[status])
