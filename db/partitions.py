"""Chats are dealt into partitions, each of which one bot works on: its order and its limits are then one process's."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Column, ColumnElement, func, true

PARTITIONS: Final = 16  # as many bots can share the work; a power of two
ALL: Final = frozenset(range(PARTITIONS))
Partitions = frozenset[int]


def partition_of(chat_id: int | None) -> int:
    """Where a chat belongs; what has no chat belongs to the first."""
    return (chat_id or 0) % PARTITIONS


def within(chat_id: Column[int], partitions: Collection[int]) -> ColumnElement[bool]:
    """The condition that a row's chat is in one of these; of the negative ids of groups & gives what % does here."""
    if set(partitions) >= ALL:
        return true()
    return func.coalesce(chat_id, 0).op("&")(PARTITIONS - 1).in_(sorted(partitions))
