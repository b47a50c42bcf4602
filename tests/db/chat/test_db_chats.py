"""Groups, and what an admin set for them."""

from db_clock import StoppedClock
from db_samples import ANNA, BEN

from db.chat.chats import ChatRecord
from db.database import Database

GROUP = -1001234567890


async def test_a_group_answers_every_photo_only_while_an_admin_wants_it(
    database: Database, clock: StoppedClock
) -> None:
    async with database.unit() as unit:
        await unit.users.seen(ANNA, "en")
        before = await unit.chats.answers_all(GROUP), await unit.chats.get(GROUP)
        on = await unit.chats.set_answers_all(GROUP, True, set_by=ANNA)
        later = clock.forward(hours=1)
        during = await unit.chats.answers_all(GROUP)
        await unit.chats.set_answers_all(GROUP, False, set_by=None)

        assert before == (False, None)
        assert (on.answers_all, on.set_by, during) == (True, ANNA, True)
        assert await unit.chats.answers_all(GROUP) is False
        assert await unit.chats.get(GROUP) == ChatRecord(GROUP, False, None, later)


async def test_what_an_admin_set_outlives_them_without_their_name(database: Database) -> None:
    async with database.unit() as unit:
        for user_id, chat_id in ((ANNA, GROUP), (BEN, GROUP - 1)):
            await unit.users.seen(user_id, "en")
            await unit.chats.set_answers_all(chat_id, True, set_by=user_id)
        await unit.users.forget(ANNA)
        found = [await unit.chats.get(chat_id) for chat_id in (GROUP, GROUP - 1)]

    assert [(one.answers_all, one.set_by) for one in found if one is not None] == [(True, None), (True, BEN)]
