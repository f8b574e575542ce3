"""The settings of a guard."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRules:
    """The settings of a `Guard`: which requests it lets in.

    Attributes:
        public_url: Under which browsers reach the server.
        hosts: More host names by which it may be called; ``*.example.org`` means all below it.
        origins: Web pages of others that may use it: ``https://host``, or ``*`` for all.
        token_required: Whether nobody gets in without a token even if there is none at all.
        household: Whether everybody who has a token may do everything.
        trusted_user: The header by which reverse proxies say who asks.
        trusted_proxies: The addresses and networks at which they are believed.
        admins: Those of whom they say so who may do everything.
        body_bytes: What the body of a request may have.
        body_seconds: In which it must be there.
        header_bytes: What the head of a request may have.
        requests_per_token: Requests of one token at the same time.
    """

    public_url: str = "http://127.0.0.1:8750"
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    token_required: bool = False
    household: bool = True
    trusted_user: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    body_bytes: int = 64 << 20
    body_seconds: float = 120.0
    header_bytes: int = 32 << 10
    requests_per_token: int = 32
