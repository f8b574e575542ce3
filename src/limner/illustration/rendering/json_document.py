"""A conversation as JSON, complete enough to build it again."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol, runtime_checkable

from limner.errors import PictureMissing
from limner.illustration.model.image import Image
from limner.illustration.model.message import Message
from limner.illustration.model.slot import Alternative, Slot

FORMAT, VERSION = "limner-chat", 1

Json = dict[str, Any]


def json_pieces(
    messages: Iterable[Sequence[Message]],
    *,
    chat: Mapping[str, object],
    selected: Mapping[str, int] | None = None,
    embed: bool = False,
) -> Iterator[str]:
    r"""A conversation as one JSON document, in pieces.

    The document is an object::

        {"format": "limner-chat", "version": 1,
         "chat": {…},                       what was handed in: id, title, dates
         "messages": [
           {"id", "role", "owner",
            "selected",                     the variant that is shown
            "answers": [
              {"variant", "text", "state",  the raw text with its tags; complete, cut or writing
               "slots": [
                 {"ordinal", "state", "attempts",
                  "tag": {"prompt", "source", "start", "end", "attributes"},
                  "prompts": {"current", "versions": [
                     {"number", "text", "parent", "source", "feedback"}]},
                  "alternatives": [
                     {"id", "prompt", "version", "request_key", "picture": DIGEST,
                      "width", "height", "seed", "info"}],
                  "selected",               index of the alternative shown, or null
                  "failure": {"kind", "reason"} or null,
                  "pending": [{"attempt", "version", "replaces", "requested_at"}]}]}]}],
         "pictures": {DIGEST: {"media_type", "bytes", "data"}}}

    A digest is the SHA-256 of a picture's bytes in hexadecimal; a library keeps that picture as
    ``pictures/ab/cdef….png`` (or another ending) if the digest begins with ``abcdef``. ``data`` is
    there only if the pictures are embedded: base64; ``missing`` in its place if it cannot be read.
    Readers must ignore fields they do not know; a change that old readers cannot bear gets another
    version.

    Args:
        messages: Each message as all its answers, in order.
        chat: What is known of the conversation.
        selected: The variant that is shown, by message id; by default a message's last.
        embed: Whether the pictures are in the document.

    Raises:
        limner.errors.PictureMissing: A picture's file is gone.

    Examples:
        >>> text = "".join(json_pieces([[Message(id="m", text="Once…")]], chat={"id": "tales"}))
        >>> document = json.loads(text)
        >>> document["messages"][0]["answers"][0]["text"], document["version"]
        ('Once…', 1)
    """
    pictures: dict[str, tuple[Image, int]] = {}
    head = _written({"format": FORMAT, "version": VERSION, "chat": dict(chat)})
    yield f'{head[:-1]}, "messages": ['
    for number, answers in enumerate(messages):
        shown = (selected or {}).get(answers[-1].id, answers[-1].variant)
        yield ",\n" if number else "\n"
        yield _written(_message(answers, shown, pictures))
    yield '\n], "pictures": {'
    for number, digest in enumerate(sorted(pictures)):
        yield ",\n" if number else "\n"
        yield f'"{digest}": {_written(_picture(*pictures[digest], embed=embed))}'
    yield "\n}}\n"


def _written(value: Json) -> str:
    # Half of a surrogate pair, which UTF-8 cannot carry, is written as its escape.
    text = json.dumps(value, ensure_ascii=False, default=str)
    return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text)


def _message(
    answers: Sequence[Message], shown: int, pictures: dict[str, tuple[Image, int]]
) -> Json:
    last = answers[-1]
    return {
        "id": last.id,
        "role": str(last.role),
        "owner": last.owner,
        "selected": shown,
        "answers": [
            {
                "variant": answer.variant,
                "text": answer.text,
                "state": str(answer.state),
                "slots": [_slot(slot, pictures) for slot in answer.slots],
            }
            for answer in answers
        ],
    }


def _slot(slot: Slot, pictures: dict[str, tuple[Image, int]]) -> Json:
    tag, failure = slot.tag, slot.failure
    return {
        "ordinal": slot.id.ordinal,
        "state": str(slot.state),
        "attempts": slot.attempts,
        "tag": {
            "prompt": tag.prompt,
            "source": tag.source,
            "start": tag.start,
            "end": tag.end,
            "attributes": dict(tag.attributes),
        },
        "prompts": {
            "current": slot.prompts.current,
            "versions": [
                {
                    "number": version.number,
                    "text": version.text,
                    "parent": version.parent,
                    "source": str(version.source),
                    "feedback": version.feedback,
                }
                for version in slot.prompts.versions
            ],
        },
        "alternatives": [_alternative(made, pictures) for made in slot.alternatives],
        "selected": slot.selected,
        "failure": {"kind": failure.kind, "reason": failure.reason} if failure else None,
        "pending": [
            {
                "attempt": drawing.attempt,
                "version": drawing.version,
                "replaces": drawing.replaces,
                "requested_at": drawing.requested_at,
            }
            for drawing in slot.pending
        ],
    }


def _alternative(made: Alternative, pictures: dict[str, tuple[Image, int]]) -> Json:
    image = made.image
    digest, size = _fingerprint(image)
    pictures.setdefault(digest, (image, size))
    return {
        "id": made.id,
        "prompt": made.prompt,
        "version": made.version,
        "request_key": made.request_key,
        "picture": digest,
        "width": image.width,
        "height": image.height,
        "seed": image.seed,
        "info": dict(image.info),
    }


@runtime_checkable
class _Fingerprinted(Protocol):
    """A picture that lies in a store, which knows these without reading it."""

    @property
    def digest(self) -> str: ...

    @property
    def size(self) -> int: ...


def _fingerprint(image: Image) -> tuple[str, int]:
    """The picture's digest and size; a kept picture knows them without being read."""
    if isinstance(image, _Fingerprinted):
        return image.digest, image.size
    data = image.data
    return sha256(data).hexdigest(), len(data)


def _picture(image: Image, size: int, *, embed: bool) -> Json:
    facts: Json = {"media_type": image.media_type, "bytes": size}
    if not embed:
        return facts
    try:
        return {**facts, "data": b64encode(image.data).decode("ascii")}
    except PictureMissing:
        return {**facts, "missing": True}
