"""The limiter's options as they are written in a file or on the command line.

Nothing here knows which options there are: the `Limiter`'s own signature says their names and
kinds, and the `Limiter` itself judges the values. So a limit it learns can be simulated at once.
"""

import enum
import inspect
import itertools
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from limner.errors import ConfigError
from limner.scheduling import Limiter, Rate, Retry, SharedLimits
from limner.simulation.seconds import seconds_from

NOT_LIMITS = {"name", "shared", "store"}
"""Options of a limiter that say nothing about when a job may run."""

MOST_ALTERNATIVES = 50
"""Limits compared in one run."""

_NONE = {"none", "unlimited"}


@dataclass(frozen=True, slots=True)
class LimitSet:
    """The limits of one simulated limiter, as they were written; checked when it is made.

    Args:
        options: By the names of the `Limiter`'s options. Times may be ``"4s"``; ``rates`` holds
            ``"15/10s"`` or ``{limit, per}``; ``retry`` is the number of attempts, or a table as
            `Retry` takes it; options that take an object (``reservoir``) take a table of its
            fields; ``"none"`` is no limit.

    Raises:
        limner.errors.ConfigError: No such limit, or a value that the limiter refuses.

    Examples:
        >>> LimitSet({"max_concurrent": 4, "rates": ["15/10s"], "fair": True}).label
        'max_concurrent 4, rates 15/10s, fair'
    """

    options: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.limiter()

    def limiter(
        self, chance: Callable[[], float] | None = None, *, shared: SharedLimits | None = None
    ) -> Limiter:
        """Build the limiter.

        Args:
            chance: Returns floats from 0 to 1, for the jitter of retries.
            shared: The way to others that keep the same limits; ``None``: there are none.
        """
        kinds = limit_kinds()
        read: dict[str, Any] = {} if shared is None else {"shared": shared}
        for name, value in self.options.items():
            if name not in kinds:
                raise ConfigError(f"there is no limit {name!r}; known: {', '.join(kinds)}")
            try:
                found = _retry(value, chance) if name == "retry" else _read(kinds[name], value)
            except (TypeError, ValueError) as error:
                raise ConfigError(f"the limit {name} is wrong: {error}") from None
            read[name] = found
        try:
            return Limiter(**read)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"the limits are wrong: {error}") from None

    @property
    def slots(self) -> int | None:
        """How many pictures may be drawn at once, if that is limited."""
        value = _read(int | None, self.options.get("max_concurrent"))
        return value if isinstance(value, int) else None

    @property
    def label(self) -> str:
        """The limits in words."""
        return ", ".join(self.words().values()) or "no limits"

    def words(self) -> dict[str, str]:
        """Each limit in words, by its name."""
        return {name: _worded(name, value) for name, value in self.options.items()}


def limit_kinds() -> dict[str, Any]:
    """Return the limits that a `Limiter` knows, and of what kind each is.

    Examples:
        >>> limit_kinds()["fair"]
        <class 'bool'>
    """
    hints = get_type_hints(Limiter.__init__)
    names = inspect.signature(Limiter).parameters
    return {name: hints.get(name, Any) for name in names if name not in NOT_LIMITS}


def limit_sets(table: Mapping[str, Any]) -> list[LimitSet]:
    """Return every combination of limits that a table describes.

    A list holds alternatives, except for ``rates``, where all rates of a list hold together and a
    list of lists holds alternatives.

    Raises:
        limner.errors.ConfigError: As `LimitSet`, or there are too many combinations.

    Examples:
        >>> [limits.label for limits in limit_sets({"max_concurrent": [2, 4], "fair": True})]
        ['max_concurrent 2, fair', 'max_concurrent 4, fair']
    """
    choices = [_alternatives(name, value) for name, value in table.items()]
    count = 1
    for choice in choices:
        count *= len(choice)
    if not 1 <= count <= MOST_ALTERNATIVES:
        raise ConfigError(
            f"the limits have {count} combinations; 1 to {MOST_ALTERNATIVES} can be compared"
        )
    combinations = itertools.product(*choices)
    return [LimitSet(dict(zip(table, values, strict=True))) for values in combinations]


def _alternatives(name: str, value: Any) -> Sequence[Any]:
    if name == "rates":
        each_is_list = isinstance(value, list) and all(isinstance(item, list) for item in value)
        return value if each_is_list and value else [value]
    return value if isinstance(value, list) else [value]


def _read(kind: Any, value: Any) -> Any:
    """Make of a written value what an option of this kind takes.

    What fits no kind is handed on as it is: the limiter refuses it in its own words.
    """
    kinds = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    if value is None or (isinstance(value, str) and value.strip().lower() in _NONE):
        return None if types.NoneType in kinds else value
    for read in (_read_class, _read_number, _read_list):
        found = [made for one in kinds for made in read(one, value)]
        if found:
            return found[0]
    return value


def _read_class(kind: Any, value: Any) -> Iterator[Any]:
    if not isinstance(kind, type):
        return
    if kind is Rate and isinstance(value, str):
        yield _rate(value)
    elif is_dataclass(kind) and isinstance(value, Mapping):
        yield kind(**_fields(kind, value))
    elif issubclass(kind, enum.Enum) and isinstance(value, str):
        yield _member(kind, value)
    elif kind is bool and isinstance(value, str) and value.lower() in ("true", "false"):
        yield value.lower() == "true"


def _member(kind: type[enum.Enum], value: str) -> enum.Enum:
    for member in kind:
        if value.lower() in (member.value, member.name.lower()):
            return member
    known = ", ".join(str(member.value) for member in kind)
    raise ValueError(f"{value[:60]!r} is none of {known}")


def _read_number(kind: Any, value: Any) -> Iterator[Any]:
    if kind is int and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}", value.strip()):
        yield int(value)
    elif kind is float and isinstance(value, str):
        yield seconds_from(value)


def _read_list(kind: Any, value: Any) -> Iterator[Any]:
    """Options that take several objects take one as well."""
    inside = get_args(kind)
    if get_origin(kind) is None or not inside or get_origin(kind) in (Union, types.UnionType):
        return
    if isinstance(value, list | tuple):
        yield tuple(_read(inside[0], item) for item in value)
    elif isinstance(value, str | Mapping):
        yield (_read(inside[0], value),)


def _fields(kind: Any, table: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an option's object."""
    known = {field.name for field in fields(kind) if field.init}
    hints = get_type_hints(kind)
    for name in table:
        if name not in known:
            raise ValueError(f"it has no {name!r}; known: {', '.join(sorted(known))}")
    return {name: _read(hints[name], value) for name, value in table.items()}


def _rate(text: str) -> Rate:
    limit, slash, per = text.partition("/")
    if not slash or not re.fullmatch(r"\s*[0-9]{1,9}\s*", limit):
        raise ValueError(f"{text[:60]!r} is no rate such as 15/10s")
    per = per.strip()
    return Rate(int(limit), seconds_from(f"1{per}" if per.isalpha() else per))


def _retry(value: Any, chance: Callable[[], float] | None) -> Retry | None:
    """``retry`` takes any function; here it is a `Retry`, by its attempts or by its fields."""
    if not isinstance(value, Mapping):
        attempts = _read(int | None, value)
        if attempts is None:
            return None
        value = {"attempts": attempts}
    if unusable := {"on", "chance"} & set(value):
        raise ValueError(f"{unusable.pop()!r} cannot be simulated")
    made = {**_fields(Retry, value), **({"chance": chance} if chance else {})}
    return Retry(**made)


def _worded(name: str, value: Any) -> str:
    written = _written(value)
    return {"true": name, "false": f"not {name}"}.get(written.lower(), f"{name} {written}")


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{key} {_written(item)}" for key, item in value.items()) + ")"
    if isinstance(value, list | tuple):
        return " and ".join(_written(item) for item in value)
    return "none" if value is None else str(value)
