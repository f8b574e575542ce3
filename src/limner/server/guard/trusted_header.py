"""Whom a reverse proxy has let in: it says so in a header, and is believed at its own address."""

from collections.abc import Collection, Iterable
from ipaddress import IPv6Address, ip_address, ip_network

from limner.server.guard.credentials import plain_name
from limner.server.guard.refusal import Refusal
from limner.server.http.exchange import Header
from limner.server.tokens import TokenEntry


class TrustedHeader:
    """Knows users by a header that a reverse proxy sets, such as ``X-Forwarded-User``.

    From anywhere else the header says nothing: whoever reaches the server past the proxy could
    write whatever they like into it.

    Args:
        name: The header; ``None``: there is none that is believed.
        proxies: The networks of the reverse proxies, or their addresses.
        admins: The users who may do everything.

    Raises:
        ValueError: One of the networks is none.

    Examples:
        >>> trusted = TrustedHeader("X-Forwarded-User", ["10.1.0.0/16"], admins=["ann"])
        >>> trusted.holder("10.1.2.3", [(b"x-forwarded-user", b"ann")])
        TokenEntry(name='ann', created_at=None, front_end=False, admin=True)
        >>> trusted.holder("10.2.0.1", [(b"x-forwarded-user", b"ann")]) is None
        True
    """

    def __init__(
        self, name: str | None, proxies: Iterable[str], *, admins: Collection[str] = ()
    ) -> None:
        self._name = None if name is None else name.lower().encode("ascii")
        self._networks = tuple(ip_network(proxy) for proxy in proxies)
        self._admins = frozenset(admins)

    def holder(self, peer: str, headers: Iterable[Header]) -> TokenEntry | None:
        """Who asks; ``None``: the header does not say so, or not to be believed.

        Args:
            peer: The address of whoever is connected.
            headers: The request's.

        Raises:
            Refusal: It is there several times: somebody has put one in before the proxy did.
        """
        if self._name is None or not self._is_proxy(peer):
            return None
        said = [value for name, value in headers if name.lower() == self._name]
        if len(said) > 1:
            raise Refusal(400, "bad_user", "a request says more than once whose it is")
        user = said[0].decode("utf-8", "surrogateescape").strip() if said else ""
        if not user:
            return None
        return TokenEntry(plain_name(user), admin=user in self._admins)

    def _is_proxy(self, peer: str) -> bool:
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False  # a socket file, say
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)
