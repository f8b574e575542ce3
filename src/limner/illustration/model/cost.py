"""What pictures cost: an amount of money, of a service's credits, or of a server's seconds."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from limner.illustration.model.image import Image

PICTURES, SECONDS = "pictures", "seconds"

_UNITS = {
    "picture": PICTURES,
    "pictures": PICTURES,
    "s": SECONDS,
    "sec": SECONDS,
    "second": SECONDS,
    "seconds": SECONDS,
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "credit": "credits",
}
MOST = 1e12
_MILLION = 1_000_000
_AMOUNT = re.compile(r"\s*(\d{1,12}(?:\.\d{1,9})?(?:e[+-]?\d{1,2})?)\s*([^\W\d_]{1,20}|[$€£])?\s*")


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount of something that runs out.

    Kept in whole millionths, so that sums are exact.

    Attributes:
        micros: How much, in millionths of the unit.
        unit: Of what: ``"pictures"``, ``"seconds"``, or money as its service calls it, a
            currency in capitals (``USD``), all else in small letters (``kudos``, ``anlas``).

    Examples:
        >>> str(Cost.read("0.04 usd")), str(Cost.of(10, "Kudos")), Cost.read("20")
        ('0.04 USD', '10 kudos', Cost(micros=20000000, unit='pictures'))
    """

    micros: int
    unit: str

    @classmethod
    def of(cls, amount: float, unit: str) -> "Cost":
        """So much of a unit, however that is written.

        Raises:
            ValueError: It is less than nothing, no number, or a part of a picture.
        """
        if isinstance(amount, bool) or not 0 <= amount < MOST:
            raise ValueError(f"an amount is a number from 0 to {MOST:.0e}, not {amount!r}")
        told = unit.strip()
        known = _UNITS.get(told.casefold())
        unit = known or (told.upper() if len(told) == 3 else told.lower())
        if unit == PICTURES and amount != int(amount):
            raise ValueError(f"a number of pictures is a whole number from 0, not {amount!r}")
        return cls(round(amount * _MILLION), unit)

    @classmethod
    def read(cls, text: str) -> "Cost":
        """An amount as people write it; without a unit it is pictures.

        Raises:
            ValueError: It cannot be read.
        """
        found = _AMOUNT.fullmatch(text)
        if found is None:
            raise ValueError(
                f"an amount is a number and a unit, such as 20 pictures, 2.50 USD, 900 kudos or "
                f"600 seconds, not {text!r}"
            )
        return cls.of(float(found[1]), found[2] or PICTURES)

    @property
    def amount(self) -> float:
        """How much, in the unit; a whole number where it is one."""
        whole, rest = divmod(self.micros, _MILLION)
        return whole if not rest else self.micros / _MILLION

    def __str__(self) -> str:
        unit = "picture" if self.unit == PICTURES and self.micros == _MILLION else self.unit
        return f"{number(self.amount)} {unit}"


def number(amount: float) -> str:
    """An amount as people read it.

    Examples:
        >>> number(2.0), number(0.0425), number(1e-05)
        ('2', '0.0425', '0.00001')
    """
    return f"{amount:.6f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Price:
    """What one picture costs, as far as that is known before.

    Attributes:
        cost: For a picture, or for each second that it takes.
        per_second: Which of the two.

    Examples:
        >>> Price.read("0.04 USD").of(seconds=9.0), str(Price.read("0.0005 USD/s").of(seconds=20))
        (Cost(micros=40000, unit='USD'), '0.01 USD')
    """

    cost: Cost
    per_second: bool = False

    @classmethod
    def read(cls, text: str) -> "Price":
        """A price as people write it, such as ``0.04 USD`` or ``0.0005 USD/s``.

        Raises:
            ValueError: It cannot be read, or is in pictures or seconds.
        """
        amount, slash, time = text.partition("/")
        cost = Cost.read(amount)
        if cost.unit in (PICTURES, SECONDS) or (slash and _UNITS.get(time.strip()) != SECONDS):
            raise ValueError(f"a price is such as 0.04 USD, or 0.0005 USD/s, not {text!r}")
        return cls(cost, bool(slash))

    def of(self, *, seconds: float) -> Cost:
        """What a picture costs that takes so long."""
        return (
            Cost(round(self.cost.micros * seconds), self.cost.unit)
            if self.per_second
            else self.cost
        )

    def __str__(self) -> str:
        return f"{self.cost}/s" if self.per_second else str(self.cost)


def told_cost(image: Image) -> Cost | None:
    """What a picture cost, as what drew it tells in ``info["cost"]``; ``None``: it does not.

    Examples:
        >>> told_cost(Image(data=b"", media_type="", width=1, height=1, info={"cost": "8 Buzz"}))
        Cost(micros=8000000, unit='buzz')
    """
    told = image.info.get("cost")
    try:
        return Cost.read(told) if isinstance(told, str) else None
    except ValueError:
        return None


def allowances(given: object) -> tuple[Cost, ...]:
    """What somebody allows: a number of pictures, amounts in words, or several of them.

    Raises:
        ValueError: It cannot be read.

    Examples:
        >>> [str(one) for one in allowances("20, 2.50 USD")], allowances(None)
        (['20 pictures', '2.5 USD'], ())
    """
    match given:
        case None:
            return ()
        case Cost():
            return (given,)
        case str():
            return tuple(Cost.read(part) for part in given.split(","))
        case bool():
            raise ValueError(f"an amount is a number from 0, not {given!r}")
        case int() | float():
            return (Cost.of(given, PICTURES),)
        case Iterable():
            return tuple(cost for one in given for cost in allowances(one))
    raise ValueError(f"an amount is a number from 0, not {given!r}")


def summed(costs: Iterable[Cost], unit: str) -> int:
    """How much of a unit there is in all, in millionths."""
    return sum(cost.micros for cost in costs if cost.unit == unit)


def dearest(costs: Iterable[Cost]) -> tuple[Cost, ...]:
    """Of each unit the largest amount.

    Examples:
        >>> [str(one) for one in dearest(allowances("1 USD, 3 USD, 2 kudos"))]
        ['3 USD', '2 kudos']
    """
    most: dict[str, int] = {}
    for cost in costs:
        most[cost.unit] = max(cost.micros, most.get(cost.unit, 0))
    return tuple(Cost(micros, unit) for unit, micros in most.items())


def in_words(costs: Sequence[Cost]) -> str:
    """Amounts as people read them.

    Examples:
        >>> in_words(allowances("1, 2.50 USD"))
        '1 picture, 2.5 USD'
    """
    return ", ".join(map(str, costs))
