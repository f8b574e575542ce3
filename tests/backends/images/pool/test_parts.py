"""Circuits, choices and addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.backends.images.a1111.backend import A1111Backend
from limner.backends.images.pool import PoolBackend, make_pool, pool_addresses
from limner.backends.images.pool.circuit import Circuit
from limner.backends.images.pool.load_balancing import Load, least_loaded
from limner.errors import ConfigError, UnknownBackend
from limner.illustration import make_backend
from limner.scheduling import Rate

KINDS = ["a1111", "openai", "sketch"]


@given(
    events=st.lists(st.sampled_from(["good", "bad", "wait"]), max_size=80),
    threshold=st.integers(1, 4),
)
def test_a_circuit_opens_after_failures_in_a_row_and_ever_longer(
    events: list[str], threshold: int
) -> None:
    """It never lets anybody through while it is open, and one alone while it is half open."""
    circuit, now, row = Circuit(threshold=threshold, first_delay=2.0, longest_delay=20.0), 0.0, 0
    for event in events:
        if event == "wait" and circuit.open_until is not None:
            now = circuit.open_until
            circuit.try_again()
        elif event == "good":
            circuit.succeeded()
            row = 0 if circuit.open_until is None else row
        elif event == "bad":
            trying, was_open = circuit.half_open, circuit.open_until is not None
            row += not was_open
            opened = circuit.failed(now)
            assert opened == (not was_open and (trying or row >= threshold))
        assert circuit.allows(running=0) == (circuit.open_until is None)
        assert circuit.allows(running=3) == (circuit.open_until is None and not circuit.half_open)
        if circuit.open_until is not None:
            assert 2.0 <= circuit.open_until - now <= 20.0


@given(
    st.lists(
        st.builds(
            Load,
            weight=st.floats(0.1, 10),
            running=st.integers(0, 9),
            taken=st.integers(0, 99),
        ),
        min_size=1,
    )
)
def test_the_least_loaded_is_chosen(loads: list[Load]) -> None:
    """Nobody would have less to do for its weight with one picture more."""
    chosen = loads[least_loaded(loads)]
    assert all(
        (chosen.running + 1) / chosen.weight <= (load.running + 1) / load.weight for load in loads
    )


@pytest.mark.parametrize(
    ("given", "addresses"),
    [
        (["sketch"], ["sketch"]),
        (["a1111+http://a:7860,a1111+http://b:7860"], ["a1111+http://a:7860", "a1111+http://b:7860"]),
        (["openai?hosts=a.org,b.org , sketch", "sketch"],
         ["openai?hosts=a.org,b.org", "sketch", "sketch"]),
        (["a1111+http://a?loras=x,sketchy"], ["a1111+http://a?loras=x,sketchy"]),
        (["", " , "], [","]),
    ],
)  # fmt: skip
def test_commas_part_addresses_only_before_a_kind(given: list[str], addresses: list[str]) -> None:
    """Options may hold commas."""
    assert pool_addresses(given, kinds=KINDS) == addresses


def test_each_address_becomes_a_member() -> None:
    """With its name, weight, limits and models; its backend gets the rest of the options."""
    pool = make_pool(
        [
            "a1111+http://desk:7860?pool_name=desk&pool_weight=2&steps=20&pool-models=dream,xl",
            "a1111+http://me:secret@attic:7860?pool_max_concurrent=3&pool_rate=30/60",
            "a1111+http://attic:7860",
            "openai",
        ],
        make_backend,
    )
    status = {member.name: member for member in pool.status()}
    assert list(status) == [
        "desk", "a1111+http://attic:7860", "a1111+http://attic:7860 (2)", "openai"
    ]  # fmt: skip
    assert (status["desk"].weight, status["desk"].models) == (2.0, ("dream", "xl"))
    members = pool.dispatcher.members
    backend = members["desk"].member.backend
    assert isinstance(backend, A1111Backend)
    assert backend.options.steps == 20
    attic = members["a1111+http://attic:7860"].limiter.limits
    assert attic.max_concurrent == 3
    assert Rate(30, 60) in attic.rates
    assert members["a1111+http://attic:7860 (2)"].limiter.limits.max_concurrent == 1
    assert members["openai"].limiter.limits.max_concurrent == 4


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("sketch?pool_wight=2", "did you mean 'weight'"),
        ("sketch?pool_weight=0", "'weight'"),
        ("sketch?pool_rate=often", "such as 30/60"),
        ("sketch?pool_rate=0/60", "such as 30/60"),
        ("a1111+http://a?step=2&pool_weight=1", "did you mean 'steps'"),
    ],
)
def test_mistakes_in_a_members_options_are_told(address: str, told: str) -> None:
    """By name, with what there is."""
    with pytest.raises(ConfigError, match=told):
        make_pool([address], make_backend)
    with pytest.raises(ConfigError, match="at least one server"):
        make_pool([], make_backend)
    with pytest.raises(UnknownBackend):
        make_pool(["crayon"], make_backend)


def test_a_pool_has_an_address_of_its_own() -> None:
    """`pool+ADDRESS,ADDRESS?option=value`, as for any backend."""
    pool = PoolBackend.from_url(
        "a1111+http://a:7860,a1111+http://b:7860", options={"threshold": "1"}, key="me:secret"
    )
    assert [member.name for member in pool.status()] == [
        "a1111+http://a:7860",
        "a1111+http://b:7860",
    ]
    assert "secret" not in repr(pool)
    with pytest.raises(ConfigError, match="at least one"):
        PoolBackend.from_url(None, options={})
    with pytest.raises(ConfigError, match="did you mean 'patience'"):
        PoolBackend.from_url("sketch", options={"patient": "1"})
