"""The event that shows a picture, among the others of a stream."""

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
