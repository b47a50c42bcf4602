"""Whether people let us learn from their photos, and what follows for what is stored of them at once."""

from sqlalchemy import select, update

from db.chat.chat_records import ERASED, Consent, JobStatus
from db.learning.claim_status import Standing
from db.repository import Repository
from db.tables import jobs, users


class Consents(Repository):
    """Consent by person; it covers the photos that are still there, and those to come."""

    async def get(self, user_id: int) -> Consent | None:
        """What this person said; None: nothing, or they are unknown."""
        said: Consent | None = await self._value(select(users.c.consent).where(users.c.id == user_id))
        return said

    async def set(self, user_id: int, consent: Consent) -> bool:
        """Note what somebody says; whether that is new.

        YES: photos that are still there stay, and what was said about them waits for a review, or counts again as it
        was decided. NO: nothing of theirs waits or counts, and `Retention.erase_due` takes photos and features away.
        """
        # Locked: an answer that is marked meanwhile waits, and finds the new word.
        before = select(users.c.consent).where(users.c.id == user_id).with_for_update(key_share=True)
        if await self._value(before) == consent:
            return False
        said = {"consent": consent, "consent_at": self._now()}
        if not await self._run(update(users).where(users.c.id == user_id).values(said)):
            return False
        theirs = update(jobs).where(
            jobs.c.user_id == user_id, jobs.c.status == JobStatus.ANSWERED, jobs.c.photo_sha256 != ERASED
        )
        standing = Standing(self._connection, self._now)
        if consent is Consent.YES:
            await self._execute(theirs.values(erase_at=None))
            await standing.release(user_id)
        else:
            await self._execute(theirs.values(erase_at=self._now()))
            await standing.withhold(user_id)
        return True

    async def notified(self, user_id: int) -> None:
        """This person was told what is kept; the first time counts."""
        first = update(users).where(users.c.id == user_id, users.c.notified_at.is_(None))
        await self._execute(first.values(notified_at=self._now()))
