"""The path bench tells what a photo costs from what loops do anyway."""

from breedbot.bench.path.path_bench import UpdatePath, Windows
from breedbot.bench.path.path_profiler import BY_IDS, Window

LOOP, POLL, STORE = "bot/loop.py:1 run", "bot/poll.py:1 poll", "db/unit.py:1 commit"
NOTE = f"UPDATE jobs{BY_IDS}"


def path(busy: list[Window], quiet: list[Window]) -> UpdatePath:
    return Windows(busy, quiet).path(1.234)


def test_what_a_loop_does_anyway_is_not_the_photos() -> None:
    measured = path([Window({POLL: 1, LOOP: 4})] * 3, [Window({LOOP: 3}), Window({LOOP: 4})])

    assert measured.entered == (POLL,)


def test_what_happens_in_one_window_only_is_not_the_photos() -> None:
    measured = path([Window({POLL: 1, LOOP: 1}), Window({POLL: 1})], [Window()])

    assert measured.entered == (POLL,)


def test_a_function_that_both_need_counts_by_its_other_stack() -> None:
    measured = path([Window({f"{POLL};{STORE}": 1, f"{LOOP};{STORE}": 1})], [Window({f"{LOOP};{STORE}": 1})])

    assert measured.entered == (POLL, STORE)


def test_files_are_told_in_the_order_of_the_first_visit() -> None:
    measured = path([Window({POLL: 1, f"{POLL};{STORE}": 1, "bot/poll.py:9 done": 1})], [Window()])

    assert measured.files == ["bot/poll.py", "db/unit.py"]


def test_what_a_loop_writes_now_and_then_takes_nothing_from_the_photos() -> None:
    busy = [Window(transactions=["INSERT INTO inbox"]), Window(transactions=["INSERT INTO inbox", "UPDATE leases"])]

    assert path(busy, [Window(transactions=["UPDATE leases"])] * 2).transactions == 1


def test_notes_that_many_can_share_are_counted_apart_and_loops_writes_not_at_all() -> None:
    busy = Window(transactions=["INSERT INTO inbox", NOTE, f"{NOTE} + INSERT INTO lives", "UPDATE leases"], syncs=5)
    quiet = Window(transactions=["UPDATE leases"], syncs=1)

    assert path([busy], [quiet]).to_json() == {
        "files": 0,
        "functions": 0,
        "transactions": 2,
        "shared_notes": 1,
        "syncs": 4,
        "bot_cpu_ms": 1.23,
    }
