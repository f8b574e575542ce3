"""The ground of services that are alike: a usual address, a key, fields of one's own."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, Self, TypedDict, TypeVar

from limner.backends.http.connecting import Connecting
from limner.backends.http.refusal import Remedies
from limner.backends.http.secrets import bearer, clean_key
from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import Timeouts
from limner.backends.images.support.checking import PictureLimits
from limner.backends.images.support.extra import read_extra
from limner.backends.images.support.server_backend import ServerBackend
from limner.backends.options import option, read_options


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What can be chosen at any of them."""

    extra: str = option("", help="a JSON object whose fields are added to each request")
    references: str = option("", help="the folder of the reference pictures meant for this server")


ServiceOptionsT = TypeVar("ServiceOptionsT", bound=ServiceOptions)


class Given(TypedDict, Generic[ServiceOptionsT], total=False):
    """What `ServiceBackend` is given by name."""

    key: str | None
    options: ServiceOptionsT | None
    timeouts: Timeouts | None
    limits: PictureLimits | None
    connecting: Connecting | None


class ServiceBackend(ServerBackend[ServiceOptionsT], ABC):
    """Draws at such a service. Making one does no I/O.

    Args:
        url: The service's address; ``None``: its usual one.
        key: The key for it; ``None``: there is none.
        options: What to draw with.
        timeouts: Bounds.
        limits: How large a picture may be.
        connecting: How the server is asked: headers of one's own, a proxy.

    Raises:
        limner.errors.BackendRejected: The URL or the key cannot be used.
        limner.errors.ConfigError: The option ``extra`` is no JSON object, or ``references`` no
            folder.

    Attributes:
        key: The key, without blanks around it; ``""``: there is none.
        home: The service's usual address.
        spoken: What its protocol is called in errors.
        remedies: What a person can do about a refusal.
        routes: What may stand at an address's end, and is taken off: the last is looked for first.
    """

    home: ClassVar[str]
    spoken: ClassVar[str]
    remedies: ClassVar[Remedies]
    routes: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        options: ServiceOptionsT | None = None,
        timeouts: Timeouts | None = None,
        limits: PictureLimits | None = None,
        connecting: Connecting | None = None,
    ) -> None:
        self.key = clean_key(key)
        own = options or self.default_options()
        read_extra(own.extra)  # a mistake in it is told before anything is drawn
        root = (url or self.home).rstrip("/")
        for route in reversed(self.routes):
            root = root.removesuffix(route)
        session = ServerSession(
            root, kind=self.spoken, headers=self.headers(self.key), secrets=[self.key],
            remedies=self.remedies, timeouts=timeouts, connecting=connecting, hosts=self.hosts(own),
        )  # fmt: skip
        super().__init__(session, options=own, limits=limits, references=own.references)
        self.begin()

    def begin(self) -> None:
        """Set up what it keeps beside that."""

    @classmethod
    def from_url(
        cls, url: str | None, *, options: Mapping[str, str], key: str | None = None
    ) -> Self:
        """As `limner.illustration.make_backend` makes it.

        Raises:
            limner.errors.ConfigError: An option is unknown or wrong.
            limner.errors.BackendRejected: The URL or the key cannot be used.
        """
        own, connecting = Connecting.of(options)
        read = read_options(type(cls.default_options()), own, backend=cls.kind)
        return cls(cls.address(url or cls.home), key=key, options=read, connecting=connecting)

    @classmethod
    @abstractmethod
    def default_options(cls) -> ServiceOptionsT:
        """What it draws with where nobody says otherwise."""

    @classmethod
    def address(cls, url: str) -> str:
        """An address as it is meant."""
        return url

    @classmethod
    def headers(cls, key: str) -> Mapping[str, str]:
        """How a key is shown."""
        return bearer(key)

    @classmethod
    def hosts(cls, options: ServiceOptionsT) -> tuple[str, ...]:
        """Other hosts from which its pictures may be fetched."""
        return ()


def with_version(url: str) -> str:
    """An address with the usual ``/v1`` where it is a host alone.

    Examples:
        >>> with_version("http://here:8080"), with_version("http://here/api")
        ('http://here:8080/v1', 'http://here/api')
    """
    bare = url.count("/") <= 2 + url.endswith("/")
    return url.rstrip("/") + "/v1" * bare
