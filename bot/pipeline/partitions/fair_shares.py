"""Who shall have which lease: the same sums in every bot, so that they agree without talking to each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from db.chat.leader_lease import LeaseRecord
from db.partitions import ALL, PARTITIONS, Partitions

BOT: Final = "bot/"
PARTITION: Final = "partition/"
POLLER: Final = "poller"
SCHEDULER: Final = "scheduler"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one bot does next. `bots`: how many live; `take`: leases; `release`: partitions."""

    bots: int
    take: frozenset[str]
    release: Partitions


def plan(me: str, records: Sequence[LeaseRecord], *, calm: bool, poller: bool) -> Plan:
    """What to take and what to hand over, so that every bot that lives has its fair share.

    Args:
        me: the holder.
        records: every lease; ours are renewed.
        calm: the database was there for a while, so that whoever has not renewed a lease is gone. After an outage
            nobody had the time to: then only what nobody holds is taken.
        poller: somebody has to poll.
    """
    live = sorted({one.holder for one in records if one.name.startswith(BOT) and one.valid} | {me})
    rank, count = live.index(me), len(live)
    share = PARTITIONS // count + (rank < PARTITIONS % count)
    kept = {one.name for one in records if one.holder != me and (one.valid or not calm)}
    mine = partitions_of({one.name for one in records if one.holder == me})
    free = ALL - partitions_of(kept) - mine
    # Each begins elsewhere, so that those who start together do not all want the same.
    in_turn = sorted(free, key=lambda part: (part - rank * PARTITIONS // count) % PARTITIONS)
    duties = {SCHEDULER, POLLER} if poller else {SCHEDULER}
    wanted = {lease_of(part) for part in in_turn[: max(0, share - len(mine))]}
    return Plan(count, frozenset(wanted | (duties - kept)), frozenset(sorted(mine)[share:]))


def lease_of(partition: int) -> str:
    """The name of a partition's lease."""
    return f"{PARTITION}{partition:02}"


def partitions_of(names: frozenset[str] | set[str]) -> Partitions:
    """The partitions among these leases."""
    return frozenset(int(name.removeprefix(PARTITION)) for name in names if name.startswith(PARTITION))
