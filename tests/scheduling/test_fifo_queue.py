"""First come, first served, whoever leaves from the middle and comes back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from limner.scheduling.jobs.fifo_queue import SPARE, FifoQueue
from limner.scheduling.jobs.work_item import WorkItem

JOBS = 3

steps = st.lists(
    st.tuples(
        st.sampled_from(["come", "leave", "move", "move", "replace"]), st.integers(0, JOBS - 1)
    ),
    max_size=60,
)


def _same(queue: FifoQueue, known: list[WorkItem]) -> None:
    assert list(queue) == list(queue.in_turn()) == known
    assert len(queue) == len(known)
    if known:
        assert queue.first() is queue.oldest() is known[0]


@given(steps)
def test_a_queue_is_a_list_whatever_is_done_to_it(steps: list[tuple[str, int]]) -> None:
    """Jobs stand in the order they came; whoever left and came back stands last, and once."""
    jobs = [WorkItem() for _ in range(JOBS)]
    queue, known = FifoQueue(), list[WorkItem]()
    for what, index in steps:
        item = jobs[index]
        if what == "come" and item not in known:
            queue.push(item)
            known.append(item)
        elif what == "leave" and item in known:
            known.remove(item)
            assert bool(queue.remove(item)) == bool(known)
        elif what == "move" and item in known:
            queue.remove(item)
            queue.push(item)
            known.remove(item)
            known.append(item)
        elif what == "replace" and item in known:
            known[known.index(item)] = jobs[index] = WorkItem()
            queue.replace(item, jobs[index])
        _same(queue, known)


def test_gaps_do_not_pile_up() -> None:
    """A job that goes to the back again and again leaves gaps, which are closed in time."""
    queue, items = FifoQueue(), [WorkItem() for _ in range(3)]
    for item in items:
        queue.push(item)
    for _ in range(10 * SPARE):
        queue.remove(items[2])
        queue.push(items[2])
    _same(queue, items)
    assert len(queue.items) <= 2 * SPARE + len(items)
