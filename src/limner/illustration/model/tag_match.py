"""Which tags of a text still stand after it was rewritten. Pure."""

from collections.abc import Sequence


def still_standing(before: Sequence[str], now: Sequence[str]) -> dict[int, int]:
    """Match the tags of two texts by their source, in order, so that as many as possible stand.

    Args:
        before: The sources of the tags as they were.
        now: The sources of the tags in the text as it is now.

    Returns:
        For each tag that still stands, its former index and the one it has now.

    Examples:
        >>> still_standing(["fox", "owl", "fox"], ["fox", "hen", "fox"])
        {0: 0, 2: 2}
        >>> still_standing(["fox", "owl"], ["owl", "hen"])
        {1: 0}
    """
    first = 0
    while first < min(len(before), len(now)) and before[first] == now[first]:
        first += 1
    last = 0
    rest = min(len(before), len(now)) - first
    while last < rest and before[-1 - last] == now[-1 - last]:
        last += 1
    middle = _longest_common(before[first : len(before) - last], now[first : len(now) - last])
    shift = len(now) - len(before)
    return {
        **{index: index for index in range(first)},
        **{first + i: first + j for i, j in middle},
        **{index: index + shift for index in range(len(before) - last, len(before))},
    }


def _longest_common(before: Sequence[str], now: Sequence[str]) -> list[tuple[int, int]]:
    """The longest common subsequence, as pairs of indexes."""
    longest = [[0] * (len(now) + 1) for _ in range(len(before) + 1)]
    for i in reversed(range(len(before))):
        for j in reversed(range(len(now))):
            longest[i][j] = (
                1 + longest[i + 1][j + 1]
                if before[i] == now[j]
                else max(longest[i + 1][j], longest[i][j + 1])
            )
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(before) and j < len(now):
        if before[i] == now[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i][j + 1] >= longest[i + 1][j]:
            j += 1
        else:
            i += 1
    return pairs
