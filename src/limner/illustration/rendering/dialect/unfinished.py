"""How far a message's text is for readers."""

from limner.illustration.model.message import Message, Role
from limner.illustration.model.slot import Slot
from limner.prompts import open_tag


def told_end(message: Message) -> int:
    """Where the text for readers ends: before a tag that the model did not come to finish.

    A model that is stopped by a limit may stop inside of a tag. The text keeps what came of it, as
    the answer may go on; to readers it says nothing. What a person wrote is shown as it is.

    Examples:
        >>> text = 'A fox. <!--img-prompt="a r'
        >>> text[: told_end(Message(id="m", text=text))]
        'A fox. '
    """
    text = message.text
    if message.role is Role.USER:
        return len(text)
    behind = max((slot.tag.end for slot in message.slots), default=0)
    return len(text) - len(open_tag(text, start=behind))


def told_pieces(message: Message) -> list[str | Slot]:
    """The pieces of a message that readers see; a message's own are all of it.

    Examples:
        >>> told_pieces(Message(id="m", text='A fox. <!--img-prompt="a r'))
        ['A fox. ']
    """
    pieces = list(message.pieces())
    unseen = len(message.text) - told_end(message)
    if unseen and isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1][:-unseen]
    return [piece for piece in pieces if piece != ""]
