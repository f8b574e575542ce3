"""Which tickets were given out for the pictures of a choice, and which a reader has seen."""

from collections.abc import Mapping

from limner.server.proxy.pictures.picture_sink import PictureTicket


class IssuedTickets:
    """Knows the pictures of one choice by their tickets.

    Attributes:
        shown: The ordinals of those that the reader was told of.

    Examples:
        >>> tickets = IssuedTickets()
        >>> tickets.issue({3: PictureTicket("a", "http://host/images/a.png")}, promised=False)
        >>> tickets.show(PictureTicket("a", "http://host/images/a.png"))
        >>> tickets.shown, tickets.promised("a")
        ({3}, None)
    """

    def __init__(self) -> None:
        self.shown: set[int] = set()
        self._known: dict[str, int] = {}
        self._promised: dict[str, int] = {}

    def issue(self, tickets: Mapping[int, PictureTicket], *, promised: bool) -> None:
        """These are given out, by ordinal; `promised` are those that have no address yet."""
        known = {ticket.id: ordinal for ordinal, ticket in tickets.items()}
        self._known |= known
        if promised:
            self._promised |= known

    def promised(self, ticket_id: str) -> int | None:
        """The ordinal of a picture that had no address when it was given out."""
        return self._promised.get(ticket_id)

    def show(self, ticket: PictureTicket) -> None:
        """The reader is told of this picture, if it is one of them."""
        ordinal = self._known.get(ticket.id)
        if ordinal is not None:
            self.shown.add(ordinal)
