"""The events that show pictures, among the others of a stream."""

from collections.abc import Callable, Sequence

from limner.server.proxy.pictures.picture_sink import PictureTicket


class PictureChunk(bytes):
    """The event that shows a picture.

    Attributes:
        ticket: The picture.
    """

    ticket: PictureTicket

    @classmethod
    def of(cls, data: bytes, ticket: PictureTicket) -> "PictureChunk":
        """The event with these bytes."""
        made = cls(data)
        made.ticket = ticket
        return made

    def placed(self, ticket: PictureTicket) -> "PictureChunk":
        """The event that shows the picture at its address, where it had none yet."""
        if ticket is self.ticket:
            return self
        made = self.ticket.moved(self, ticket)
        return PictureChunk.of(made, ticket)


class RepeatedChunk(bytes):
    """An event that says again what was said, pictures included.

    Attributes:
        tickets: All pictures that were said.
    """

    tickets: Sequence[PictureTicket]

    @classmethod
    def of(cls, data: bytes, tickets: Sequence[PictureTicket]) -> "RepeatedChunk":
        """The event with these bytes."""
        made = cls(data)
        made.tickets = tickets
        return made

    def placed(self, find: Callable[[PictureTicket], PictureTicket]) -> bytes:
        """The event with each picture at the address that is found for it."""
        made: bytes = self
        for ticket in self.tickets:
            if (to := find(ticket)) is not ticket:
                made = ticket.moved(made, to)
        return made


SHOWING = (PictureChunk, RepeatedChunk)
"""Events in which pictures have addresses."""
