"""Who may do what, where users have their conversations to themselves.

An admin may do everything. Everybody else sees and changes their own conversations, with the
messages and pictures in them; what is of others is not there for them. What is not named here is
an admin's: a new route is closed until somebody has thought of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from limner.server.api.error_form import error_answer
from limner.server.api.fields import ID
from limner.server.api.found import ADMIN, OWNER
from limner.server.proxy.picture_id import PictureId
from limner.storage import Library
from limner.uninterrupted import uninterrupted


class Kind(Enum):
    """What a request is about."""

    ANYBODY = "anybody"
    """Nothing of anybody's, or only what is of whoever asks."""
    CHAT = "chat"
    MESSAGE = "message"
    PICTURE = "picture"
    ADMIN = "admin"
    """Everybody's."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about, and its id."""

    kind: Kind
    id: str = ""


_ABOUT = (
    (Kind.CHAT, re.compile(r"/api/chats/([^/]+)(?:/.*)?")),
    (Kind.MESSAGE, re.compile(r"/api/messages/([^/]+)(?:/.*)?")),
    (Kind.MESSAGE, re.compile(r"/api/slots/([^/]+)/.*")),
    (Kind.PICTURE, re.compile(r"(?:/api/pictures/by-id|/picture)/([^/]+)")),
)
# A picture's digest cannot be guessed; lists, the queue and what is changed of the settings are cut
# to what is one's own.
_OPEN = {
    "GET": re.compile(
        r"/openapi\.json|/api/(?:about|chats|search|queue(?:/timeline)?|models|settings|presets(?:/.*)?"
        r"|references(?:/.*)?|pictures/[0-9a-f]{64}(?:/.*)?|pictures/states|pairing/[^/]+)"
    ),
    "POST": re.compile(r"/api/(?:chats|pairing|queue/order|pictures/archive|manuscripts)"),
    "PUT": re.compile(r"/api/references/.+"),
    "PATCH": re.compile(r"/api/settings"),
    "DELETE": re.compile(r"/api/(?:jobs|references)/.+"),
}
_EVENTS = "/api/events"
"""Without ``?chat=`` it tells of all that are one's own."""
_OF_CHAT = frozenset(
    {_EVENTS, "/api/pictures", "/api/pictures/index", "/api/failed", "/api/sessions"}
)
"""Where ``?chat=`` says of which conversation; without it, they tell of all."""


_BEGUN = {
    "POST": re.compile(rf"/api/chats/{ID[1:-1]}/(?:messages|illustrate)"),
    "PATCH": re.compile(rf"/api/chats/{ID[1:-1]}/settings"),
}
"""What may be asked of a conversation that has not begun, and begins it."""
REFUSED = 400
"""The first status of answers that refuse a request."""


def subject_of(method: str, path: str, query: str) -> Subject:
    """What a request is about.

    Args:
        method: The request's.
        path: Below the server's root.
        query: What stands behind the question mark.

    Examples:
        >>> subject_of("GET", "/api/chats/tale/messages", "")
        Subject(kind=<Kind.CHAT: 'chat'>, id='tale')
        >>> subject_of("GET", "/api/events", "chat=tale").id
        'tale'
        >>> subject_of("GET", "/api/events", "").kind, subject_of("POST", "/api/stop", "").kind
        (<Kind.ANYBODY: 'anybody'>, <Kind.ADMIN: 'admin'>)
    """
    method = "GET" if method == "HEAD" else method
    for kind, form in _ABOUT:
        if found := form.fullmatch(path):
            return Subject(kind, found[1])
    if method in _OPEN and _OPEN[method].fullmatch(path):
        return Subject(Kind.ANYBODY)
    chats = parse_qs(query).get("chat", [])
    if path in _OF_CHAT and method == "GET" and len(chats) == 1:
        return Subject(Kind.CHAT, chats[0])
    if path == _EVENTS and method == "GET" and not chats:
        return Subject(Kind.ANYBODY)
    return Subject(Kind.ADMIN)


class Ownership:
    """Lets users do what they may with what is theirs.

    Args:
        app: The API.
        library: Knows whose everything is.
    """

    def __init__(self, app: ASGIApp, *, library: Library) -> None:
        self._app = app
        self._library = library

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http" or scope.get(ADMIN, True):
            await self._app(scope, receive, send)
            return
        query = scope.get("query_string", b"").decode("latin-1")
        subject = subject_of(scope["method"], scope["path"], query)
        if subject.kind is Kind.ADMIN:
            told = (
                "only an admin may do that (limner token add NAME --admin; of those whom a proxy "
                "names, whoever is in serve.admins), or ?chat= is missing"
            )
            await error_answer(403, "not_allowed", told)(scope, receive, send)
        elif subject.kind is Kind.ANYBODY or await self._is_own(subject, scope):
            await self._app(scope, receive, send)
        elif await self._may_begin(subject, scope):
            await self._begin(subject, scope, receive, send)
        else:
            await _not_there(subject)(scope, receive, send)

    async def _may_begin(self, subject: Subject, scope: Scope) -> bool:
        form = _BEGUN.get(scope["method"])
        if form is None or not scope.get(OWNER) or not form.fullmatch(scope["path"]):
            return False
        return not await self._library.chat_owners([subject.id])

    async def _begin(self, subject: Subject, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what begins a conversation, which is none if that is refused.

        It is made now, under this name: of two who begin it at once, one finds it taken.
        """
        await self._library.create_chat(None, id=subject.id, owner=scope[OWNER])
        if not await self._is_own(subject, scope):
            await _not_there(subject)(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and not begun:
                begun = True
                if message["status"] >= REFUSED:  # whoever hears of that looks for nothing there
                    await self._library.drop_empty_chat(subject.id)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            if not begun:
                await uninterrupted(self._library.drop_empty_chat(subject.id))

    async def _is_own(self, subject: Subject, scope: Mapping[str, object]) -> bool:
        owner = scope.get(OWNER)
        if not isinstance(owner, str) or not owner:
            return False
        if subject.kind is Kind.CHAT:
            return (await self._library.chat_owners([subject.id])).get(subject.id) == owner
        message = subject.id
        if subject.kind is Kind.PICTURE:
            read = PictureId.read(message)
            if read is None:
                return False
            message = (await read.whole(self._library.whole_ids)).message_id
        return await self._library.message_owner(message) == owner


def _not_there(subject: Subject) -> ASGIApp:
    told = f"there is no {subject.kind.value} {subject.id[:200]!r}"
    return error_answer(404, "not_found", told)
