"""What belongs together because it is joined directly or over others: connected components."""

from collections.abc import Hashable, Iterable, Sequence


def connected(links: Sequence[Iterable[Hashable]]) -> list[int]:
    """Number each item by the first one that it is joined to, over shared links or over other items.

    Args:
        links: of each item, whatever joins it to others that have the same: ``[{"a"}, {"b"}, {"b", "a"}]`` → 0, 0, 0.
    """
    parents = list(range(len(links)))

    def root(item: int) -> int:
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = parents[item]
        return item

    first_with: dict[Hashable, int] = {}
    for item, shared in enumerate(links):
        for link in shared:
            one, other = root(first_with.setdefault(link, item)), root(item)
            parents[max(one, other)] = min(one, other)
    return [root(item) for item in range(len(links))]
