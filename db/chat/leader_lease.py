"""Leases: what one process at a time may do, until a moment that the database's own clock tells.

A lease is renewed in time or lost. Whoever holds one reckons from the moment *before* it asked, on a clock of its own
that only goes forward, and so stops before anybody else can begin (Gray & Cheriton, "Leases", SOSP 1989).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Interval, delete, func, literal, select, update

from db.column_types import UtcDateTime
from db.repository import Repository, insert
from db.tables import leases


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """Who may do `name`, and whether still: by the database's clock, when it was asked."""

    name: str
    holder: str
    expires_at: datetime
    valid: bool


class Leases(Repository):
    """Leases by name. On SQLite the time is that of the unit's clock: there is one machine."""

    async def take(self, names: Iterable[str], holder: str, ttl_s: float) -> frozenset[str]:
        """Take those that nobody holds, or hold on to one's own, for `ttl_s` from now. Returns: which one has now."""
        until = self._in(ttl_s)
        mine: set[str] = set()
        for name in sorted(names):  # in one order: two that take the same ones at once do not wait for each other
            fresh = insert(leases).values(name=name, holder=holder, expires_at=until)
            free = (leases.c.holder == holder) | (leases.c.expires_at <= self._time())
            taken = fresh.on_conflict_do_update(
                index_elements=[leases.c.name], set_={"holder": holder, "expires_at": until}, where=free
            )
            mine.update((await self._execute(taken.returning(leases.c.name))).scalars())
        return frozenset(mine)

    async def renew(self, holder: str, ttl_s: float) -> frozenset[str]:
        """Hold on to all that one still has for `ttl_s` from now. Returns: what that is; the rest is lost.

        What ran out, but went to nobody else, is still one's own: nothing has happened there meanwhile.
        """
        kept = update(leases).where(leases.c.holder == holder)
        return frozenset(
            (await self._execute(kept.values(expires_at=self._in(ttl_s)).returning(leases.c.name))).scalars()
        )

    async def give_back(self, holder: str, names: Collection[str] | None = None) -> None:
        """One needs them no more (None: none of them), and others may have them at once."""
        these = delete(leases).where(leases.c.holder == holder)
        await self._execute(these if names is None else these.where(leases.c.name.in_(names)))

    # Last in the class, because inside it the name hides the built-in one.
    async def all(self) -> tuple[LeaseRecord, ...]:
        """Every lease, by name."""
        valid = (leases.c.expires_at > self._time()).label("valid")
        return tuple(await self._all(LeaseRecord, select(leases, valid).order_by(leases.c.name)))

    def _time(self) -> ColumnElement[datetime]:
        if self._connection.dialect.name == "postgresql":
            return func.clock_timestamp(type_=UtcDateTime())
        return literal(self._now(), UtcDateTime())

    def _in(self, ttl_s: float) -> ColumnElement[datetime]:
        if self._connection.dialect.name == "postgresql":
            return self._time() + literal(timedelta(seconds=ttl_s), Interval())
        return literal(self._now() + timedelta(seconds=ttl_s), UtcDateTime())
