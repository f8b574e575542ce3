"""What a library remembers of a command that illustrates: enough to finish it later."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner.backends.manuscripts import Manuscript
from limner.cli.shared.output import Output
from limner.cli.story.imprint import Imprint
from limner.cli.story.looks import Looks

if TYPE_CHECKING:
    from limner.storage import Library

PREFIX = "illustrate/"
"""How the names of these settings begin; the message's id follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """A command that illustrates and has not written its result yet.

    Attributes:
        message_id: The message it makes.
        path: Where the result goes, as an absolute path; ``None`` is standard output.
        format: The result's format.
        source: What names the files the text comes from; ``None`` if it comes from standard input
            or a model.
        encoding: What the files' characters are coded in, if that was said.
        conversation: The chat that is meant, of a file of several.
        title: What to call the result if the text has no heading.
        imprint: What is said of the result before what the text says.
        backend: What draws; ``None`` if that cannot be kept, because a password stands in it.
        width: Of the pictures, in pixels.
        height: Of the pictures, in pixels.
        seed: Makes the pictures repeatable.
        looks: What they look like.
        patterns: Tag patterns in place of the defaults.
        formers: Which answers of the message the text was before it was edited, the newest first,
            and the ordinals in each of pictures that are drawn otherwise now.
        redrawn: The ordinals of tags that get another picture all the same.
        begun_at: In seconds since the epoch.
    """

    message_id: str
    path: str | None
    format: str
    source: str | None = None
    encoding: str | None = None
    conversation: str | None = None
    title: str | None = None
    imprint: Imprint = field(default_factory=Imprint)
    backend: str | None = None
    width: int = 768
    height: int = 512
    seed: int | None = None
    looks: Looks = field(default_factory=Looks)
    patterns: Sequence[str] | None = None
    formers: Sequence[tuple[int, Sequence[int]]] = ()
    redrawn: Sequence[int] = ()
    begun_at: float = 0.0

    @property
    def manuscript(self) -> Manuscript | None:
        """What the text is read from, if from files."""
        if self.source is None:
            return None
        return Manuscript(
            files=self.imprint.files or (self.source,),
            encoding=self.encoding,
            conversation=self.conversation,
        )

    @property
    def output(self) -> Output:
        """The place of the result."""
        return Output(Path(self.path) if self.path is not None else None, self.format)


async def remember(library: "Library", run: KeptRun) -> None:
    """Keep how a message is being illustrated."""
    fields = {**asdict(run), "imprint": run.imprint.kept(), "looks": run.looks.kept()}
    del fields["message_id"]
    await library.set_setting(PREFIX + run.message_id, fields)


async def forget(library: "Library", message_id: str) -> None:
    """There is nothing left to finish."""
    await library.delete_setting(PREFIX + message_id)


async def remembered(library: "Library") -> list[KeptRun]:
    """The commands that have not written their result, in the order in which they began."""
    settings = await library.settings()
    found = [
        _read(name.removeprefix(PREFIX), value)
        for name, value in settings.items()
        if name.startswith(PREFIX)
    ]
    return sorted(found, key=lambda run: (run.begun_at, run.message_id))


def _read(message_id: str, value: dict[str, Any]) -> KeptRun:
    known = {name: value[name] for name in KeptRun.__slots__ if name in value}
    known["imprint"] = Imprint.read(known.get("imprint"))
    known["looks"] = Looks.read(known.get("looks"))
    if value.get("former") is not None:  # limner 0.1 knew of the last answer alone
        known.setdefault("formers", [(value["former"], value.get("changed", ()))])
    return KeptRun(**{"path": None, "format": "html", **known, "message_id": message_id})
