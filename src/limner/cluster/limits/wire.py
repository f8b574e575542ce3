"""What is said to the script, and what it answers: microseconds, and JSON. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from limner.scheduling import Ask, Limits, Rate
from limner.scheduling.limits.admission import Charge
from limner.scheduling.limits.reservoir import Reservoir

MICRO = 1_000_000
Message = tuple[Any, ...]
"""What happened: its name, and what belongs to it, as JSON has it."""


def micros(seconds: float) -> int:
    """Seconds as whole microseconds.

    Examples:
        >>> micros(0.1)
        100000
    """
    return round(seconds * MICRO)


def rate_key(rate: Rate) -> str:
    """What a rate's starts are kept under: the same for every rate that counts the same.

    Examples:
        >>> rate_key(Rate(5, per=60)), rate_key(Rate(9, 1, name="tokens"))
        ('60000000', '1000000.tokens')
    """
    parts = [str(micros(rate.per)), rate.name or ""]
    if rate.align is not None:
        parts += [rate.align, str(rate.tz)]
    text = ".".join(parts).rstrip(".")
    if re.fullmatch(r"[\w.+/:-]{1,60}", text, re.ASCII):
        return text
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def limits_text(limits: Limits) -> str:
    """All limits that are kept together; the retries are each process's own."""
    return json.dumps(
        {
            "max_concurrent": limits.max_concurrent,
            "min_interval": micros(limits.min_interval),
            "rates": [_rate(rate) for rate in limits.rates],
            "reservoir": None if limits.reservoir is None else _reservoir(limits.reservoir),
            "high_water": limits.high_water,
            "overflow": limits.overflow.value,
            "penalty": micros(limits.block_penalty),
            "aging": None if limits.aging is None else micros(limits.aging),
            "fair": limits.fair,
        },
        sort_keys=True,
    )


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "key": rate_key(rate),
        "limit": rate.limit,
        "per": micros(rate.per),
        "name": rate.name,
        "aligned": rate.align is not None,
    }


def _reservoir(stock: Reservoir) -> dict[str, Any]:
    every = {"refresh": stock.refresh_every, "increase": stock.increase_every}
    return {
        "amount": stock.amount,
        "refresh_amount": stock.refresh_amount,
        "increase_amount": stock.increase_amount,
        "maximum": stock.maximum,
        "name": stock.name,
        **{f"{kind}_every": None if one is None else micros(one) for kind, one in every.items()},
    }


def edges_text(limits: Limits, wall: float) -> str:
    """For each rate that goes by the calendar: when its period began, ends, and the next one ends.

    Args:
        limits: Whose rates.
        wall: Seconds since 1970 by the server's clock.

    Examples:
        >>> edges_text(Limits(rates=(Rate(5, per=3600, align="00:00"),)), 7300.0)
        '{"3600000000..00:00.None": [7200000000, 10800000000, 14400000000]}'
    """
    found = {}
    for rate in limits.rates:
        if rate.align is not None:
            end = rate.spent_until(wall, 0.0)
            begin = _begin(rate, wall)
            found[rate_key(rate)] = [micros(at) for at in (begin, end, rate.spent_until(end, 0.0))]
    return json.dumps(found)


def _begin(rate: Rate, wall: float) -> float:
    """The last edge that is not after an instant: steps are as long as the shortest period."""
    at = wall - 2 * rate.per
    while (later := rate.spent_until(at, 0.0)) <= wall:
        at = later
    return at


def asked(ask: Ask) -> Message:
    """That a job waits; what is as it mostly is at the end is left out.

    Examples:
        >>> asked(Ask(ticket=7, weight=1, named={}, priority=5))
        ('ask', 7, 1, None, 5)
        >>> asked(Ask(ticket=8, weight=1, named={"mp": 2}, priority=5, owner="ann"))
        ('ask', 8, 1, {'mp': 2}, 5, 'ann')
    """
    said = ("ask", ask.ticket, ask.weight, dict(ask.named) or None, ask.priority)
    if ask.instead_of is not None:
        return (*said, owner_text(ask.owner), ask.again, ask.instead_of)
    if ask.again:
        return (*said, owner_text(ask.owner), ask.again)
    if ask.owner is not None:
        return (*said, owner_text(ask.owner))
    return said


def owner_text(owner: Hashable) -> str:
    """An owner as all processes know him: equal owners must have equal texts.

    Examples:
        >>> owner_text("ann"), owner_text(("chat", 7)), len(owner_text("x" * 1000))
        ('ann', "('chat', 7)", 64)
    """
    text = "" if owner is None else str(owner)
    return text if len(text) <= 60 else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def grouped(messages: Iterable[Message]) -> list[Message]:
    """What happened, with leases that were given back one after another in one message.

    Examples:
        >>> grouped([("give_back", 900, True), ("give_back", 901, True), ("resume",)])
        [('give_back', ['900', '901'], True), ('resume',)]
    """
    found: list[Message] = []
    fences: list[str] = []
    well = None
    for message in messages:
        if message[0] != "give_back":
            found.append(message)
            well = None
            continue
        if message[2] is not well:
            fences, well = [], message[2]
            found.append(("give_back", fences, well))
        fences.append(str(message[1]))
    return found


def charged(charge: Charge) -> list[Any]:
    """What a start was charged."""
    return [charge.weight, dict(charge.named), int(charge.counted)]


def script_arguments(
    *,
    client: str,
    number: int,
    ttl: float,
    heard: int,
    epoch: str,
    looks: bool,
    limits: Limits,
    wall: float,
    messages: Sequence[Message],
) -> list[str | int]:
    """The script's arguments, in its order."""
    return [
        client,
        number,
        micros(ttl),
        heard,
        epoch,
        int(looks),
        limits_text(limits),
        edges_text(limits, wall),
        json.dumps(grouped(messages), separators=(",", ":")),
    ]


Thing = tuple[str, str, str]
"""``granted``, ticket and fence; ``dropped``, ticket and strategy; ``wake``, an instant, ``-``."""


@dataclass(frozen=True, slots=True)
class News:
    """What one exchange has to tell a client.

    Attributes:
        number: Counts up for each client; 0: it is not kept, and is told to whoever listens.
        things: What has happened, oldest first.
    """

    number: int
    things: tuple[Thing, ...]


def news(text: bytes) -> News:
    """Read news.

    Examples:
        >>> news(b"3 granted 7 1764380000000000 dropped 8 overflow").things
        (('granted', '7', '1764380000000000'), ('dropped', '8', 'overflow'))
    """
    number, *words = text.decode().split(" ")
    return News(int(number), tuple(zip(words[::3], words[1::3], words[2::3], strict=True)))


MANY = 32
"""Pieces of news in an answer at most, as the script has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the script answers.

    Attributes:
        status: ``ok``; ``stale``: it comes too late; ``reset``: we were silent for too long, and
            are known no more; ``reborn``: the server knows nobody any more.
        at: Microseconds of the server's clock.
        epoch: What the server calls the time since it knew nobody.
        wake: When to ask again, by the server's clock; 0: nobody of ours waits for that.
        news: What has happened to our jobs.
        outlook: What the limits look like, where that was asked for.
    """

    status: str
    at: int
    epoch: str = ""
    wake: int = 0
    news: tuple[News, ...] = ()
    outlook: tuple[str, ...] = ()


def answer(said: Sequence[Any]) -> Answer:
    """Read an answer.

    Examples:
        >>> answer([b"reset", b"5"])
        Answer(status='reset', at=5, epoch='', wake=0, news=(), outlook=())
    """
    status, at = said[0].decode(), int(said[1])
    if len(said) == 2:
        return Answer(status=status, at=at)
    return Answer(
        status=status,
        at=at,
        epoch=said[2].decode(),
        wake=int(said[3]),
        news=tuple(news(one) for one in said[4]),
        outlook=tuple(one.decode() for one in said[5]),
    )
