"""Errors about one message being illustrated."""

from limner.errors.root import LimnerError


class IllustrationError(LimnerError):
    """Base of the errors about one message being illustrated."""


class MessageBusy(IllustrationError):
    """A manual operation was asked for while the message is still being written.

    Attributes:
        message_id: The message.
    """

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        super().__init__(
            f"message {message_id!r} is still being written; try again when it is finished"
        )


class UnknownSlot(IllustrationError, LookupError):
    """There is no such message, slot or alternative.

    Attributes:
        what: What was looked for.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"there is no {what}")


class BudgetExceeded(IllustrationError):
    """No more pictures may be drawn for now.

    Attributes:
        scope: What is bounded: ``"message"``, ``"hour"``, ``"day"``, ``"all"``.
        limit: How much it allows.
        owner: For whom, if the bound is one owner's.
        resets_in: Seconds until some of it is free again; ``None`` if time does not help.
        unit: Of what: ``"pictures"``, ``"seconds"``, or what is paid with.
        used: How much was used, in that unit.
    """

    def __init__(
        self,
        scope: str,
        limit: float,
        *,
        owner: str | None = None,
        resets_in: float | None = None,
        unit: str = "pictures",
        used: float | None = None,
    ) -> None:
        self.scope = scope
        self.limit = limit
        self.owner = owner
        self.resets_in = resets_in
        self.unit = unit
        self.used = used
        whose = f" of {owner!r}" if owner else ""
        pictures = unit == "pictures"
        one = pictures and limit == 1
        later = f"; the next one in {resets_in:.0f} s" if resets_in is not None else ""
        span = "in all" if scope == "all" else f"per {scope}"
        gone = "" if used is None else f"{used:.6f}".rstrip("0").rstrip(".") + " "
        drawn = "it is drawn" if one else "they are drawn"
        spent = drawn if pictures else f"{gone}of them are used or reserved"
        amount = f"{limit:.6f}".rstrip("0").rstrip(".") + (" picture" if one else f" {unit}")
        most = f"{amount} {span}, and {spent}{later}" if limit else f"no {unit} {span}"
        super().__init__(f"the budget{whose} allows {most}")


class SourceFailed(IllustrationError):
    """The text stopped with an error before its end; what arrived is illustrated and kept.

    Attributes:
        result: The illustrated message (`limner.illustration.Illustrated`), complete but for the
            text that never came. The source's own error is ``__cause__``.
    """

    def __init__(self, result: object, cause: BaseException) -> None:
        self.result = result
        super().__init__(f"the text stopped before its end: {cause}")
