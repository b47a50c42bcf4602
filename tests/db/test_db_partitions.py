"""The database deals chats into partitions as the bot does, groups included."""

from db_samples import PHOTO, prediction, update

from db.database import Database
from db.partitions import ALL, PARTITIONS, partition_of

CHATS = (0, 1, 15, 16, 17, -1, -15, -16, -17, 2**52 + 3, -(10**12) - 7)


async def test_each_partition_finds_its_own_updates_and_together_all(database: Database) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(number, chat) for number, chat in enumerate(CHATS)] + [update(99, None)])
        found = {part: await unit.inbox.pending(100, {part}) for part in ALL}

    assert all(partition_of(record.chat_id) == part for part, records in found.items() for record in records)
    assert sum(len(records) for records in found.values()) == len(CHATS) + 1
    assert 99 in [record.update_id for record in found[0]]


async def test_each_partition_finds_its_own_jobs(database: Database) -> None:
    async with database.unit() as unit:
        await unit.users.seen(1, "en")
        await unit.photos.add(PHOTO, size_bytes=1, mime="image/jpeg", width=1, height=1)
        for chat in CHATS:
            job = await unit.jobs.add(photo_sha256=PHOTO, user_id=1, chat_id=chat, message_id=1)
        await unit.predictions.add(job.id, prediction())
        queued = {part: await unit.jobs.unfinished(partitions={part}) for part in ALL}
        here = await unit.jobs.unanswered(partitions={partition_of(CHATS[-1])})
        elsewhere = await unit.jobs.unanswered(partitions=ALL - {partition_of(CHATS[-1])})
        among = await unit.jobs.unanswered_among([1, job.id, 999])

    assert all(partition_of(one.chat_id) == part for part, found in queued.items() for one in found)
    assert sum(len(found) for found in queued.values()) == len(CHATS) - 1
    assert ([one.id for one in here], elsewhere, [one.id for one in among]) == ([job.id], [], [job.id])


async def test_updates_are_found_by_their_ids_unless_they_are_done(database: Database) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(number) for number in (3, 1, 2)])
        await unit.inbox.done(2)
        found = await unit.inbox.pending_among([2, 3, 1, 7])

    assert [record.update_id for record in found] == [1, 3]


def test_people_are_spread_evenly() -> None:
    people = [partition_of(100_000_000 + 7919 * number) for number in range(16_000)]

    assert all(900 < people.count(part) < 1100 for part in range(PARTITIONS))
