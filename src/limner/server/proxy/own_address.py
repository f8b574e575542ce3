"""Which addresses are this server's own."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from limner.prompts import picture_id
from limner.server.proxy.picture_id import PictureId


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """The server as its browsers and its front-ends call it.

    Attributes:
        places: Host and path, each without a scheme and a slash at its end.
    """

    places: tuple[str, ...]

    @classmethod
    def of(cls, public_url: str, host: str | None = None) -> Self:
        """The address of a server.

        Args:
            public_url: Under which browsers reach it.
            host: As which it was called just now. What stands before it may have changed.
        """
        public = urlsplit(public_url.lower())
        path = public.path.rstrip("/")
        hosts = dict.fromkeys((public.netloc, (host or "").lower()))
        return cls(tuple(f"{one}{path}" for one in hosts if one))

    def holds(self, url: str) -> bool:
        """Whether an address is that of one of its pages.

        Examples:
            >>> own = OwnAddress.of("https://tales.example.org/a", "limner:8750")
            >>> own.holds("http://limner:8750/a/"), own.holds("https://tales.example.org/b/")
            (True, False)
        """
        place = _place(url)
        return any(place == one or place.startswith(f"{one}/") for one in self.places)

    def shows(self, url: str) -> bool:
        """Whether an address is that of a picture it gave out, if perhaps long ago.

        Examples:
            >>> OwnAddress.of("http://h").shows(f"http://h/images/{'0' * 40}.png?w=200")
            True
            >>> OwnAddress.of("http://h").shows(f"http://h/images/fox.png")
            False
        """
        name = picture_id(url)
        if name is None or PictureId.read(name) is None:
            return False
        place = _place(url).partition("?")[0].partition("#")[0]
        return place.removesuffix(f"/images/{name}.png") in self.places


def _place(url: str) -> str:
    return url.strip().lower().partition("://")[2]
