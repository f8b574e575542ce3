"""How the pictures of an answer come into it, and why they do not."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from limner.server.proxy.instruction import Instruction
from limner.server.proxy.proposer import Proposer


class Mode(StrEnum):
    """Where a picture goes, and when."""

    INLINE = "inline"
    """In the place of its tag, at once; whoever loads it waits until it is drawn."""
    APPEND = "append"
    """All pictures after the text, at once."""
    HOLD = "hold"
    """In the place of its tag, when it is drawn; the text behind it waits."""
    QUIET = "quiet"
    """Nowhere: the answer passes untouched, and the model is shown its own tags."""
    OFF = "off"
    """Nowhere: the answer passes untouched."""


class Unstreamed(StrEnum):
    """What becomes of answers that are not streamed and look like chats otherwise."""

    AUTO = "auto"
    """They are illustrated if somebody reads them, as far as the request tells."""
    INLINE = "inline"
    """They are illustrated."""
    OFF = "off"
    """They are not."""


class Reason(StrEnum):
    """Why an answer has no pictures."""

    WISH = "wish"
    """The header or the model's suffix says so."""
    SETTING = "setting"
    """The settings do, and the request does not say otherwise."""
    FORCED_TOOL = "forced-tool"
    """It is to be the call of a tool."""
    RESPONSE_FORMAT = "response-format"
    """It is to be JSON."""
    GRAMMAR = "grammar"
    """It has to keep to a grammar."""
    NO_MESSAGES = "no-messages"
    """The request holds no conversation."""
    SIDE_REQUEST = "side-request"
    """It becomes a title, tags or the like."""
    QUIET = "quiet"
    """The front-end says that nobody is to see it."""
    IMPERSONATION = "impersonation"
    """It is to stand in the user's input, and is theirs."""
    UNSTREAMED = "unstreamed"
    """It is not streamed, as quiet calls are not."""
    COMPLETION = "completion"
    """Its prompt is what an editor has filled in, or several at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompting:
    """Who says which pictures belong into answers, and what a model is told about them.

    Attributes:
        instruction: What a model is told that asks for pictures itself.
        proposer: Says it of an answer that has ended, in the place of its own model, which is told
            nothing then.
        second: Says it where a request wishes so.
    """

    instruction: Instruction = field(default_factory=Instruction)
    proposer: Proposer | None = None
    second: Proposer | None = None

    def proposer_for(self, wish: str | None) -> Proposer | None:
        """Who says which pictures belong into an answer, if that is not its own model.

        Args:
            wish: The request's: ``model`` or ``second``; ``None``: as is chosen.
        """
        if wish == "second":
            return self.second or self.proposer
        return None if wish == "model" else self.proposer


class OwnPrompting(Protocol):
    """Knows the conversations in which something else holds than everywhere."""

    @property
    def known(self) -> bool:
        """Whether there is such a conversation at all."""
        ...

    async def of(self, chat_id: str) -> Prompting | None:
        """What holds in one; ``None``: the same as everywhere, or nobody can tell."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Illustrating:
    """What people chose of how answers are illustrated.

    Attributes:
        mode: How, unless a request says otherwise; ``None``: inline, where nothing speaks against
            pictures.
        on: Whether any is: if not, no wish of a request changes that.
        prompting: Who says which, where nothing else was chosen.
        own: Where something else was.
    """

    mode: Mode | None = None
    on: bool = True
    prompting: Prompting = field(default_factory=Prompting)
    own: OwnPrompting | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """How an answer is illustrated.

    Attributes:
        mode: How.
        reason: Why not, if it is not.
    """

    mode: Mode
    reason: Reason | None = None

    def __str__(self) -> str:
        """As the header ``X-Limner-Mode`` of the answer says it.

        Examples:
            >>> str(Decision(Mode.HOLD)), str(Decision(Mode.OFF, Reason.GRAMMAR))
            ('hold', 'off; reason=grammar')
        """
        return str(self.mode) if self.reason is None else f"{self.mode}; reason={self.reason}"
