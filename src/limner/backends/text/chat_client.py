"""What the clients of model servers have in common: a stream of events, read as text."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias

from limner.backends.http.error_body import one_line
from limner.backends.text.events import ChatEvent, Finish, TextDelta
from limner.closing import Closing
from limner.errors import ContentRefused

ChatMessage: TypeAlias = Mapping[str, Any]
"""One message of a conversation, as OpenAI's protocol has it: ``role``, ``content``, …"""

LISTED = 10
"""Models named in the message about one the server does not know."""


class ChatClient(Closing, ABC):
    """Streams answers from one model server; also a `limner.illustration.TextModel`.

    A kind of server says how its answers become events (`events`) and what models it has
    (`models`). One client may stream any number of answers, also at the same time. A stream that
    is closed or cancelled closes its connection, which is how these servers are told to stop.

    Args:
        model: The model to ask. ``None``: the first the server has.
    """

    def __init__(self, model: str | None) -> None:
        self._model = model

    def __repr__(self) -> str:
        model = f", model={self._model!r}" if self._model else ""
        return f"{type(self).__name__}({self.server!r}{model})"

    @property
    @abstractmethod
    def server(self) -> str:
        """The server's address, without anything secret."""

    @abstractmethod
    async def models(self) -> list[str]:
        """The names of the models the server offers, in its order.

        Raises:
            BackendError: It cannot be reached, or refuses.
        """

    @abstractmethod
    def events(
        self,
        messages: str | Sequence[ChatMessage],
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> AsyncGenerator[ChatEvent, None]:
        """The answer as events: `TextDelta`, `ReasoningDelta`, `Finish`, `Usage`.

        Arguments and errors are those of `stream`, except that a `Finish` whose reason is
        ``"content_filter"`` is an event here.
        """

    async def stream(
        self,
        messages: str | Sequence[ChatMessage],
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> AsyncGenerator[str, None]:
        """The answer's text, piece by piece, as the model writes it.

        Nothing is sent before the first piece is asked for. Close it (``aclose``, or
        `contextlib.aclosing`) when you stop early.

        Args:
            messages: The conversation, or a prompt that becomes one message of the user.
            extra: Request fields that are sent as they are, whatever their names.
            headers: More headers for this request.
            **options: ``temperature``, ``max_tokens``, ``seed``, … by the names that OpenAI or the
                server itself gives them; they go before the client's. ``None`` leaves one out.

        Yields:
            Text as it arrives; never empty. Reasoning and tool calls are left out.

        Raises:
            BackendError: Which one tells whose fault it is: `BackendUnavailable`,
                `BackendRejected`, `BackendBusy`, `BackendTimeout`, `ContentRefused`, and
                `StreamCut` if the answer ended too early. What had arrived was given out before.
        """
        told = self.events(messages, extra=extra, headers=headers, **options)
        async with aclosing(told) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    yield event.text
                elif event == Finish("content_filter"):
                    raise ContentRefused(
                        f"the content filter of {self.server} stopped the answer",
                        server=self.server,
                    )

    async def complete(
        self,
        messages: str | Sequence[ChatMessage],
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> str:
        """The whole answer's text; arguments and errors are those of `stream`."""
        told = self.stream(messages, extra=extra, headers=headers, **options)
        async with aclosing(told) as stream:
            return "".join([piece async for piece in stream])


def conversation(messages: str | Sequence[ChatMessage]) -> list[ChatMessage]:
    """The messages of a conversation; a prompt becomes one message of the user."""
    return [{"role": "user", "content": messages}] if isinstance(messages, str) else [*messages]


def offered(models: Sequence[str]) -> str:
    """What a server offers, in words, for the message about a model it does not have.

    Examples:
        >>> offered(["tiny"]), offered([])
        ('it offers: tiny', 'it offers: none')
    """
    more = f" and {len(models) - LISTED} more" if len(models) > LISTED else ""
    return one_line(f"it offers: {', '.join(models[:LISTED]) or 'none'}{more}")
