"""Every option of the limiter can be written down; the limiter judges what is written."""

import inspect
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.errors import ConfigError
from limner.scheduling import Limiter, Overflow, Rate, Reservoir
from limner.simulation.limit_set import NOT_LIMITS, LimitSet, limit_kinds, limit_sets


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The options of every limiter that is built."""
    built: list[dict[str, Any]] = []
    original = Limiter.__init__

    def init(self: Limiter, **options: Any) -> None:
        built.append(options)
        original(self, **options)

    monkeypatch.setattr("limner.simulation.limit_set.Limiter.__init__", init)
    monkeypatch.setattr("limner.simulation.limit_set.limit_kinds", lambda: KINDS)
    return built


KINDS = limit_kinds()

WRITTEN: dict[str, list[tuple[Any, Any]]] = {
    "max_concurrent": [(4, 4), ("4", 4), ("none", None), (None, None)],
    "min_interval": [(0.5, 0.5), ("250ms", 0.25), (2, 2)],
    "rates": [
        (["15/10s", {"limit": 3, "per": "1m"}], (Rate(15, per=10), Rate(3, per=60))),
        ("100/h", (Rate(100, per=3600),)),
    ],
    "reservoir": [
        (100, 100),
        ("100", 100),
        (
            {"amount": 5, "refresh_amount": 5, "refresh_every": "1h"},
            Reservoir(5, refresh_amount=5, refresh_every=3600),
        ),
    ],
    "high_water": [(10, 10), ("10", 10)],
    "overflow": [("block", Overflow.BLOCK), ("OVERFLOW_PRIORITY", Overflow.OVERFLOW_PRIORITY)],
    "penalty": [("5s", 5.0)],
    "aging": [("1m", 60.0)],
    "fair": [(True, True), ("false", False)],
}


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [(name, value, meant) for name, pairs in WRITTEN.items() for value, meant in pairs],
)
def test_a_limit_means_what_is_written(
    made: list[dict[str, Any]], name: str, value: object, meant: object
) -> None:
    """Files and command lines have no objects of ours: text, numbers and tables stand for them."""
    LimitSet({name: value})
    assert made == [{name: meant}]


def test_every_option_of_the_limiter_is_a_limit() -> None:
    """Whatever a `Limiter` takes can be simulated, but for its name and its store."""
    options = set(inspect.signature(Limiter).parameters)
    assert set(limit_kinds()) == options - NOT_LIMITS
    assert set(WRITTEN) | {"retry"} <= set(limit_kinds())


def test_a_retry_is_its_attempts_or_its_fields(made: list[dict[str, Any]]) -> None:
    """Its chance comes from the simulation, so that a run can be repeated."""
    LimitSet({"retry": {"attempts": 2, "backoff": "2s", "jitter": 1}}).limiter(lambda: 0.5)
    retry = made[-1]["retry"]
    assert [retry(ValueError(), attempt) for attempt in (1, 2)] == [3.0, None]
    assert LimitSet({"retry": "4"}).label == "retry 4"
    assert made[-1]["retry"].attempts == 4


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"speed": 3}, "there is no limit 'speed'; known: max_concurrent"),
        ({"name": "x"}, "there is no limit 'name'"),
        ({"max_concurrent": "many"}, "max_concurrent"),
        ({"max_concurrent": True}, "max_concurrent"),
        ({"max_concurrent": -1}, "max_concurrent"),
        ({"max_concurrent": 1.5}, "max_concurrent"),
        ({"min_interval": "soon"}, "min_interval"),
        ({"min_interval": -1}, "min_interval"),
        ({"min_interval": float("nan")}, "min_interval"),
        ({"rates": "15"}, "15/10s"),
        ({"rates": "x/10s"}, "15/10s"),
        ({"rates": "0/10s"}, "rates"),
        ({"rates": 3}, "rates"),
        ({"rates": [{"limit": 3}]}, "rates"),
        ({"rates": [{"limit": 3, "per": 1, "x": 1}]}, "x"),
        ({"reservoir": {"amount": 1, "refresh_every": "1s"}}, "refresh_amount"),
        ({"reservoir": {"amont": 1}}, "amont"),
        ({"reservoir": [1]}, "reservoir"),
        ({"overflow": "spill"}, "leak, overflow"),
        ({"overflow": 3}, "overflow"),
        ({"retry": 0}, "attempts"),
        ({"retry": "often"}, "retry"),
        ({"retry": {"on": "x"}}, "on"),
        ({"fair": "maybe"}, "fair"),
        ({"aging": 0}, "aging"),
    ],
    ids=str,
)
def test_a_wrong_limit_is_a_clear_error(options: dict[str, object], named: str) -> None:
    """One line says which limit is wrong and why."""
    with pytest.raises(ConfigError) as told:
        LimitSet(options)
    assert named in str(told.value)
    assert "\n" not in str(told.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["amount", "limit", "per", "attempts", "maximum", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*KINDS, "x"]), JSON, max_size=3))
def test_no_table_breaks_the_reader(table: dict[str, object]) -> None:
    """Whatever is written is a limiter or a `ConfigError`."""
    try:
        for limits in limit_sets(table):
            assert isinstance(limits.limiter(), Limiter)
            assert isinstance(limits.label, str)
            assert limits.slots is None or limits.slots >= 0
    except ConfigError:
        pass


def test_lists_are_alternatives() -> None:
    """Each combination of alternatives is a set of limits; rates of one list hold together."""
    table = {"max_concurrent": [1, 2], "rates": ["1/1s", "9/1m"], "fair": [False, True]}
    assert [limits.label for limits in limit_sets(table)] == [
        "max_concurrent 1, rates 1/1s and 9/1m, not fair",
        "max_concurrent 1, rates 1/1s and 9/1m, fair",
        "max_concurrent 2, rates 1/1s and 9/1m, not fair",
        "max_concurrent 2, rates 1/1s and 9/1m, fair",
    ]
    apart = limit_sets({"rates": [["1/1s"], ["9/1m"]]})
    assert [limits.label for limits in apart] == ["rates 1/1s", "rates 9/1m"]


@pytest.mark.parametrize("values", [[], list(range(51))])
def test_too_many_alternatives_are_an_error(values: list[int]) -> None:
    """And so are none."""
    with pytest.raises(ConfigError, match="combinations"):
        limit_sets({"max_concurrent": values})


def test_slots_are_the_concurrency() -> None:
    """What utilisation is measured against."""
    assert LimitSet({"max_concurrent": "4"}).slots == 4
    assert LimitSet({}).slots is None
    assert LimitSet({"max_concurrent": "none"}).slots is None
