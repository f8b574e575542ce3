"""Who calls a tool, and what is theirs."""

import hashlib
from dataclasses import dataclass

from starlette.requests import Request

from limner.server.api.error_form import NotFound
from limner.server.api.found import ADMIN, owner_of
from limner.storage import Library

CHAT = "mcp"
"""The conversation of what is asked for without naming one."""
TITLE = "Pictures asked for by tools"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who calls tools.

    Attributes:
        owner: For whom the pictures are, for fair turns and budgets; ``None``: nobody's.
        admin: Whether everybody's conversations are theirs.

    Examples:
        >>> Caller().chat, Caller(owner="anna", admin=False).chat
        ('mcp', 'mcp-55579b557896d0ce')
    """

    owner: str | None = None
    admin: bool = True

    @classmethod
    def of(cls, request: Request) -> "Caller":
        """Whoever sent a request that has come past the guard."""
        return cls(owner=owner_of(request), admin=bool(request.scope.get(ADMIN, True)))

    @property
    def chat(self) -> str:
        """The conversation of what they ask for without naming one: each owner has another one."""
        if self.owner is None:
            return CHAT
        return f"{CHAT}-{hashlib.sha256(self.owner.encode()).hexdigest()[:16]}"

    def owns(self, owner: str | None) -> bool:
        """Whether what is this owner's is theirs, too."""
        return self.admin or (self.owner is not None and owner == self.owner)


async def chat_to_write(library: Library, caller: Caller, chat_id: str | None) -> str:
    """The conversation that something new comes into; one that is not there is begun.

    Raises:
        NotFound: It is another owner's, deleted or not.
    """
    name = chat_id or caller.chat
    if name not in await library.chat_owners([name]):
        await library.create_chat(None if chat_id else TITLE, id=name, owner=caller.owner)
    if not caller.owns((await library.chat_owners([name])).get(name)):
        raise NotFound(f"chat {name!r}")
    return name


async def check_chat(library: Library, caller: Caller, chat_id: str) -> None:
    """Make sure that a conversation is there, and theirs.

    Raises:
        NotFound: It is not.
    """
    owners = await library.chat_owners([chat_id])
    if chat_id not in owners or not caller.owns(owners[chat_id]):
        raise NotFound(f"chat {chat_id!r}")


async def check_message(library: Library, caller: Caller, message_id: str) -> None:
    """Make sure that a message is theirs; one that is not there is nobody's.

    Raises:
        NotFound: It is not.
    """
    if not caller.owns(await library.message_owner(message_id)):
        raise NotFound(f"message {message_id!r}")
