"""What is read from a picture server's log of a fault."""

from tests.cluster.picture_log import Drawn, PictureLog

FAULT = 10.0


def back(*drawn: Drawn, there: float = 0.0) -> float:
    """How long it took until what was cut off was begun again."""
    log = PictureLog()
    log.drawn = list(drawn)
    return log.back(at=FAULT, there=there)


def test_what_was_cut_off_counts_until_it_is_begun_again() -> None:
    """From its end on, or from when somebody was there to begin it."""
    cut, again = Drawn("fox", 9.0, 11.0), Drawn("fox", 14.0, 15.0, whole=True)
    assert back(cut, again) == 3.0
    assert back(cut, again, there=13.0) == 1.0
    assert back(cut, Drawn("owl", 14.0, 15.0, whole=True)) == float("inf")


def test_what_was_drawn_in_vain_need_not_be_begun_again() -> None:
    """Another has it, or has finished it, when a worker that hung notices that it is not its."""
    before = Drawn("fox", 9.0, 12.0, whole=True)
    beside = Drawn("fox", 15.0, 17.0, whole=True)
    cut = Drawn("fox", 16.0, 16.1)
    assert back(before, cut) == 0.0
    assert back(beside, cut) == 0.0
    assert back(cut) == float("inf")
