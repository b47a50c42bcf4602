"""No update, whatever its shape, crashes a handler, blocks the next one, or leaves anything behind."""

import random

import pytest
from fuzz_size import SIZE
from odd_life import OddLife
from odd_updates import odd_update
from toll import Toll

AT_ONCE = 100
CONNECTIONS = 40  # to the chat server; they are kept for the next call
GROWTH_MIB = 60  # between a fifth of the way and the end; of a hundred thousand updates


@pytest.mark.slow
@pytest.mark.timeout(7200)
async def test_updates_of_any_shape_are_dealt_with_and_nothing_is_left_of_them(life: OddLife, toll: Toll) -> None:
    troubles: list[str] = []
    for first in range(SIZE.first, SIZE.first + SIZE.updates, AT_ONCE):
        await life.tell([odd_update(random.Random(first + number)) for number in range(AT_ONCE)])
        await life.is_well()
        toll.count(AT_ONCE)
        troubles += life.complaints.told(f"seeds {first} to {first + AT_ONCE - 1}")
        if SIZE.is_over:
            break

    toll.notes.update(life.outcomes())
    assert troubles == []
    assert life.outcomes()["failed"] == 0
    assert await life.left_over() == []
    assert toll.grown_mib < GROWTH_MIB
    assert toll.files[-1] <= toll.files[0] + CONNECTIONS
