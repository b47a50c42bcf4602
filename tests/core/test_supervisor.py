"""No task is forgotten, and none takes another one down."""

import asyncio

import pytest

from core.retry import Backoff
from core.supervisor import Supervisor

HURRIED = Backoff(0.001, 0.002)


async def test_a_failing_child_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    done = asyncio.Event()

    async def fail() -> None:
        raise ZeroDivisionError

    async def succeed() -> None:
        await asyncio.sleep(0.005)
        done.set()

    async with Supervisor() as supervisor:
        supervisor.start(fail(), "the failing one")
        supervisor.start(succeed(), "the other")

    assert done.is_set()
    assert "the failing one failed" in caplog.text


async def test_a_loop_that_fails_or_ends_is_started_again() -> None:
    lives = 0
    third = asyncio.Event()

    async def loop() -> None:
        nonlocal lives
        lives += 1
        if lives == 1:
            raise ZeroDivisionError
        if lives >= 3:
            third.set()
            await asyncio.Event().wait()

    async with Supervisor(HURRIED) as supervisor:
        supervisor.keep(loop, "loop")
        await asyncio.wait_for(third.wait(), 60)
        supervisor.cancel()


async def test_a_shielded_write_is_finished_although_its_caller_is_cancelled() -> None:
    written = asyncio.Event()
    started = asyncio.Event()

    async def write() -> None:
        started.set()
        await asyncio.sleep(0.01)
        written.set()

    async with Supervisor() as saves, Supervisor() as supervisor:
        caller = supervisor.start(saves.shielded(write(), "write"), "caller")
        await started.wait()
        caller.cancel()

    assert caller.cancelled()
    assert written.is_set()


async def test_the_outcome_of_a_shielded_write_reaches_its_caller() -> None:
    async def fail() -> int:
        raise ZeroDivisionError

    async def succeed() -> int:
        return 7

    async with Supervisor() as supervisor:
        with pytest.raises(ZeroDivisionError):
            await supervisor.shielded(fail(), "write")
        assert await supervisor.shielded(succeed(), "write") == 7


async def test_the_blocks_own_error_is_raised_as_it_is_and_ends_the_children() -> None:
    ended = asyncio.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fail_beside_it() -> None:
        async with Supervisor() as supervisor:
            supervisor.start(wait(), "waiting")
            await asyncio.sleep(0)
            raise KeyError

    with pytest.raises(KeyError):
        await fail_beside_it()

    assert ended.is_set()


async def test_nothing_is_started_that_nobody_would_wait_for() -> None:
    async with Supervisor() as supervisor:
        pass

    with pytest.raises(RuntimeError, match="nobody would wait for late work"):
        supervisor.start(asyncio.sleep(0), "late work")


async def test_children_that_children_start_are_waited_for_and_ended_with_their_owner() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def grandchild() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def own() -> None:
        async with Supervisor() as supervisor:

            async def child() -> None:
                supervisor.start(grandchild(), "grandchild")

            supervisor.start(child(), "child")

    owner = asyncio.ensure_future(own())
    await begun.wait()
    owner.cancel()
    await asyncio.wait([owner])

    assert owner.cancelled()
    assert ended.is_set()
