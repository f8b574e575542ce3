"""A server's "no": what came with it, whom it met, and what follows from it."""

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A server's "no".

    Attributes:
        words: What it said, in few words.
        promised: Tries of a picture that is refused while others are drawn.
        many: Whether it was refused as one too many; else the server is not there, it seems.
        beyond: Whether more were under way than the server was ever seen to bear at once.
        trial: Whether that was tried although as many had been refused before.
        tried: Whether it was one more than a window allows, sent to see whether that still holds.
        full: Whether a window that is known, or suspected, allowed no more when it was sent.
        wait: Seconds after which the server wants to be asked again; ``None``: it did not say.
        answered: Whether it was an answer, if only of what stands before the server.
        seen_away: Whether a look at the server, without drawing, found nobody.
    """

    words: str
    promised: int
    many: bool = False
    beyond: bool = False
    trial: bool = False
    tried: bool = False
    full: bool = False
    wait: float | None = None
    answered: bool = True
    seen_away: bool = False


@dataclass(slots=True)
class RefusedPicture:
    """What is known of a picture that was refused.

    Attributes:
        first: When it was refused first.
        sent: When it had been sent that time, or shortly before it was refused if that was later;
            ``None``: it is to be judged anew.
        tries: How often it was refused.
        asked: How often in this stretch; trials of what the server bears are none.
        full: Whether in this stretch a window was full, as far as is known, when it was sent.
        counted: How often in a row without the server refusing others.
        own: Whether it was refused again after others were drawn that were sent no earlier.
        relapses: How often it was refused while the server seemed away, and was then back.
        again_at: When it is tried again; who asks sooner has not been tried for it.
        words: What the server said.
        refused_at: When it was refused last.
        told_until: When the server said then that it should come back.
    """

    first: float
    sent: float | None = None
    tries: int = 0
    asked: int = 0
    full: bool = False
    counted: int = 0
    own: bool = False
    relapses: int = 0
    again_at: float = 0.0
    words: str = ""
    refused_at: float = 0.0
    told_until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows from a refusal.

    Attributes:
        delay: Seconds until the picture is tried again; ``None``: it has failed.
        shared: Whether it is the server's, as far as is known, and is to be learnt from.
        behind: Those before whom all others that wait are to ask, who asked last at the end.
        beyond: Whether it was refused because too many were under way.
    """

    delay: float | None
    shared: bool
    behind: tuple[Hashable, ...] = ()
    beyond: bool = False
