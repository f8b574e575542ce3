"""The operations that people ask for on a message: held, let go, counted, dropped."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from pydantic import Field

from limner.server.api.error_form import MessagePaused
from limner.server.api.fields import MessageId
from limner.server.api.found import the_message
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema
from limner.server.services import Services


class OperationsView(Schema):
    """The operations on a message at this moment."""

    paused: bool = Field(description="Whether none begins; requests for one are refused then.")
    length: int = Field(description="How many wait for their turn.")


class ClearedView(OperationsView):
    """The operations on a message, after those that waited were dropped."""

    dropped: int = Field(description="How many that were.")


def open_message(services: Services) -> Callable[[str], Awaitable[None]]:
    """What routes depend on that change a message: that its operations are not held.

    A request that waited would look like one that hangs; so it is refused at once.
    """

    async def check(message_id: MessageId) -> None:
        if services.illustrator.operations.paused(message_id):
            raise MessagePaused(message_id)

    return check


class OperationRoutes:
    """Steers the operations on one message.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._operations = services.illustrator.operations

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "messages")
        path = "/messages/{message_id}/operations"
        api.get(path)(self.get_operations)
        api.post(f"{path}/pause")(self.pause_operations)
        api.post(f"{path}/resume")(self.resume_operations)
        api.post(f"{path}/clear")(self.clear_operations)

    async def get_operations(self, message_id: MessageId) -> OperationsView:
        """Whether changes of its pictures are held, and how many wait."""
        await the_message(self._services, message_id)
        return self._view(message_id)

    async def pause_operations(self, message_id: MessageId) -> OperationsView:
        """Let no change of its pictures begin. What is being drawn goes on, and is kept."""
        await the_message(self._services, message_id)
        self._operations.pause(message_id)
        return self._view(message_id)

    async def resume_operations(self, message_id: MessageId) -> OperationsView:
        """Let changes begin again, those that wait in the order in which they came."""
        await the_message(self._services, message_id)
        self._operations.resume(message_id)
        return self._view(message_id)

    async def clear_operations(self, message_id: MessageId) -> ClearedView:
        """Drop the changes that wait; whoever waits for one is told so."""
        await the_message(self._services, message_id)
        dropped = self._operations.clear(message_id, reason="dropped by the reader")
        return ClearedView(**self._view(message_id).model_dump(), dropped=dropped)

    def _view(self, message_id: str) -> OperationsView:
        return OperationsView(
            paused=self._operations.paused(message_id), length=self._operations.length(message_id)
        )
