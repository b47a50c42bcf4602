"""What a column holds, where SQLAlchemy has no type for it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect
from sqlalchemy.types import TypeDecorator

from core.prediction import BreedScore


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out. SQLite keeps no zone, so UTC is what its naive text means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; raises ValueError for a naive datetime, whose instant nobody knows."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no timezone; use datetime.now(UTC)")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Back to an aware UTC datetime."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if dialect.name == "sqlite" else moment.astimezone(UTC)


class TopBreeds(TypeDecorator[tuple[BreedScore, ...]]):
    """The best breeds as a JSON list of [breed, confidence]."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Iterable[BreedScore] | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Scores → lists."""
        return [[score.breed, float(score.confidence)] for score in value or ()]

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[BreedScore, ...]:  # noqa: ARG002
        """Lists → scores."""
        return tuple(BreedScore(breed, confidence) for breed, confidence in value or ())
