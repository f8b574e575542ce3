"""What comes at the limiter: who asks how often for how many pictures, and how long they take."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator, model_validator
from pydantic.dataclasses import dataclass

from limner.simulation.day import FLAT, Day, day_from
from limner.simulation.distribution import Constant, Distribution, Lognormal, distribution_from
from limner.simulation.nodes import Nodes
from limner.simulation.seconds import in_words, seconds_from
from limner.simulation.server import Server
from limner.simulation.tag_count import Between, TagCount, tag_count_from

MOST_PICTURES = 2_000_000
"""A workload that expects more is refused: its record would fill the memory."""

USERS = 50
ANSWERS_PER_HOUR = 12.0

_CONFIG = ConfigDict(extra="forbid")


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    return value


def _weights(value: Any) -> Any:
    """Weights as text, ``1,1,7`` or ``ada=1,bob=7``, are taken apart; other kinds stay."""
    if not isinstance(value, str):
        return value
    parts = [part.strip().rpartition("=") for part in value.split(",")]
    named = {name.strip(): weight for name, equals, weight in parts if equals}
    return named if len(named) == len(parts) else [weight for _, _, weight in parts]


Seconds = Annotated[float, PlainValidator(seconds_from)]
Count = Annotated[int, BeforeValidator(_no_bool), Field(ge=1, le=1_000_000)]
Positive = Annotated[float, BeforeValidator(_no_bool), Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, BeforeValidator(_no_bool), Field(ge=0, le=1, allow_inf_nan=False)]
Time = Annotated[Distribution, PlainValidator(distribution_from)]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Users:
    """Who asks, and when.

    Attributes:
        count: How many users there are; 50 if neither this nor ``weights`` is given.
        answers_per_hour: Answers that an average user has written in an hour; 12 if neither this
            nor one of the next two is given.
        answers_per_day: The same for a day.
        chats_per_day: How many chats all users together begin in a day, an answer each.
        arrivals: ``"poisson"``: by chance, each answer independent of the others; ``"fixed"``: each
            user regularly, the users one after another.
        spread: How much users differ: the sigma of a lognormal activity. 0: all alike; at 1 the
            busiest of a hundred ask ten times as much as half of them.
        weights: The users' activities, as a list or by their names; then ``count`` is not needed.
        day: How busy the parts of a day are; the simulation starts at midnight.
    """

    count: Count | None = None
    answers_per_hour: Positive | None = None
    answers_per_day: Positive | None = None
    chats_per_day: Positive | None = None
    arrivals: Literal["poisson", "fixed"] = "poisson"
    spread: Annotated[float, BeforeValidator(_no_bool), Field(ge=0, le=5)] = 0.0
    weights: Annotated[
        tuple[Positive, ...] | dict[str, Positive] | None, BeforeValidator(_weights)
    ] = None
    day: Annotated[Day, PlainValidator(day_from)] = FLAT

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        paces = self.answers_per_hour, self.answers_per_day, self.chats_per_day
        if sum(pace is not None for pace in paces) > 1:
            raise ValueError("give answers_per_hour, answers_per_day or chats_per_day, not both")
        if self.weights is not None:
            if not self.weights:
                raise ValueError("weights names no user")
            if self.spread:
                raise ValueError("give spread or weights, not both")
            if self.count not in (None, len(self.weights)):
                raise ValueError(f"there are {len(self.weights)} weights for {self.count} users")
        return self

    @property
    def number(self) -> int:
        """How many users there are."""
        return len(self.weights) if self.weights is not None else self.count or USERS

    @property
    def rate(self) -> float:
        """Answers a second of all users together, over the whole day."""
        if self.chats_per_day is not None:
            return self.chats_per_day / 86400
        if self.answers_per_day is not None:
            return self.number * self.answers_per_day / 86400
        return self.number * (self.answers_per_hour or ANSWERS_PER_HOUR) / 3600

    @property
    def crowd(self) -> str:
        """How many users there are, and whether they differ, in words."""
        crowd = "1 user" if self.number == 1 else f"{self.number:,} users"
        alike = self.weights is None and not self.spread
        return crowd if alike else f"{crowd}, some busier than others"

    @property
    def pace(self) -> str:
        """How often an average user asks, in words."""
        if self.chats_per_day is not None:
            pace = f"{self.chats_per_day:,.10g} chats a day of all"
        elif self.answers_per_day is not None:
            pace = f"{self.answers_per_day:g} answers a day each"
        else:
            pace = f"{self.answers_per_hour or ANSWERS_PER_HOUR:g} answers an hour each"
        peak = self.day.busiest
        return f"{pace} ({peak:.1f} times as many in the busiest hours)" if peak > 1 else pace

    def name(self, owner: int) -> str:
        """What to call a user: the name in ``weights``, or ``user 1`` and so on."""
        if isinstance(self.weights, dict):
            return tuple(self.weights)[owner]
        return f"user {owner + 1}"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Answers:
    """What one answer asks for.

    Attributes:
        tags: Pictures an answer asks for.
        writing_time: Seconds from an answer's first character to its last.
        spacing: When its tags close within it: ``"even"``, at equal distances; ``"random"``; or
            ``"end"``, all with the last character, as when the whole text is read at once.
    """

    tags: Annotated[TagCount, PlainValidator(tag_count_from)] = Between(3, 3)
    writing_time: Time = Constant(30.0)
    spacing: Literal["even", "random", "end"] = "even"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Pictures:
    """What drawing a picture is like.

    Attributes:
        time: Seconds that one attempt takes.
        failures: The share of attempts that fail, at their end.
        expiration: Seconds after which an attempt is stopped; ``None``: never.
        queue_timeout: Seconds after which a waiting picture is given up; ``None``: never.
    """

    time: Time = Lognormal(4.0, 0.4)
    failures: Share = 0.0
    expiration: Seconds | None = None
    queue_timeout: Seconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Workload:
    """Everything about the traffic and the server, nothing about the limits.

    Attributes:
        duration: Seconds in which answers begin; what they ask for is drawn to the end.
        seed: The same seed gives the same traffic, whatever the limits.
        users, answers, pictures: See there.
        server: What draws; ``None``: whatever the limits let through, as long as a picture takes.
        nodes: The servers and workers of a cluster; ``None``: it is one process.

    Raises:
        ValueError: Something makes no sense, or more than two million pictures would come.

    Here the fields are objects; `scenario_from` makes them of what people write, ``"4s"``.

    Examples:
        >>> workload = Workload(duration=3600, users=Users(count=10, answers_per_hour=6))
        >>> workload.duration, workload.expected_pictures
        (3600.0, 180.0)
    """

    duration: Annotated[float, PlainValidator(seconds_from), Field(gt=0)] = 3600.0
    seed: Annotated[int, BeforeValidator(_no_bool)] = 1
    users: Users = Users()
    answers: Answers = Answers()
    pictures: Pictures = Pictures()
    server: Server | None = None
    nodes: Nodes | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.duration <= 0:
            raise ValueError("duration must be more than 0 seconds")
        if self.nodes is not None and self.pictures.queue_timeout is not None:
            raise ValueError("pictures.queue_timeout cannot be simulated with several nodes")
        if self.expected_pictures > MOST_PICTURES:
            raise ValueError(
                f"about {self.expected_pictures:.2g} pictures would come; "
                f"the most is {MOST_PICTURES:,}"
            )
        return self

    def __str__(self) -> str:
        """The traffic in a sentence."""
        told = [
            self.users.crowd,
            self.users.pace,
            f"{self.answers.tags} pictures an answer",
            f"{self.pictures.time} a picture",
        ]
        if self.pictures.failures:
            told.append(f"{self.pictures.failures:.3g} of the attempts fail")
        if self.server is not None:
            told.append(f"at {self.server}")
        if self.nodes is not None:
            told.append(f"by {self.nodes}")
        return f"{', '.join(told)}, for {in_words(self.duration)} (seed {self.seed})"

    @property
    def expected_pictures(self) -> float:
        """How many pictures are to be expected, if all parts of the day come up alike."""
        return self.users.rate * self.duration * self.answers.tags.mean
