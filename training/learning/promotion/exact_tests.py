"""Exact one-sided tests of shares: small numbers are the rule here, and no approximation is needed for them."""

from math import comb


def binomial_at_most(found: int, tries: int, share: float) -> float:
    """The probability of `found` or fewer in so many independent tries, each a hit with probability `share`."""
    return min(1.0, sum(comb(tries, hits) * share**hits * (1 - share) ** (tries - hits) for hits in range(found + 1)))


def fisher_greater(hits: int, tries: int, hits_before: int, tries_before: int) -> float:
    """Fisher's exact test, one-sided: how likely so many hits, or more, are if both shares are the same.

    Given how many hits there were in all, their number in one group is hypergeometric, whatever the share is
    (Fisher 1935, https://en.wikipedia.org/wiki/Fisher%27s_exact_test). Never above the true level, often below.
    """
    all_hits, all_tries = hits + hits_before, tries + tries_before
    most = min(tries, all_hits)
    ways = sum(comb(all_hits, x) * comb(all_tries - all_hits, tries - x) for x in range(hits, most + 1))
    return ways / comb(all_tries, tries)


def more_right_by_chance(lead: int, differing: int) -> float:
    """The probability that of two equally good ones one leads by so many photos, or more (sign test).

    `differing`: on how many photos at most exactly one of them may have been right. More of them make a lead less
    telling, so that an upper bound will do.
    """
    wins = (differing + lead) // 2
    return 1.0 if wins <= 0 else sum(comb(differing, x) for x in range(wins, differing + 1)) / 2**differing
