"""The forms of the server's own pages, sent by a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.serving import Beside, servers_beside
from tests.server.reverse_proxy import ReverseProxy, reverse_proxy
from tests.server.served import TOKEN, served

pytestmark = pytest.mark.real_time

TRUSTED = "127.0.0.1"
"""Here browsers tell in `Sec-Fetch-Site` where a request is from."""
PLAIN = "tales.test"
"""Here they do not: plain HTTP, as to another machine at home."""
PREFIX = "/limner"


@pytest.fixture
def beside() -> Iterator[Beside]:
    """Where servers run."""
    with servers_beside() as beside:
        yield beside


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without cookies."""
    context = browser.new_context()
    yield context
    context.close()


def begin(beside: Beside, place: Path, host: str, prefix: str = "") -> tuple[ReverseProxy, str]:
    """A reverse proxy with a server behind it, and where browsers reach the server."""
    front = beside.run(reverse_proxy(prefix))
    public = f"http://{host}:{front.port}{prefix}"
    server = beside.run(served(place, token=TOKEN, tokens={"anna": TOKEN + "2"}, public_url=public))
    front.target = server.address
    return front, public


def log_in(page: Page, token: str = TOKEN) -> None:
    """Type a token and send it."""
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Log in").click()


def is_in(page: Page) -> None:
    """The page is shown to somebody who has logged in."""
    expect(page.get_by_role("button", name="New chat")).to_be_visible()


def log_out(page: Page) -> None:
    """It is at the end of the settings."""
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name=re.compile("^Log out")).click()


def is_out(page: Page) -> None:
    """The page asks for a token."""
    expect(page.get_by_label("Token")).to_be_visible()


def cookies(context: BrowserContext, url: str) -> list[str]:
    """What the browser would show at an address."""
    return [cookie.get("value", "") for cookie in context.cookies(url)]


@pytest.mark.parametrize("host", [TRUSTED, PLAIN])
def test_people_log_in_and_out(
    beside: Beside, context: BrowserContext, tmp_path: Path, host: str
) -> None:
    """With a wrong token it is said and asked again; the cookie is out of reach of scripts."""
    _, public = begin(beside, tmp_path, host)
    page = context.new_page()
    page.goto(public)
    log_in(page, "wrong")
    expect(page.get_by_role("alert")).to_have_text("This token is not known here.")
    assert cookies(context, public) == []
    log_in(page)
    is_in(page)
    assert page.url.partition("#")[0] == f"{public}/"
    (cookie,) = context.cookies(public)
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Strict"
    page.reload()
    is_in(page)
    page.get_by_role("link", name="Connect", exact=True).click()
    page.get_by_role("link", name="/openapi.json").click()
    expect(page.locator("body")).to_contain_text('"openapi"')
    page.go_back()
    log_out(page)
    is_out(page)
    assert cookies(context, public) == []
    page.goto(f"{public}/login")
    log_in(page, TOKEN + "2")
    is_in(page)
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("button", name="Log out (anna)")).to_be_visible()


@pytest.mark.parametrize(
    ("strips", "keeps_host"),
    [
        (True, True),
        (False, False),
        pytest.param(True, False, marks=pytest.mark.proof),
        pytest.param(False, True, marks=pytest.mark.proof),
    ],
)
def test_people_log_in_and_out_below_a_path(
    beside: Beside, context: BrowserContext, tmp_path: Path, strips: bool, keeps_host: bool
) -> None:
    """Whatever the proxy does with the path; the token is shown to nobody beside it."""
    front, public = begin(beside, tmp_path, PLAIN, PREFIX)
    front.strips, front.keeps_host = strips, keeps_host
    page = context.new_page()
    page.goto(f"{public}/")
    log_in(page, "wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    log_in(page)
    is_in(page)
    assert page.url.partition("#")[0] == f"{public}/"
    assert cookies(context, f"{public}/api/chats") == [TOKEN]
    assert cookies(context, f"http://{PLAIN}:{front.port}/other") == []
    page.get_by_role("link", name="Connect", exact=True).click()
    page.get_by_role("link", name="/healthz").click()
    assert page.url == f"{public}/healthz"
    page.go_back()
    log_out(page)
    is_out(page)
    assert page.url.partition("#")[0] == f"{public}/"
    assert cookies(context, public) == []
    page.goto(f"{public}/?token={TOKEN}")
    page.get_by_role("button", name="Log in as default").click()
    is_in(page)
    assert page.url.partition("#")[0] == f"{public}/"


def test_a_proxy_that_hides_all_referrers_does_no_harm(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Then the form is from "null", and the browser's other sign counts."""
    front, public = begin(beside, tmp_path, TRUSTED)
    front.headers = {"Referrer-Policy": "no-referrer"}
    page = context.new_page()
    page.goto(public)
    with page.expect_request("**/login") as sent:
        log_in(page)
    assert sent.value.all_headers()["origin"] == "null"
    is_in(page)
    log_out(page)
    is_out(page)


def test_other_sites_do_not_learn_where_a_link_was(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Our addresses are nobody's business; our own pages may say them to us."""
    _, public = begin(beside, tmp_path, TRUSTED)
    context.route("http://elsewhere.test/**", lambda route: route.fulfill(body="hello"))
    page = context.new_page()
    page.goto(f"{public}/?token=unknown")
    with page.expect_request("http://elsewhere.test/**") as asked:
        page.evaluate("location.href = 'http://elsewhere.test/'")
    assert "referer" not in asked.value.all_headers()


FORM = """<form method="post" action="{url}" target="{target}" enctype="{kind}">
<input name="token" value="{token}"><button>Win</button></form>"""


def form(
    url: str, *, target: str = "_self", kind: str = "application/x-www-form-urlencoded"
) -> str:
    """A form of somebody else's that sends a token to our server."""
    return FORM.format(url=url, target=target, kind=kind, token=TOKEN + "2")


def in_a_sandbox(inner: str) -> str:
    """A page with a sandboxed frame."""
    text = inner.replace("&", "&amp;").replace('"', "&quot;")
    return f'<iframe sandbox="allow-forms allow-top-navigation" srcdoc="{text}"></iframe>'


@pytest.mark.parametrize("host", [TRUSTED, PLAIN])
@pytest.mark.parametrize("how", ["from another site", "from a sandboxed frame at our own address"])
def test_forms_of_others_do_nothing(
    beside: Beside, context: BrowserContext, tmp_path: Path, host: str, how: str
) -> None:
    """Nobody is logged in as somebody else, or out, and nothing is begun in their name."""
    front, public = begin(beside, tmp_path, host, PREFIX)
    page = context.new_page()
    page.goto(f"{public}/")
    log_in(page)
    is_in(page)
    evil = ["http://evil.test/", ""]
    context.route(
        f"{evil[0]}**", lambda route: route.fulfill(body=evil[1], content_type="text/html")
    )
    for path in ("/login", "/logout", "/api/chats"):
        kind = "text/plain" if path == "/api/chats" else "application/x-www-form-urlencoded"
        sent = form(f"{public}{path}", target="_top", kind=kind)
        if how == "from another site":
            evil[1] = sent
            page.goto(evil[0])
            button = page.get_by_role("button", name="Win")
        else:
            front.others["/evil"] = in_a_sandbox(sent)
            page.goto(f"http://{host}:{front.port}/evil")
            button = page.frame_locator("iframe").get_by_role("button", name="Win")
        with page.expect_navigation(), page.expect_response(f"{public}{path}") as answered:
            button.click()  # else the next page would be asked for while this one still comes
        asked = answered.value.request.all_headers()
        assert answered.value.status == 403, asked
        if how != "from another site":
            assert asked["origin"] == "null"
        assert cookies(context, f"{public}/") == [TOKEN]


@pytest.mark.parametrize("host", [TRUSTED, PLAIN])
def test_a_link_on_another_page_asks_before_it_logs_in(
    beside: Beside, context: BrowserContext, tmp_path: Path, host: str
) -> None:
    """Its page must not have somebody work under a name that is not theirs; they may agree."""
    _, public = begin(beside, tmp_path, host)
    link = f'<a href="{public}/?token={TOKEN}2">pictures</a>'
    context.route(
        "http://evil.test/**", lambda route: route.fulfill(body=link, content_type="text/html")
    )
    page = context.new_page()
    page.goto("http://evil.test/")
    page.get_by_role("link", name="pictures").click()
    expect(page.get_by_text("A link on another page wants to log you in")).to_be_visible()
    assert cookies(context, public) == []
    page.get_by_role("button", name="Log in as anna").click()
    is_in(page)
    expect(page).to_have_url(re.compile(r".*/(#.*)?$"))


def test_a_link_that_somebody_opens_logs_in_at_once(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """From a terminal, a mail or the address bar; the token does not stay in the address."""
    _, public = begin(beside, tmp_path, TRUSTED)
    page = context.new_page()
    page.goto(f"{public}/?token={TOKEN}")
    is_in(page)
    assert page.url.partition("#")[0] == f"{public}/"
