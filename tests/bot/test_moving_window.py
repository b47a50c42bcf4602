"""Windows of one's own: exact, and bounded in how many are remembered."""

import pytest

from bot.moving_window import KEPT, MovingWindows


def test_each_has_so_many_within_any_such_span() -> None:
    now = [1000.0]
    windows = MovingWindows(3, 60.0, lambda: now[0])
    for _ in range(3):
        assert windows.wait_s("ann") == 0
        windows.take("ann")
        now[0] += 1

    assert windows.wait_s("ann") == pytest.approx(57)
    assert windows.wait_s("bob") == 0
    now[0] += 57
    assert windows.wait_s("ann") == 0


def test_who_was_not_heard_of_for_longest_is_forgotten_first() -> None:
    windows = MovingWindows(1, 60.0, lambda: 0.0)
    for number in range(KEPT):
        windows.take(number)
    assert windows.wait_s(0) == 60

    windows.take("one more")

    assert [windows.wait_s(number) for number in (0, 1, "one more")] == [60, 0, 60]
