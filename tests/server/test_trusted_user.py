"""Users whom a reverse proxy has let in are known by its header, and by its address only."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.server.served import TOKEN, served

from limner.config import ServeSettings
from limner.server.guard.trusted_header import TrustedHeader

pytestmark = pytest.mark.real_time

HERE = ("127.0.0.0/8", "::1")


def believing(*proxies: str, **more: Any) -> dict[str, Any]:
    """Settings of a server behind a proxy that says who asks."""
    return {"trusted_user": "X-User", "trusted_proxies": proxies or HERE, **more}


async def test_whom_the_proxy_names_needs_no_token(tmp_path: Path) -> None:
    """All others do; without any token, too, where else nobody needs one."""
    async with served(tmp_path, **believing()) as server:
        ann = {"X-User": "ann@example.org"}
        for path in ("/api/chats", "/v1/models", "/metrics", "/"):
            assert await server.status("GET", path, headers=ann) == 200, path
            assert await server.status("GET", path) == 401, path
            assert await server.status("GET", path, headers={"X-User": " "}) == 401, path


async def test_the_header_says_nothing_from_anywhere_else(tmp_path: Path) -> None:
    """Whoever reaches the server past the proxy may write into it what they like."""
    async with served(tmp_path, **believing("10.0.0.0/8")) as server:
        for name in ("X-User", "X-Forwarded-For", "Forwarded"):
            said = {"X-User": "ann", name: "10.0.0.1"}
            assert await server.status("GET", "/api/chats", headers=said) == 401


async def test_a_page_of_others_asks_in_nobodys_name(tmp_path: Path) -> None:
    """The proxy names whoever uses the browser, whatever page has it ask."""
    async with served(tmp_path, **believing()) as server:
        for site in ("cross-site", "same-site"):
            led = {"X-User": "ann", "Sec-Fetch-Site": site}
            assert await server.status("GET", "/api/chats", headers=led) in (401, 403)
            assert await server.status("POST", "/v1/chat/completions", headers=led) in (401, 403)
        own = {"X-User": "ann", "Sec-Fetch-Site": "same-origin"}
        assert await server.status("GET", "/api/chats", headers=own) == 200


async def test_users_have_theirs_to_themselves_and_admins_all(tmp_path: Path) -> None:
    """Where `household` is off; a token of the same name is the same user."""
    more: dict[str, Any] = {"household": False, "admins": ("root",), "tokens": {"ann": TOKEN}}
    async with served(tmp_path, **believing(**more)) as server:
        ann, root = {"X-User": "ann"}, {"X-User": "root"}
        assert await server.status("POST", "/api/queue/pause", headers=ann) == 403
        assert await server.status("POST", "/api/queue/pause", headers=root) < 300
        made = await server.status("POST", "/api/chats", headers=ann, json={"id": "tale"})
        assert made == 201
        with_token = {"Authorization": f"Bearer {TOKEN}"}
        assert await server.status("GET", "/api/chats/tale", headers=with_token) == 200
        assert await server.status("GET", "/api/chats/tale", headers={"X-User": "ben"}) == 404


@pytest.mark.parametrize(
    ("peer", "believed"),
    [("10.1.2.3", True), ("10.2.0.1", False), ("::ffff:10.1.0.9", True), ("fd00::1", True),
     ("fd01::1", False), ("", False), ("/run/limner.sock", False)],
)  # fmt: skip
def test_it_is_believed_at_the_addresses_of_proxies(peer: str, believed: bool) -> None:
    """Be they told as IPv4 or IPv6."""
    trusted = TrustedHeader("X-User", ["10.1.0.0/16", "fd00::/64"])
    assert (trusted.holder(peer, [(b"X-User", b"ann")]) is not None) == believed


async def test_a_header_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """Somebody has put one in before the proxy did."""
    async with served(tmp_path, **believing()) as server:
        twice = [("X-User", "root"), ("X-User", "ann")]
        assert await server.status("GET", "/api/chats", headers=twice) == 400


def test_one_without_the_other_is_a_mistake() -> None:
    """A header that everybody may write would let everybody in."""
    with pytest.raises(ValidationError, match="go together"):
        ServeSettings(trusted_user="X-User")
    with pytest.raises(ValidationError, match="go together"):
        ServeSettings(trusted_proxies=("10.0.0.1",))
    with pytest.raises(ValidationError):
        ServeSettings(trusted_user="X-User", trusted_proxies=("the proxy",))
