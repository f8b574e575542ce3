"""A backend's own options: typed, checked, and partly open to the tags of a text.

A backend describes its options as a frozen dataclass::

    @dataclass(frozen=True, slots=True, kw_only=True)
    class A1111Options:
        model: str = option("", help="the checkpoint; empty: the one that is loaded")
        steps: Annotated[int, Meta(ge=1, le=150)] = option(25, per_picture=True, help="…")

    options = read_options(A1111Options, {"steps": "30"}, backend="a1111")
    options, ignored = overridden(options, request.attributes)

Types may be ``str``, ``int``, ``float``, ``bool``, ``Literal[…]``, ``… | None`` and
``tuple[str, …]`` (written with commas), with the bounds of `msgspec.Meta`. What stands in an
address or in the settings was written by its owner: a mistake there is a
`limner.errors.ConfigError` that names what there is. What stands in a tag was written by a model:
a bad value, or an option that is not open to tags, is left out and told in the picture's ``info``.
"""

import typing
from collections.abc import Mapping
from dataclasses import Field, field, fields, replace
from difflib import get_close_matches
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

import msgspec

from limner.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

OptionsT = TypeVar("OptionsT", bound="DataclassInstance")

_TAG_WORDS = frozenset(("size", "seed", "style", "shot", "character", "reference"))
"""Attributes of a tag that are not for backends."""


def option(
    default: Any,
    *,
    help: str,  # noqa: A002 - the usual word
    per_picture: bool = False,
    secret: bool = False,
) -> Any:
    """A field of an options class.

    Args:
        default: Its value if nobody says otherwise.
        help: What it does, in a few words.
        per_picture: Whether a tag may set it for its own picture.
        secret: Whether it must not be shown.
    """
    metadata = {"help": help, "per_picture": per_picture, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)


def read_options(kind: type[OptionsT], given: Mapping[str, str], *, backend: str) -> OptionsT:
    """Options from text, as it stands in an address or in the settings.

    Raises:
        limner.errors.ConfigError: One is unknown or its value is wrong.

    Examples:
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Options:
        ...     steps: int = option(25, help="how many steps")
        >>> read_options(Options, {"steps": "30"}, backend="mine")
        Options(steps=30)
        >>> read_options(Options, {"step": "30"}, backend="mine")
        Traceback (most recent call last):
        limner.errors.ConfigError: ... no option 'step'; did you mean 'steps'? There are: steps
    """
    known = {each.name: each for each in fields(kind)}
    values = {}
    for name, text in given.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ConfigError(
                f"the backend {backend!r} has no option {name!r}; {hint}There are: "
                f"{', '.join(known) or 'none'}"
            )
        try:
            values[name] = _value(kind, name, text)
        except ValueError as why:
            raise ConfigError(
                f"the option {name!r} of the backend {backend!r} cannot be {text!r}: {why}"
            ) from None
    return kind(**values)


def overridden(options: OptionsT, attributes: Mapping[str, str]) -> tuple[OptionsT, dict[str, str]]:
    """The options for one picture: those that its tag sets and may set go before.

    Args:
        options: The backend's.
        attributes: The tag's attributes.

    Returns:
        The options, and what was left out and why, by name; attributes that are no options of
        this backend are not its business and not told.
    """
    known = {each.name: each for each in fields(options)}
    values: dict[str, Any] = {}
    ignored: dict[str, str] = {}
    for written, text in attributes.items():
        name = written.replace("-", "_")
        if name not in known or name in _TAG_WORDS:
            continue
        if not known[name].metadata.get("per_picture"):
            ignored[written] = "cannot be set by a tag"
            continue
        try:
            values[name] = _value(type(options), name, text)
        except ValueError as why:
            ignored[written] = f"{text[:40]!r}: {why}"
    return replace(options, **values), ignored


def described(kind: type["DataclassInstance"]) -> list[tuple[str, str, bool]]:
    """Name, help, and whether a tag may set it, of every option; for help pages."""
    return [
        (each.name, str(each.metadata.get("help", "")), bool(each.metadata.get("per_picture")))
        for each in fields(kind)
    ]


def told(options: "DataclassInstance") -> dict[str, object]:
    """The options that are not as they are by default, for identities and ``info``: no secrets."""

    def changed(each: Field[Any]) -> bool:
        return not each.metadata.get("secret") and bool(getattr(options, each.name) != each.default)

    return {each.name: getattr(options, each.name) for each in fields(options) if changed(each)}


def _value(kind: type, name: str, text: str) -> object:
    """The text as the type of a field; a `ValueError` in plain words if it cannot be."""
    hint = typing.get_type_hints(kind, include_extras=True)[name]
    given: object = text.strip()
    if _is_list(hint):
        given = tuple(part for part in (part.strip() for part in text.split(",")) if part)
    elif not given and NoneType in get_args(hint):
        return None
    try:
        return msgspec.convert(given, hint, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(str(error).replace("`", "").lower()) from None


def _is_list(hint: Any) -> bool:
    return tuple in (get_origin(hint), *(get_origin(part) for part in get_args(hint)))
