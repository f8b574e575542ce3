"""Pictures in chat completions as bytes and back: pure.

Sources: https://openrouter.ai/docs/guides/overview/multimodal/image-generation and
https://vercel.com/docs/ai-gateway/openai-compat/image-generation, November 2026: a request with
``modalities``, an answer whose message (streamed: whose delta) has ``images``. Gateways that put
the picture into the text, or into parts of the content, are read as well.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from limner.backends.images.chat_image.options import ChatImageOptions
from limner.backends.images.support.extra import with_extra
from limner.backends.images.support.references import Reference
from limner.illustration.model.image import ImageRequest

SHAPES = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
FILTERED = ("content_filter", "safety", "image_safety", "prohibited_content", "recitation")
"""How a filter's no is told in ``finish_reason`` or ``native_finish_reason``."""

LONGEST_WORDS = 2000
_IN_TEXT = re.compile(r"!\[[^\]]{0,500}\]\((data:image/[^)\s]+|https?://[^)\s]+)\)")


def shape_of(width: int, height: int) -> str:
    """The shape that models know which is most like a size.

    Examples:
        >>> shape_of(768, 512), shape_of(1024, 1000)
        ('3:2', '1:1')
    """

    def distance(shape: str) -> float:
        wide, _, high = shape.partition(":")
        return abs(log(int(wide) / int(high) / (width / height)))

    return min(SHAPES, key=distance)


def payload(
    request: ImageRequest,
    options: ChatImageOptions,
    *,
    references: Sequence[Reference] = (),
    count_cost: bool = False,
) -> dict[str, Any]:
    """The body of a chat completion that is to give a picture.

    Args:
        request: What to draw.
        options: How.
        references: Pictures to be shown beside the words.
        count_cost: Whether to ask for what it costs; OpenRouter tells it then.
    """
    body: dict[str, Any] = {
        "model": options.model,
        "messages": [{"role": "user", "content": _content(request, options, references)}],
        "modalities": ["image", "text"] if options.text else ["image"],
        "stream": options.stream,
    }
    if request.seed is not None:
        body["seed"] = request.seed % (1 << 31)
    if options.shape == "image_config":
        config = {"aspect_ratio": shape_of(request.width, request.height)}
        body["image_config"] = config | (
            {"image_size": options.image_size} if options.image_size else {}
        )
    if count_cost:
        body["usage"] = {"include": True}
    return with_extra(body, options.extra)


def _content(
    request: ImageRequest, options: ChatImageOptions, references: Sequence[Reference]
) -> str | list[dict[str, Any]]:
    words = _words(request, options)
    if not references:
        return words
    shown = [{"type": "image_url", "image_url": {"url": one.data_uri}} for one in references]
    return [{"type": "text", "text": words}, *shown]


def _words(request: ImageRequest, options: ChatImageOptions) -> str:
    negative = ", ".join(p for p in (request.negative_prompt, options.negative_prompt) if p.strip())
    lines = [options.instructions.strip(), request.prompt]
    if negative:
        lines.append(f"It does not show: {negative}.")
    if options.shape == "words":
        lines.append(f"Its shape is {shape_of(request.width, request.height)}, width to height.")
    return "\n".join(line for line in lines if line)


@dataclass(slots=True)
class ChatPicture:
    """What has come of an answer so far.

    Attributes:
        places: Where its pictures are, in the order in which they came: URLs or ``data:`` URIs.
        words: What the model wrote.
        reasons: Why it stopped.
        cost: What it cost, in dollars, if the gateway tells.
        model: Who drew.
    """

    places: list[str]
    words: str = ""
    reasons: tuple[str, ...] = ()
    cost: float | None = None
    model: str = ""

    @classmethod
    def empty(cls) -> "ChatPicture":
        """Nothing yet."""
        return cls(places=[])

    def add(self, told: Mapping[str, Any]) -> list[str]:
        """Take in a chunk, or a whole answer; gives the pictures in it.

        Examples:
            >>> came = ChatPicture.empty()
            >>> image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aa=="}}
            >>> came.add({"choices": [{"message": {"images": [image], "content": "Here!"}}]})
            ['data:image/png;base64,aa==']
            >>> came.words
            'Here!'
        """
        choices = told.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        new: list[str] = []
        if isinstance(choice, dict):
            for name in ("message", "delta"):
                if isinstance(part := choice.get(name), dict):
                    new += [*_images(part.get("images")), *self._content(part.get("content"))]
            told_why = (choice.get("finish_reason"), choice.get("native_finish_reason"))
            self.reasons += tuple(why.lower() for why in told_why if isinstance(why, str))
        usage = told.get("usage")
        cost = usage.get("cost") if isinstance(usage, dict) else None
        self.cost = float(cost) if isinstance(cost, int | float) and cost >= 0 else self.cost
        self.model = told["model"][:200] if isinstance(told.get("model"), str) else self.model
        new = [place for place in new if place not in self.places]
        self.places += new
        return new

    @property
    def filtered(self) -> bool:
        """Whether a content filter said no."""
        return any(reason in FILTERED for reason in self.reasons)

    @property
    def place(self) -> str | None:
        """Where the picture is: the last that came, else one in the text."""
        if self.places:
            return self.places[-1]
        found = _IN_TEXT.findall(self.words)
        return str(found[-1]) if found else None

    def _content(self, content: object) -> Iterator[str]:
        if isinstance(content, str):
            self.words += content
        elif isinstance(content, list):
            yield from _images(content)
            for part in content:
                if isinstance(part, dict) and isinstance(part.get("text"), str):
                    self.words += part["text"]


def _images(value: object) -> Iterator[str]:
    for image in value if isinstance(value, list) else ():
        place = image.get("image_url") if isinstance(image, dict) else None
        url = place.get("url") if isinstance(place, dict) else place
        if isinstance(url, str) and url:
            yield url
