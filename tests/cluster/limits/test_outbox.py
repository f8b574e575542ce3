"""In which order a process says what happened."""

from limner.cluster.limits.outbox import BATCH, Outbox

ASKS = [("ask", ticket, 1, None, 5) for ticket in range(BATCH + 1)]


def outbox(*messages: tuple[object, ...]) -> Outbox:
    """One with these in it."""
    box = Outbox()
    for message in messages:
        box.add(message)
    return box


def test_a_slot_is_given_back_before_all_have_asked() -> None:
    """Else it would be idle for as long as that takes."""
    box = outbox(*ASKS, ("give_back", 900, True))
    assert box.batch() == [("give_back", 900, True), *ASKS[: BATCH - 1]]


def test_a_slot_is_given_back_after_what_was_said_of_it() -> None:
    """What a start was charged is changed while it is known."""
    recharged = ("recharge", 900, [1, {}, 1], [1, {}, 0])
    box = outbox(ASKS[0], recharged, ("give_back", 900, True))
    assert box.batch() == [ASKS[0], recharged, ("give_back", 900, True)]


def test_when_that_has_been_said_slots_go_first_again() -> None:
    """Also if it travelled in a batch before."""
    box = outbox(("resume",))
    box.batch()
    box.arrived()
    box.add(ASKS[0])
    box.add(("give_back", 900, True))
    assert box.batch() == [("give_back", 900, True), ASKS[0]]


def test_somebody_new_gives_back_nothing_of_the_old() -> None:
    """He says what he holds and asks for; the rest is kept, in its order."""
    box = outbox(ASKS[0], ("give_back", 900, True), ("pause", None), ("resume",))
    box.batch()
    box.begin_anew([("hold", 1, 901, 1, {}, 0), ASKS[1]])
    assert box.batch() == [("hold", 1, 901, 1, {}, 0), ASKS[1], ("pause", None), ("resume",)]
    assert box.number == 1
