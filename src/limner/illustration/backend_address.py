"""Where a picture server is, as people write it: ``NAME`` or ``KIND+URL?option=value``."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl

from limner.errors import ConfigError, UnknownBackend

_KIND = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_SECRET_NAMES = frozenset(
    ("key", "password", "secret", "token", "auth", "authorization", "cookie", "apikey")
)


@dataclass(frozen=True, slots=True)
class BackendAddress:
    """A backend's kind and, for those that are somewhere, where, and how it is set.

    Attributes:
        kind: The name of the backend's entry point.
        url: Where it is: a URL, or a path for those that load a model; ``None``: it needs no
            place. It may hold a password.
        options: The backend's own options, from the query.
        password: Whether a password stands in the URL.

    Examples:
        >>> address = BackendAddress.parse("a1111+http://me:secret@host:7860?steps=25")
        >>> address
        BackendAddress('a1111+http://host:7860')
        >>> dict(address.options), address.password
        ({'steps': '25'}, True)
        >>> BackendAddress.parse("horde").url is None
        True
    """

    kind: str
    url: str | None = field(default=None)
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def parse(cls, text: str, *, kinds: Iterable[str] = ()) -> "BackendAddress":
        """Read an address.

        Args:
            text: ``sketch``, ``horde?models=Deliberate``, ``a1111+http://host:7860``,
                ``diffusers+/path/of/model``, … What follows a ``?`` are options.
            kinds: The kinds there are, to name them where none was given.

        Raises:
            limner.errors.UnknownBackend: There is a URL without a kind, or no kind at all.
            limner.errors.ConfigError: An option has no value, stands there twice, or is a key.
        """
        text = text.strip()
        place, _, query = text.partition("?")
        kind, plus, url = place.partition("+")
        shown = _without_user(place)
        if "://" in kind or not _KIND.fullmatch(kind) or (plus and not url):
            hint = f"write KIND+URL, such as a1111+{shown}" if "://" in kind else ""
            raise UnknownBackend(shown, kinds, hint=hint)
        return cls(kind, url if plus else None, MappingProxyType(_options(query, shown)))

    @property
    def password(self) -> bool:
        """Whether a password (or a key as user name) stands in the URL."""
        return self.url is not None and _without_user(self.url) != self.url

    def __str__(self) -> str:
        return self.kind if self.url is None else f"{self.kind}+{_without_user(self.url)}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


def is_secret(name: str) -> bool:
    """Whether an option's value must not be shown, by its name.

    Examples:
        >>> is_secret("header.X-Api-Key"), is_secret("steps")
        (True, False)
    """
    return not _SECRET_NAMES.isdisjoint(re.split(r"[_.\W]+", name.lower()))


def _without_user(url: str) -> str:
    """The address without ``user:password@``, however odd it is."""
    scheme, separator, rest = url.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}" if separator else url


def _options(query: str, shown: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise ConfigError(f"what follows ? in {shown} must be option=value&option=value") from None
    options: dict[str, str] = {}
    for written, value in pairs:
        name = written.strip()
        name = name if name.startswith("header.") else name.replace("-", "_")
        if is_secret(name):
            raise ConfigError(
                f"{name!r} must not stand in the address of {shown}, where others can see it; "
                "set LIMNER_BACKEND_KEY, or put it into the settings file"
            )
        if name in options:
            raise ConfigError(f"the option {name!r} of {shown} is given twice")
        options[name] = value
    return options
