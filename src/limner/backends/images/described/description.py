"""How a picture service is spoken to, as data: a TOML file.

The files of the services that are ready stand in ``services``; each names the source of what it
says. One's own is given by its path::

    url = "https://pictures.example/api"
    key = { header = "X-Key", form = "%key%" }

    [draw]
    path = "/jobs"
    body = { text = "%prompt%", seed = "%seed%" }

    [poll]
    path = "/jobs/%id%"
    id = "job"
    status = "state"
    done = ["ready"]
    failed = ["error"]

    [picture]
    at = ["images.0.url"]
"""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec

from limner.backends.images.described.json_path import check_path
from limner.backends.images.described.template import marks
from limner.errors import ConfigError

LARGEST = 256 << 10
"""Bytes of a description."""

REFERENCES = ("reference", "reference_2", "reference_3", "reference_4")
"""The marks of reference pictures: as a ``data:`` URI; the same with ``_base64`` and ``_type``."""

ASKED = frozenset(
    ("prompt", "negative_prompt", "width", "height", "size", "aspect", "seed", "model", "steps",
     "cfg", "sampler", *(mark + form for mark in REFERENCES for form in ("", "_base64", "_type")))
)  # fmt: skip
"""What can be put into a request: what is asked for, and how."""


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a key is shown.

    Attributes:
        header: In which header.
        form: What stands there, with ``%key%``.
    """

    header: str = "Authorization"
    form: str = "Bearer %key%"


class Look(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked once, before anything is drawn.

    Attributes:
        path: Where.
        values: What is learnt there: names, and the paths in the answer.
    """

    path: str
    values: dict[str, str]


class Draw(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The request that draws, or begins to.

    Attributes:
        path: Where, below the service's address.
        method: How.
        body: What is sent, with marks.
        send: As what: JSON, or the fields of a form.
        headers: Further headers.
        query: Further parameters of the address.
    """

    path: str
    method: Literal["POST", "PUT", "GET"] = "POST"
    body: dict[str, Any] = {}
    send: Literal["json", "form"] = "json"
    headers: dict[str, str] = {}
    query: dict[str, str] = {}


class Poll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a service that draws in the background is asked how far it is.

    Attributes:
        id: Where the answer to `Draw` tells the name of the drawing.
        url: Where that answer tells the address to ask; ``""``: `path` is asked.
        path: What is asked otherwise, with ``%id%``.
        method: How.
        every: Seconds between two questions.
        status: Where its answer tells how it stands.
        done: What stands there when the picture is drawn.
        failed: What stands there when it will never be.
        refused: What stands there when the content filter said no.
        running: What stands there while it is drawn; anything else is waiting.
        ahead: Where it tells how many are before it.
        progress: Where it tells how far it is, from 0 to 1.
        reason: Where it tells why it failed.
    """

    id: str = "id"
    url: str = ""
    path: str = ""
    method: Literal["GET", "POST"] = "GET"
    every: float = 1.0
    status: str = "status"
    done: tuple[str, ...]
    failed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    ahead: str = ""
    progress: str = ""
    reason: tuple[str, ...] = ("error", "message")


class Picture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the picture is.

    Attributes:
        result: Where the last answer tells an address that tells of the picture; ``""``: it does so
            itself.
        at: Paths of the picture, the first counts that is there; it is a URL, a ``data:`` URI or
            base64. None: the answer itself is the picture, or a ZIP with it.
        path: Where it is fetched from, with ``%found%`` for what stands there.
        refused: Paths where something stands if the content filter said no.
        seed: Where the seed is told.
        cost: Where it is told what it cost.
    """

    result: str = ""
    at: tuple[str, ...] = ()
    path: str = ""
    refused: tuple[str, ...] = ()
    seed: str = ""
    cost: str = ""


class Cancel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a drawing is taken back.

    Attributes:
        method: How.
        url: Where the answer to `Draw` tells the address for it.
        path: What is asked otherwise, with ``%id%``.
        body: What is sent.
    """

    method: Literal["POST", "PUT", "DELETE", "GET"] = "POST"
    url: str = ""
    path: str = ""
    body: dict[str, Any] = {}


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What pictures cost.

    Attributes:
        amount: For a picture, about; ``None``: it is not known.
        unit: Of what.
        note: What more there is to know.
    """

    amount: float | None = None
    unit: str = "USD"
    note: str = ""


class Description(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture service.

    Attributes:
        name: What it is called.
        source: Where it is written that it speaks so.
        url: Its address; where it ends in a word in capitals, that is one's own to fill in.
        hosts: Other hosts from which its pictures are fetched.
        relatives: Other hosts that are the service too, and are shown the key.
        key: How the key is shown.
        model: The model, if none is named.
        grid: What sides are multiples of.
        largest: The longer side at most.
        aspects: The shapes that ``%aspect%`` may be.
        size: How ``%size%`` is written.
        look: What is asked once before.
        draw: The request that draws.
        poll: How it is asked how far it is; ``None``: the answer to `draw` has the picture.
        picture: Where the picture is.
        cancel: How a drawing is taken back; ``None``: by closing the connection.
        filters: Words by which its content filter is known.
        price: What pictures cost.
    """

    name: str
    source: str = ""
    url: str = ""
    hosts: tuple[str, ...] = ()
    relatives: tuple[str, ...] = ()
    key: Key = Key()
    model: str = ""
    grid: int = 8
    largest: int = 2048
    aspects: tuple[str, ...] = ("1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16")
    size: str = "%width%x%height%"
    look: Look | None = None
    draw: Draw
    poll: Poll | None = None
    picture: Picture = Picture()
    cancel: Cancel | None = None
    filters: tuple[str, ...] = ()
    price: Price = Price()

    @classmethod
    def parse(cls, text: str, *, source: str) -> "Description":
        """The description in a text.

        Raises:
            limner.errors.ConfigError: It is none; the message says where it is wrong.

        Examples:
            >>> Description.parse('name = "x"', source="x.toml")
            Traceback (most recent call last):
            limner.errors.ConfigError: x.toml: object missing required field `draw`
        """
        try:
            read = msgspec.convert(tomllib.loads(text), cls)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{source} is no TOML: {error}") from None
        except msgspec.ValidationError as error:
            told = str(error)
            raise ConfigError(f"{source}: {told[:1].lower()}{told[1:]}") from None
        _check(read, source)
        return read

    @classmethod
    def read(cls, name: str) -> "Description":
        """A description by its name, if it is one that is ready, else by its path.

        Raises:
            limner.errors.ConfigError: There is none, or it is wrong.
        """
        if name in service_names():
            text = (files(__package__) / "services" / f"{name}.toml").read_text("utf-8")
            return cls.parse(text, source=name)
        if not name or not name.endswith(".toml"):
            raise ConfigError(
                f"there is no service {name!r}; give a file NAME.toml, or one of: "
                f"{', '.join(service_names())}"
            )
        try:
            with Path(name).expanduser().open("rb") as file:
                data = file.read(LARGEST + 1)
            if len(data) > LARGEST:
                raise ConfigError(f"{name} has more than {LARGEST:,} bytes")
            return cls.parse(data.decode("utf-8"), source=name)
        except (OSError, ValueError, RuntimeError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise ConfigError(f"cannot read the description {name!r}: {why.lower()}") from None

    @property
    def reference_places(self) -> int:
        """For how many reference pictures there is a place in its requests."""
        return sum(self.takes(mark) or self.takes(f"{mark}_base64") for mark in REFERENCES)

    def takes(self, name: str) -> bool:
        """Whether there is a place in its requests for what is asked for."""
        used = {*marks(self.draw.body), *marks(self.draw.path), *marks(self.draw.query)}
        return name in used


def service_names() -> list[str]:
    """The services that are ready.

    Examples:
        >>> "fal" in service_names()
        True
    """
    found = (one.name for one in (files(__package__) / "services").iterdir())
    return sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml"))


def _check(read: Description, source: str) -> None:
    """Refuse paths that are none, marks that nobody fills, and a poll that has no address."""
    poll, picture, cancel = read.poll, read.picture, read.cancel
    paths = [*picture.at, *picture.refused, picture.result, picture.seed, picture.cost]
    if poll is not None:
        paths += [poll.id, poll.url, poll.status, poll.ahead, poll.progress, *poll.reason]
        if not (poll.url or poll.path):
            raise ConfigError(f"{source}: poll needs url or path")
    if read.look is not None:
        paths += [path.replace("%", "") for path in read.look.values.values()]
    paths += [cancel.url] if cancel is not None else []
    wrong = next((path for path in paths if path and not check_path(path)), None)
    if wrong is not None:
        raise ConfigError(f"{source}: {wrong!r} is no path of an answer")
    known = ASKED | set(read.look.values if read.look is not None else ())
    unknown = sorted({*marks(read.draw.body), *marks(read.draw.path)} - known)
    if unknown:
        raise ConfigError(
            f"{source}: %{unknown[0]}% is nothing that can be put in; there are: "
            f"{', '.join(sorted(known))}"
        )
