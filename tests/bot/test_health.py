"""Ready is who saw all that is awaited well once, and sees nothing wrong now."""

from bot.health import ABSENT, Health


class Thing:
    problem: str | None = "away"

    async def check(self) -> str | None:
        return self.problem


async def test_a_process_is_starting_until_each_thing_that_is_awaited_was_well_once() -> None:
    queue, database = Thing(), Thing()
    health = Health(["queue", "database"])

    assert await health.problems() == {"database": ABSENT, "queue": ABSENT}
    health.add("queue", queue.check)
    assert await health.problems() == {"database": ABSENT, "queue": "away"}
    health.add("database", database.check)
    queue.problem = None
    assert await health.problems() == {"database": "away"}
    queue.problem, database.problem = "away", None
    assert await health.problems() == {"queue": "away"}
    assert not health.starting, "each was well once"


async def test_what_goes_wrong_later_is_no_new_start() -> None:
    queue = Thing()
    health = Health(["queue"])
    health.add("queue", queue.check)
    queue.problem = None
    assert await health.problems() == {}

    queue.problem = "away"
    assert await health.problems() == {"queue": "away"}
    assert not health.starting
