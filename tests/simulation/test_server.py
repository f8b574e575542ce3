"""A simulated server: slow, away, choosy or narrow, and what the command makes of it."""

from typing import Any

import pytest

from limner.backends.images.learning import LearnedLimits
from limner.errors import ConfigError
from limner.simulation import Outcome, Picture, scenario_from, simulate

ONE_TEXT = {"count": 1, "answers_per_hour": 1, "arrivals": "fixed"}


def drawn(count: int, seconds: float, limits: Any = None, **server: Any) -> list[Picture]:
    """The pictures of one text, which asks for all of them at once."""
    scenario = scenario_from(
        {
            "users": ONE_TEXT,
            "answers": {"tags": count, "writing_time": 0},
            "pictures": {"time": seconds},
            "server": server,
            "limits": limits or {},
        }
    )
    return simulate(scenario.workload, scenario.limits[0], steered=LearnedLimits)


def ended(pictures: list[Picture]) -> float:
    """When the last of them ended."""
    return max(picture.ended for picture in pictures)


def made(pictures: list[Picture]) -> int:
    """How many there are."""
    return sum(picture.outcome is Outcome.MADE for picture in pictures)


def test_a_narrow_server_draws_so_many_at_once() -> None:
    """Four pictures of 110 s: 440 s one at a time, 220 s in pairs."""
    assert ended(drawn(4, 110, width=1)) == 440
    assert ended(drawn(4, 110, width=2)) == 220


@pytest.mark.parametrize("refusal", ["503", "502", "refused"])
@pytest.mark.parametrize(
    ("count", "seconds", "begin", "end"), [(24, 0.5, 2, 22), (150, 0.5, 2, 62), (60, 10, 95, 395)]
)
def test_an_outage_costs_its_time_and_a_minute(
    refusal: str, count: int, seconds: float, begin: float, end: float
) -> None:
    """All are drawn, and a tenth more of the time that is needed is allowed."""
    away = f"{begin}s-{end}s"
    pictures = drawn(count, seconds, width=1, away=away, refusal=refusal)
    assert made(pictures) == count
    assert ended(pictures) <= 1.1 * (count * seconds + end - begin) + 60


def test_a_bad_picture_fails_after_five_tries_and_holds_nobody_up() -> None:
    """The others are there at once."""
    pictures = drawn(8, 0.5, width=1, bad="3")
    assert made(pictures) == 7
    assert len(pictures[2].attempts) == 5
    assert max(p.ended for p in pictures if p.outcome is Outcome.MADE) <= 1.1 * 8 * 0.5


def test_a_quota_is_kept_and_everybody_drawn() -> None:
    """Fifteen in a minute: 45 take two minutes and what the last of them need."""
    pictures = drawn(45, 1, quota="15/1m")
    assert made(pictures) == 45
    assert 120 <= ended(pictures) <= 1.1 * 126 + 60


def test_a_retry_of_ones_own_counts_where_nothing_is_steered() -> None:
    """One try, and the bad picture has failed."""
    scenario = scenario_from({"users": ONE_TEXT, "server": {"bad": [1]}, "limits": {"retry": 1}})
    pictures = simulate(scenario.workload, scenario.limits[0])
    assert len(pictures[0].attempts) == 1
    assert pictures[0].outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ({"width": 0}, "server.width"),
        ({"away": "3"}, "no stretch of time"),
        ({"away": "9s-3s"}, "from 9 s to 3 s is none"),
        ({"quota": "x"}, "no quota such as 15/10s"),
        ({"quota": "0/1s"}, "no quota such as 15/10s"),
        ({"quota": "3/0s"}, "server.quota"),
        ({"bad": "0"}, "no numbers of pictures"),
        ({"bad": "a"}, "no numbers of pictures"),
        ({"refusal": "404"}, "is none of 503, 502"),
        ({"refusal": "502/3s"}, "is none of 503, 502"),
        ({"wide": 3}, "no setting server.wide"),
    ],
)
def test_what_makes_no_sense_is_told(server: dict[str, Any], said: str) -> None:
    """One line that names it."""
    with pytest.raises(ConfigError, match=said):
        scenario_from({"server": server})
