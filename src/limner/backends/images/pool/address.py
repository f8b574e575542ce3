"""The members of a pool from what people write: several addresses of servers.

Each is an address as for one backend, with options for its place in the pool beside the backend's
own::

    a1111+http://desk:7860?pool_weight=2
    a1111+http://attic:7860?steps=20&pool_models=dreamshaper_8
    openai?pool_max_concurrent=4&pool_rate=50/60
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from msgspec import Meta

from limner.backends.images.pool.member import Member
from limner.backends.options import option, read_options
from limner.errors import ConfigError
from limner.illustration.backend_address import BackendAddress
from limner.illustration.plugins import backend_names
from limner.illustration.ports import ImageBackend
from limner.scheduling import Limiter, Rate

PREFIX = "pool_"

SIDE_BY_SIDE = {"openai": 4, "chat-image": 4, "http": 4, "horde": 4, "sketch": 2}
"""Pictures at once that a kind of server draws if nobody says otherwise; others draw one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberOptions:
    """What can be chosen for a member of a pool; written with ``pool_`` before it."""

    name: str = option("", help="what it is called; empty: its address")
    weight: Annotated[float, Meta(gt=0, le=1000)] = option(1.0, help="its share of the work")
    max_concurrent: Annotated[int, Meta(ge=1, le=1000)] | None = option(
        None, help="pictures it draws at once"
    )
    min_interval: Annotated[float, Meta(ge=0, le=3600)] = option(
        0.0, help="seconds between two pictures"
    )
    rate: str = option("", help="pictures in seconds, such as 30/60")
    models: tuple[str, ...] = option((), help="the models it has; empty: it is asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """What can be chosen for a pool."""

    threshold: Annotated[int, Meta(ge=1, le=100)] = option(
        3, help="failures in a row after which a member is down"
    )
    probe_after: Annotated[float, Meta(gt=0, le=60)] = option(
        5.0, help="seconds until it is looked at again; doubled each time, up to 60"
    )
    patience: Annotated[float, Meta(ge=0, le=3600)] = option(
        30.0, help="seconds a picture waits while all its members are down"
    )


def pool_addresses(given: Iterable[str], *, kinds: Collection[str] | None = None) -> list[str]:
    """Take addresses apart that were written with commas between them.

    A comma ends an address only if the name of a kind follows it, so that options may hold commas.

    Args:
        given: What was written.
        kinds: The kinds there are; by default those that are installed.

    Examples:
        >>> kinds = ["a1111", "horde"]
        >>> pool_addresses(["horde?models=a,b,a1111+http://h:7860", "horde"], kinds=kinds)
        ['horde?models=a,b', 'a1111+http://h:7860', 'horde']
    """
    known = "|".join(re.escape(kind) for kind in (backend_names() if kinds is None else kinds))
    comma = re.compile(rf",\s*(?=(?:{known})(?:[+?,\s]|$))")
    return [part.strip() for text in given for part in comma.split(text) if part.strip()]


def make_members(addresses: Sequence[str], make: Callable[[str], ImageBackend]) -> list[Member]:
    """The members of a pool of the servers at these addresses; see `make_pool`."""
    if not addresses:
        raise ConfigError("a pool needs the address of at least one server")
    members: dict[str, Member] = {}
    for address in addresses:
        place, read = _split(address)
        kind = BackendAddress.parse(place)
        name = shown = read.name or str(kind)
        number = 1
        while name in members:
            number += 1
            name = f"{shown} ({number})"
        limiter = Limiter(
            max_concurrent=read.max_concurrent or SIDE_BY_SIDE.get(kind.kind, 1),
            min_interval=read.min_interval,
            rates=_rates(read.rate, address=str(kind)),
        )
        members[name] = Member(
            name=name,
            backend=make(place),
            weight=read.weight,
            limiter=limiter,
            models=read.models or None,
        )
    return list(members.values())


def _split(address: str) -> tuple[str, MemberOptions]:
    """The address without the pool's options, and these."""
    place, mark, query = address.partition("?")
    # What is wrong with the query is for the backend's own address to say.
    pairs = parse_qsl(query, keep_blank_values=True)
    own = {
        written.strip().replace("-", "_").removeprefix(PREFIX): value
        for written, value in pairs
        if written.strip().replace("-", "_").startswith(PREFIX)
    }
    if not own:
        return address, MemberOptions()
    rest = [pair for pair in pairs if not pair[0].strip().replace("-", "_").startswith(PREFIX)]
    return (
        f"{place}{mark}{urlencode(rest)}" if rest else place,
        read_options(MemberOptions, own, backend="pool"),
    )


def _rates(text: str, *, address: str) -> list[Rate]:
    if not text:
        return []
    found = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9}(?:\.\d{1,6})?)\s*s?\s*", text)
    try:
        if found is None:
            raise ValueError
        return [Rate(int(found[1]), float(found[2]))]
    except ValueError:
        raise ConfigError(
            f"the option pool_rate of {address} must be pictures/seconds such as 30/60, "
            f"not {text!r}"
        ) from None
